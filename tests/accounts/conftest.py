"""A real database in a folder of its own, and a clock that we set."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from tests.schema import bring_schema
from webapp import kit
from webapp.accounts import links, sessions
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import User

GOOD = "seven small boats"
HOME = "203.0.113.7"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(Settings(data=tmp_path).database)
    bring_schema(made)
    yield made
    made.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Move the clock of sessions and links forward."""
    moment = [kit.now()]

    def moved() -> datetime:
        return moment[0]

    def move(by: timedelta) -> None:
        moment[0] += by

    monkeypatch.setattr(sessions, "now", moved)
    monkeypatch.setattr(links, "now", moved)
    return move


def disable(database: Database, name: str) -> None:
    with database.write() as session:
        user = session.exec(select(User).where(User.name == name)).one()
        user.active = False
        session.add(user)
