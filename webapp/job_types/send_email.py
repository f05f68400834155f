"""Send e-mails: the built-in job that writes to the person of each row."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

from pydantic import EmailStr, Field

from webapp.authoring import ColumnName, Context, OtherFile, Rejected, Retry, Row, Sight, Skipped, job
from webapp.services.mail import Mail, MailAddress, MailLater, MailService, MessageError, lacks_server, mailer_of
from webapp.services.mailing.attachments import Attachments, AttachmentsService, problem_of
from webapp.services.mailing.letter import Letter, problems_of
from webapp.services.mailing.message import compose
from webapp.services.placeholders import TemplateText
from webapp.services.repeats import RepeatsService
from webapp.settings import Settings

LATER = Retry(attempts=6, on=(MailLater,), first_seconds=60, longest_seconds=3600)
"""Servers that greylist take a mail after some minutes; six tries are spread over an hour or so."""


def what_does_not_fit(given: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    return {**problems_of(given), **problem_of(given["attachment"], given["attachment_in"])}


def what_is_lacking(given: Mapping[str, Any], settings: Settings) -> dict[str, str]:  # noqa: ARG001 (who asks gives it)
    """Without a mail server nobody can be written to."""
    return lacks_server(settings, "to")


def mail_for(row: Row, given: Mapping[str, Any], message_id: str) -> Mail:
    """The mail of a row, with what is attached to it."""
    with Attachments() as attachments:
        attachment = attachments.of_row(given.get("attachment"), given.get("attachment_in"), row)
    return Letter.of(given).for_row(row, message_id, attachment)


def show_mail(row: Row, given: Mapping[str, Any], settings: Settings) -> Sight:
    """The mail of a row as it will look."""
    mail = mail_for(row, given, "preview")
    try:
        compose(mail, mail.recipient).data()  # whatever would stand in the way is said now
    except MessageError as error:
        raise Rejected(str(error)) from error
    facts = [("From", settings.mail_from or "this desk has no mail server yet"), ("To", mail.recipient.text)]
    more = {"Answers to": mail.reply_to.text if mail.reply_to else None, "To unsubscribe": mail.unsubscribe}
    more["Attached"] = ", ".join(f"{each.name} ({len(each.content):,} bytes)" for each in mail.attachments)
    facts += [("Subject", mail.subject), *((name, text) for name, text in more.items() if text)]
    return Sight(tuple(facts), mail.text, mail.html)


def try_mail(row: Row, given: Mapping[str, Any], settings: Settings, to: str) -> str:
    """Send the mail of a row to the operator instead; without the button by which the recipient would unsubscribe."""
    mail = mail_for(row, given, f"trial.{uuid4().hex}")
    mine = replace(mail, recipient=MailAddress.parse(to), subject=f"Trial: {mail.subject}", unsubscribe=None)
    mailer = mailer_of(settings, seconds=15, seconds_after_dot=60)
    try:
        mailer.send(mine, nullcontext)
    except MessageError as error:
        raise Rejected(str(error)) from error
    finally:
        mailer.close()
    return f"The mail to {mail.recipient.text} was sent to {to} instead. Its subject begins with “Trial:”."


@job(
    title="Send e-mails",
    icon="mail",
    queue="mail",
    retry=LATER,
    check=what_does_not_fit,
    needs=what_is_lacking,
    preview=show_mail,
    trial=try_mail,
    confirm_above=50,
)
def send_email(  # noqa: D417, PLR0913 (each is a field of the form, or is handed in by the desk)
    row: Row,
    ctx: Context,
    mailer: MailService,
    repeats: RepeatsService,
    attachments: AttachmentsService,
    *,
    to: Annotated[ColumnName, Field(title="To")],
    subject: Annotated[TemplateText, Field(min_length=1, max_length=200, examples=["Your order {order}"])],
    text: Annotated[TemplateText, Field(min_length=1, max_length=50_000)],
    html: Annotated[TemplateText | None, Field(title="The same as HTML", max_length=50_000)] = None,
    reply_to: Annotated[EmailStr | None, Field(title="Answers go to")] = None,
    unsubscribe: Annotated[TemplateText | None, Field(title="Address to unsubscribe", max_length=200)] = None,
    attachment: Annotated[OtherFile | None, Field(title="Attachment")] = None,
    attachment_in: Annotated[ColumnName | None, Field(title="Column with each row’s attachment")] = None,
    per_minute: Annotated[int | None, Field(title="Mails a minute at most", ge=1, le=10_000)] = None,
    skip_repeats: Annotated[bool, Field(title="One mail to each address")] = True,
) -> None:
    """Write an e-mail to the address in each row.

    Subject and text may name columns of the file in braces: “Dear {name}” becomes “Dear Ada”. Each row gets a mail of
    its own, and its outcome says what the mail server answered. A mail that the server does not take now is tried
    again later by itself; one that it refuses has failed, with the server’s words. If the connection breaks after a
    mail was handed over and before the server has answered, the row is unknown, and you decide.

    Args:
        to: The column with the address; one address in each row.
        subject: Columns in braces, like {name}, stand for the row’s cells.
        text: Columns in braces, like {name}, stand for the row’s cells. Write {{ and }} for braces.
        html: For mail programs that show HTML; the others show the text above. Links have to begin with https://.
        unsubscribe: Where somebody can leave the list, as in https://example.com/leave?who={email}. Mail programs make
            a button of it.
        attachment: One file for all mails, of 10 MB at most; or a ZIP archive with the files for the rows.
        attachment_in: If each row has an attachment of its own: the column with its name in the ZIP archive. Where the
            cell is blank, the mail goes without one.
        per_minute: Some mail servers take only so many. Empty for no limit but that of the desk.
        skip_repeats: A row is skipped if an earlier one has the same address.
    """
    first = repeats.first(to, row[to], ctx.row_number or 0) if skip_repeats else None
    if first is not None:
        raise Skipped(f"row {first} has the same address")
    letter = Letter(to, subject, text, html, reply_to, unsubscribe)
    attached = attachments.of_row(attachment, attachment_in, row)
    mail = letter.for_row(row, f"{ctx.job.id.hex}.{ctx.row_number}", attached)
    if per_minute is not None:
        mailer.pace(per_minute, ctx.wait)
    try:
        mailer.send(mail, ctx.send_once)
    except MessageError as error:
        raise Rejected(str(error)) from error
