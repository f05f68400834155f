"""Sending e-mail through the desk's mail server: `mailer: MailService` in a job's function."""

from collections.abc import Callable, Iterator
from typing import Annotated

from webapp.authoring import Context, Depends, JobError
from webapp.services.mailing.addresses import MailAddress
from webapp.services.mailing.errors import MailLater, MailRefused, MailServerAway, MailServerWrong
from webapp.services.mailing.mailer import SECONDS, SECONDS_AFTER_DOT, Mailer
from webapp.services.mailing.message import Attachment, Mail, MessageError
from webapp.services.mailing.server import MailServer
from webapp.settings import Settings

__all__ = [
    "ALLOWANCE",
    "Attachment",
    "Mail",
    "MailAddress",
    "MailLater",
    "MailRefused",
    "MailServerAway",
    "MailServerWrong",
    "MailService",
    "Mailer",
    "MessageError",
    "lacks_server",
    "mailer_of",
    "open_mailer",
    "use_one",
]

ALLOWANCE = "mail"
"""The name under which the mails of an hour and a day are counted."""

NO_SERVER = (
    "This desk has no mail server, so no mail was sent. Ask an administrator to set BATCHDESK_MAIL_SERVER, "
    "then let the job go on."
)


def lacks_server(settings: Settings, param: str, otherwise: str = "") -> dict[str, str]:
    """What is said of a parameter that needs a mail server, before a job is accepted; nothing if there is one."""
    if settings.mail_server is not None and settings.mail_from is not None:
        return {}
    return {param: f"This desk has no mail server. Ask an administrator to set BATCHDESK_MAIL_SERVER{otherwise}."}


def mailer_of(
    settings: Settings,
    leave: Callable[[], None] | None = None,
    *,
    seconds: float = SECONDS,
    seconds_after_dot: float = SECONDS_AFTER_DOT,
) -> Mailer:
    """The mailer that the settings describe; nothing is opened yet.

    Raises:
        JobError: they name no mail server.
    """
    if settings.mail_server is None or settings.mail_from is None:
        raise JobError(NO_SERVER)
    server, sender = MailServer.parse(settings.mail_server), MailAddress.parse_named(settings.mail_from)
    return Mailer(server, sender, seconds=seconds, seconds_after_dot=seconds_after_dot, leave=leave)


def open_mailer(settings: Settings, ctx: Context) -> Iterator[Mailer]:
    """The desk's mailer for one attempt of a job, within the number of mails that a day and an hour may have."""
    mailer = mailer_of(settings, lambda: use_one(settings, ctx))
    try:
        yield mailer
    finally:
        mailer.close()


def use_one(settings: Settings, ctx: Context) -> None:
    """Use up one of the mails of the hour, and of the day. The hour is taken first: it may be full often in a day.

    Raises:
        ComeBackLater: there is none.
    """
    most, a_day = settings.mails_per_hour, settings.mails_per_day
    full = f"The desk sends {most:,} mails an hour, and those of this hour are used up: the job goes on in the next."
    ctx.use(ALLOWANCE, most, full)
    if a_day is not None:
        full = f"The desk sends {a_day:,} mails a day, and those of today are used up: the job goes on tomorrow."
        ctx.use(ALLOWANCE, a_day, full, "day")


MailService = Annotated[Mailer, Depends(open_mailer)]
