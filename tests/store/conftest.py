"""What the tests of the store may use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.schema import bring_schema
from webapp.store.database import Database


@pytest.fixture
def database(tmp_path: Path, database_settings: dict[str, Any]) -> Iterator[Database]:
    """An empty database of the newest schema."""
    database = Database(database_settings.get("database_url", f"sqlite:///{tmp_path / 'desk.sqlite3'}"))
    bring_schema(database)
    yield database
    database.close()
