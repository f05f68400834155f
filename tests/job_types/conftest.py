"""What the tests of job types may use."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.job_types.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk of its own, without a server."""
    desk = Desk(tmp_path / "desk")
    yield desk
    desk.close()


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a text to a file as it stands."""

    def write(text: str, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write
