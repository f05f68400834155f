"""A desk is killed again and again while it sends news: a real receiver and a real mail server count what arrives."""

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.mail_server import SLOW, MailSink
from tests.receiver import Heard, Receiver, Reply
from tests.running import RunningDesk
from webapp.jobs.news.settle import new_secret
from webapp.kit import now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.secrets import SecretBox
from webapp.store.tables import Channel, Delivery, Fate, NewsChoice, Role, User

MANY = 60
KILLS = 3
PATIENCE_S = 150


def slowly(_: Heard) -> Reply:
    """Time enough to be killed in the midst of it."""
    time.sleep(0.05)
    return Reply()


def ended(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(Delivery.id).where(col(Delivery.ended_at).is_not(None))).all())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_none_is_lost_and_no_mail_comes_twice_whenever_the_desk_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    sink = MailSink(trouble=lambda verb, _: SLOW if verb == "." else None).start()
    with Receiver(slowly) as receiver:
        values = {"mail_server": sink.address, "mail_from": "desk@example.org", "allowed_hosts": receiver.place}
        if kind == "postgresql":
            values["database_url"] = request.getfixturevalue("postgres_url")
        desks = [RunningDesk(tmp_path / "data", **values).start() for _ in range(2 if kind == "postgresql" else 1)]
        database = Database(Settings(data=tmp_path / "data", **values).database)
        try:
            add_news(desks[0], database, SecretBox(tmp_path / "data" / "secret.key"), f"{receiver.url}/x")
            for _ in range(KILLS):
                time.sleep(1.5)
                desks[0].kill()
                release(database)
                desks[0].start()
            deadline = time.monotonic() + PATIENCE_S
            while ended(database) < 2 * MANY and time.monotonic() < deadline:
                time.sleep(0.5)
            with database.read() as session:
                deliveries = session.exec(select(Delivery)).all()
        finally:
            for desk in desks:
                desk.kill_quietly()
            database.close()
            sink.stop()
        calls = Counter(heard.headers["idempotency-key"] for heard in receiver.heard)
    mails = Counter(str(mail.message["Subject"]) for mail in sink.taken)
    for each in deliveries:
        if each.channel is Channel.webhook:
            assert (each.fate, calls[str(each.id)] >= 1) == (Fate.done, True)
        elif each.fate is Fate.done:
            assert mails[each.title] == 1
        else:
            assert (each.fate, mails[each.title] <= 1) == (Fate.unknown, True)
    assert len(deliveries) == 2 * MANY


def add_news(desk: RunningDesk, database: Database, box: SecretBox, webhook: str) -> None:
    """Much that is to be sent to somebody."""
    desk.add_user("Olga", Role.operator)
    with database.write() as session:
        user = session.exec(select(User).where(User.name == "Olga")).one()
        secret = box.lock({"secret": new_secret()})
        session.add(NewsChoice(user_id=user.id, mail="olga@example.com", webhook=webhook, secret=secret))
        for number in range(MANY):
            for channel, address in ((Channel.mail, "olga@example.com"), (Channel.webhook, webhook)):
                delivery = Delivery(
                    user_id=user.id, channel=channel, address=address, event="well", title="", text="Text."
                )
                delivery.title = f"News {number}"
                session.add(delivery)


def release(database: Database) -> None:
    """Let the time be over for which a dead process holds something: three minutes are long for a test.

    What a desk beside it holds is taken from it as well, as if that one had been frozen.
    """
    held = (col(Delivery.ended_at).is_(None), col(Delivery.fate).in_((Fate.taken, Fate.sending)))
    with database.write() as session:
        session.execute(update(Delivery).where(*held).values(due_at=now() - timedelta(seconds=1)))
