"""Settling by which ways somebody hears of what, and trying those ways."""

import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from webapp.errors import BadInput, Refused
from webapp.jobs.news.choices import Event, Way, choice_of, events_for
from webapp.services.mailing.addresses import AddressError, MailAddress
from webapp.services.outgoing.address import Address
from webapp.services.outgoing.errors import AddressRefused
from webapp.store.database import Database
from webapp.store.secrets import SecretBox
from webapp.store.tables import Channel, Delivery, User

TEST: Final = "test"
TITLE: Final = "A test from your desk"
WORKS: Final = "It works: this is where you hear of your jobs."
SHOWN: Final = 20
LONGEST: Final = 2_000
MOST_WAITING: Final = 20  # tests of one user that have not gone out
NO_ADDRESS: Final = "Give an e-mail address or a webhook first, and save it: then there is something to try."
ENOUGH: Final = "Tests that were asked for before are still on their way. See below what becomes of them."
NEEDS: Final = {Way.mail: "To hear by e-mail, say where to.", Way.webhook: "To call a webhook, say which."}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody has entered."""

    ways: Mapping[Event, Collection[Way]]
    mail: str = ""
    webhook: str = ""


def save(database: Database, box: SecretBox, user: User, wanted: Wanted) -> str | None:
    """Keep what somebody has entered.

    Returns:
        The secret that webhooks are signed with from now on, if there is a new one.

    Raises:
        BadInput: an address is none, or is missing.
    """
    mail, webhook = wanted.mail.strip(), wanted.webhook.strip()
    _check(wanted, mail, webhook)
    with database.write() as session:
        choice = choice_of(session, user.id)
        changed = webhook != (choice.webhook or "")
        choice.ways = {event: sorted(ways) for event, ways in wanted.ways.items() if event in events_for(user)}
        choice.mail, choice.webhook = mail or None, webhook or None
        made = new_secret() if webhook and changed else None
        if changed:
            choice.secret = box.lock({"secret": made}) if made else None
        session.add(choice)
    return made


def renew_secret(database: Database, box: SecretBox, user: User) -> str:
    """Another secret for somebody's webhook; the one before is good for nothing any more.

    Raises:
        Refused: they have no webhook.
    """
    made = new_secret()
    with database.write() as session:
        choice = choice_of(session, user.id)
        if choice.webhook is None:
            raise Refused("There is no webhook that a secret would be for. Give its address first.")
        choice.secret = box.lock({"secret": made})
        session.add(choice)
    return made


def try_out(session: Session, user: User) -> None:
    """Send something to each address of somebody.

    Raises:
        Refused: there is none, or tests are under way.
    """
    choice = choice_of(session, user.id)
    addresses = {Channel.mail: choice.mail, Channel.webhook: choice.webhook}
    if not any(addresses.values()):
        raise Refused(NO_ADDRESS)
    open_ = (Delivery.user_id == user.id, Delivery.event == TEST, col(Delivery.ended_at).is_(None))
    if len(session.exec(select(Delivery.id).where(*open_).limit(MOST_WAITING)).all()) >= MOST_WAITING:
        raise Refused(ENOUGH)
    for channel, address in addresses.items():
        if address:
            session.add(
                Delivery(user_id=user.id, channel=channel, address=address, event=TEST, title=TITLE, text=WORKS)
            )


def sent_to(session: Session, user: User) -> Sequence[Delivery]:
    """What was sent to somebody lately, or is to be, newest first."""
    ours = select(Delivery).where(Delivery.user_id == user.id)
    return session.exec(ours.order_by(col(Delivery.id).desc()).limit(SHOWN)).all()


def new_secret() -> str:
    """As https://www.standardwebhooks.com has it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _check(wanted: Wanted, mail: str, webhook: str) -> None:
    problems = {}
    used = {way for ways in wanted.ways.values() for way in ways}
    for way, address in ((Way.mail, mail), (Way.webhook, webhook)):
        if way in used and not address:
            problems[way.value] = NEEDS[way]
    try:
        if mail:
            MailAddress.parse(mail)
    except AddressError as error:
        problems["mail"] = f"The e-mail address {error}."
    try:
        if len(webhook) > LONGEST:
            problems["webhook"] = f"The address is longer than {LONGEST:,} characters."
        elif webhook:
            Address.parse(webhook)
    except AddressRefused as error:
        problems["webhook"] = str(error)
    if problems:
        raise BadInput(problems)
