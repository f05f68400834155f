"""What the tests of the store may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.store.database import Database
from webapp.store.migrate import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database of the newest schema."""
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    migrate(database)
    yield database
    database.close()
