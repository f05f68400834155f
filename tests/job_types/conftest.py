"""What the tests of job types may use."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.elsewhere import Elsewhere
from tests.job_types.desk import Desk


@pytest.fixture
def desk_settings() -> dict[str, Any]:
    """The settings of the desks: what a file of tests needs, it says by a fixture of this name."""
    return {}


@pytest.fixture
def open_desk(tmp_path: Path, desk_settings: dict[str, Any]) -> Iterator[Callable[..., Desk]]:
    """Opens a desk without a server, with further settings; each is another."""
    desks: list[Desk] = []

    def make(**more: Any) -> Desk:
        desks.append(Desk(tmp_path / f"desk{len(desks) or ''}", **desk_settings, **more))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A desk of its own, without a server."""
    return open_desk()


@pytest.fixture
def crm(postgres_url: str) -> Iterator[Elsewhere]:
    """A database of somebody else's in PostgreSQL."""
    elsewhere = Elsewhere(postgres_url)
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Elsewhere]:
    """A database of somebody else's in SQLite."""
    elsewhere = Elsewhere(f"sqlite:///{tmp_path / 'shop.db'}")
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a text to a file as it stands."""

    def write(text: str, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write
