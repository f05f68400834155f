"""Telling somebody by mail: once, or honestly unknown."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from webapp.authoring import JobError, NotSent, Unsure
from webapp.jobs.mails import seconds_to_wait
from webapp.jobs.news import outbox
from webapp.services.mail import Mail, MailAddress, MailLater, MailServerAway, MessageError, mailer_of
from webapp.services.mailing.addresses import AddressError
from webapp.store.tables import Delivery, Fate

if TYPE_CHECKING:
    from webapp.jobs.news.deliver import Outgoing

SECONDS: Final = 10.0
SECONDS_AFTER_DOT: Final = 60.0
SENT: Final = "The mail server has taken it."
NO_SERVER: Final = (
    "This desk has no mail server, so it was not sent. Ask an administrator to set BATCHDESK_MAIL_SERVER."
)
FULL: Final = "The desk’s mails of this hour or day are used up: it is sent in the next."


def send_mail(outgoing: "Outgoing", held: Delivery) -> None:
    """Send a mail that is held, and write down what became of it."""
    database, settings = outgoing.database, outgoing.settings
    if settings.mail_server is None:
        outbox.end(database, held, Fate.failed, NO_SERVER)
        return
    seconds = seconds_to_wait(database, settings)
    if seconds:
        outbox.put_off(database, held, FULL, seconds)
        return
    try:
        _hand_over(outgoing, held)
    except (MailLater, MailServerAway) as error:
        outbox.try_again(database, held, _said(error))
    except Unsure as error:
        outbox.end(database, held, Fate.unknown, _said(error))
    except (NotSent, JobError, MessageError, AddressError) as error:
        outbox.end(database, held, Fate.failed, _said(error))
    else:
        outbox.end(database, held, Fate.done, SENT)


def _hand_over(outgoing: "Outgoing", held: Delivery) -> None:
    mailer = mailer_of(outgoing.settings, seconds=SECONDS, seconds_after_dot=SECONDS_AFTER_DOT)

    def once() -> AbstractContextManager[None]:
        return outbox.sending(outgoing.database, held)

    link = outgoing.link(held)
    text = f"{held.text}\n\n{link}\n" if link else f"{held.text}\n"
    why = "\nYou get this because you asked for it. Change that on your desk, under Notifications.\n"
    try:
        mailer.send(Mail(MailAddress.parse(held.address), held.title, text + why, f"news.{held.id.hex}"), once)
    finally:
        mailer.close()


def _said(error: Exception) -> str:
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
