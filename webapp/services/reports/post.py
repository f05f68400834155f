"""Mailing a report: to each recipient once, whatever breaks off, and in words where that is not certain."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from webapp.authoring import Context, Depends, JobError, Unsure
from webapp.services.mail import (
    Attachment,
    Mail,
    MailAddress,
    Mailer,
    MailLater,
    MailRefused,
    MessageError,
    lacks_server,
    mailer_of,
    use_one,
)
from webapp.services.reports.model import Report
from webapp.services.reports.texts import shown
from webapp.settings import Settings

MOST_BYTES: Final = 15_000_000
"""Of files in a mail: it grows by a third on the way, and most servers take 20 to 25 MB."""
MOST_RECIPIENTS: Final = 20
MOST_LINES: Final = 20
TOO_LARGE: Final = (
    "The report was made, but not mailed: its files have {size:,.0f} MB, and a mail takes {most:,.0f} MB. "
    "Choose fewer formats, or download it here."
)

NO_SERVER: Final = (
    "The report is made, and lies below. Only the mail was not sent: this desk has no mail server. Ask an "
    "administrator to set BATCHDESK_MAIL_SERVER, then let the job go on; or leave “Mail it to” empty."
)


class Post:
    """The mail server as a report uses it. It is asked for when there is something to send, and not before."""

    def __init__(self, settings: Settings, ctx: Context) -> None:
        self._settings = settings
        self._ctx = ctx
        self._mailer: Mailer | None = None

    def send(self, report: Report, files: Sequence[Attachment], recipients: Sequence[str]) -> None:
        """Mail the report to each of them who has not got it.

        Raises:
            MailLater: the server does not take some of it now; the others have been asked for.
            MailServerAway: it can't be reached.
            JobError: the desk has no mail server.
        """
        size = sum(len(each.content) for each in files)
        if size > MOST_BYTES:
            self._ctx.needs_attention(TOO_LARGE.format(size=size / 1e6, most=MOST_BYTES / 1e6))
            return
        said: list[str] = []
        later: MailLater | None = None
        for place, address in enumerate(map(MailAddress.parse, recipients)):
            try:
                said.extend(self._send(self._mail(report, files, address, place), place))
            except MailLater as error:
                later = error
        if later is not None:
            raise later
        if said:
            self._ctx.needs_attention(" ".join(said))

    def close(self) -> None:
        """Give the connection back."""
        if self._mailer is not None:
            self._mailer.close()

    def _send(self, mail: Mail, place: int) -> Iterator[str]:
        """Send a mail unless it was sent before; what there is to say about it."""
        to, what = mail.recipient.text, f"the report to recipient {place + 1}"  # the activity names no address
        became = self._ctx.became_of(what)
        if became is None:
            try:
                self._open().send(mail, lambda: self._ctx.send_once(what))
            except (MailRefused, MessageError) as error:
                yield f"The report was made, but {to} did not get it: {error}."
            except Unsure:
                became = "unknown"
        if became == "unknown":
            yield (
                f"Nobody can tell whether the mail to {to} arrived: it broke off while it was being sent, and is not "
                "sent again by itself. Ask there, or send the files from here."
            )

    def _open(self) -> Mailer:
        if self._mailer is None:
            if self._settings.mail_server is None or self._settings.mail_from is None:
                raise JobError(NO_SERVER)
            self._mailer = mailer_of(self._settings, lambda: use_one(self._settings, self._ctx))
        return self._mailer

    def _mail(self, report: Report, files: Sequence[Attachment], to: MailAddress, place: int) -> Mail:
        subject = ": ".join(dict.fromkeys((report.title, dict(report.facts).get("Time", ""))))
        return Mail(
            to, subject.strip(": "), text_of(report), f"{self._ctx.job.id.hex}.{place}", attachments=tuple(files)
        )


def text_of(report: Report) -> str:
    """What the mail says: what the report is about, and its first figures. The rest is in the files."""
    lines = [report.title, "", *(f"{name}: {text}" for name, text in report.facts)]
    if report.sections:
        first = report.sections[0]
        lines += ["", first.title, *(": ".join(filter(None, map(shown, row[:2]))) for row in first.rows[:MOST_LINES])]
        lines += [first.note] if first.note else []
    return "\n".join([*lines, "", "The report is attached."])


def open_post(settings: Settings, ctx: Context) -> Iterator[Post]:
    """The desk's."""
    post = Post(settings, ctx)
    try:
        yield post
    finally:
        post.close()


PostService = Annotated[Post, Depends(open_post)]


def what_is_lacking(given: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """What can be said of the recipients before the job is accepted."""
    return lacks_server(settings, "mail_to", ", or leave this empty") if given["mail_to"] else {}


def recipients_of(addresses: Sequence[str]) -> list[str]:
    """Each of them once, in order."""
    return list({address.casefold(): address for address in addresses}.values())
