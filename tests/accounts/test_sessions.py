"""Signed-in browsers: how long, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import select

from tests.accounts.conftest import GOOD, HOME, disable
from webapp import accounts
from webapp.accounts import Throttle
from webapp.store.database import Database
from webapp.store.tables import Role, UserSession


def test_a_session_is_found_until_it_is_closed(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret = accounts.open_session(database, ann.id)
    found = accounts.find_session(database, secret)
    assert found is not None
    assert found.name == "Ann"
    accounts.close_session(database, secret)
    assert accounts.find_session(database, secret) is None


def test_the_database_does_not_hold_the_secrets(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    link = accounts.first_link(database)
    secrets = [accounts.open_session(database, ann.id), accounts.create_token(database, "Ann"), link, GOOD]
    with database.engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        kept = str([connection.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables])
    assert all(secret is not None and len(secret) > 10 and secret not in kept for secret in secrets)


def test_a_session_ends_after_twelve_idle_hours(database: Database, later: Callable[[timedelta], None]) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret = accounts.open_session(database, ann.id)
    for _ in range(3):
        later(timedelta(hours=11, minutes=59))
        assert accounts.find_session(database, secret) is not None
    later(timedelta(hours=12, minutes=1))
    assert accounts.find_session(database, secret) is None


def test_a_session_ends_after_seven_days_even_if_used(database: Database, later: Callable[[timedelta], None]) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret = accounts.open_session(database, ann.id)
    for _ in range(15):
        later(timedelta(hours=11))
        assert accounts.find_session(database, secret) is not None
    later(timedelta(hours=4))
    assert accounts.find_session(database, secret) is None


def seen(database: Database) -> list[datetime]:
    with database.read() as session:
        return list(session.exec(select(UserSession.seen_at)))


def test_use_is_noted_at_most_once_a_minute(database: Database, later: Callable[[timedelta], None]) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret = accounts.open_session(database, ann.id)
    first = seen(database)
    later(timedelta(seconds=59))
    accounts.find_session(database, secret)
    assert seen(database) == first
    later(timedelta(seconds=1))
    accounts.find_session(database, secret, note=False)
    assert seen(database) == first
    accounts.find_session(database, secret)
    assert seen(database) == [first[0] + timedelta(minutes=1)]


def test_a_disabled_user_is_out_at_once(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret, token = accounts.open_session(database, ann.id), accounts.create_token(database, "Ann")
    disable(database, "Ann")
    assert accounts.find_session(database, secret) is None
    assert accounts.find_token(database, token) is None


def test_another_password_ends_all_sessions(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    bob = accounts.add_user(database, "Bob", Role.operator, GOOD)
    mine, others = accounts.open_session(database, ann.id), accounts.open_session(database, bob.id)
    accounts.set_password(database, ann.id, "nine tall ships")
    assert accounts.find_session(database, mine) is None
    assert accounts.find_session(database, others) is not None
    assert accounts.authenticate(database, Throttle(), "Ann", GOOD, HOME) is None
    assert accounts.authenticate(database, Throttle(), "Ann", "nine tall ships", HOME) is not None


def test_ended_sessions_are_swept_when_one_opens(database: Database, later: Callable[[timedelta], None]) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    for _ in range(3):
        accounts.open_session(database, ann.id)
    later(timedelta(days=8))
    accounts.open_session(database, ann.id)
    assert len(seen(database)) == 1
