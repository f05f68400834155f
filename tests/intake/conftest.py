"""Files for the reader, written as bytes, and all that was read of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from webapp.intake import BrokenRecord, Position, Reading, read_slices

Write = Callable[[bytes], Path]


@dataclass
class Seen:
    """All records of a file: rows as (row number, line, offset, length, cells), broken ones, and the end."""

    rows: list[tuple[int, int, int, int, list[str]]] = field(default_factory=list)
    broken: list[BrokenRecord] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)

    @property
    def cells(self) -> list[list[str]]:
        return [row[-1] for row in self.rows]

    @property
    def lines(self) -> list[int]:
        return [row[1] for row in self.rows]

    @property
    def faults(self) -> list[tuple[int, str]]:
        """The line and the code of each broken record."""
        return [(record.line, record.code) for record in self.broken]


Read = Callable[..., Seen]


def read_everything(path: Path, reading: Reading, start: Position | None = None, size: int = 256) -> Seen:
    seen = Seen()
    for slice_ in read_slices(path, reading, start, size):
        seen.rows += zip(slice_.rows, slice_.lines, slice_.offsets, slice_.lengths, slice_.cells, strict=True)
        seen.broken += slice_.broken
        seen.positions += [slice_.first, slice_.end]
    return seen


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_bytes(data: bytes) -> Path:
        path = tmp_path / "file.csv"
        path.write_bytes(data)
        return path

    return write_bytes


@pytest.fixture
def read_all() -> Read:
    return read_everything


@pytest.fixture
def reading() -> Callable[..., Reading]:
    """A reading of comma-separated UTF-8 with a header on line 1, for as many columns as asked."""

    def make(width: int, **changes: object) -> Reading:
        values: dict[str, object] = {
            "encoding": "utf-8",
            "delimiter": ",",
            "quote": '"',
            "header_line": 1,
            "data_line": 2,
            "columns": tuple(f"c{place}" for place in range(1, width + 1)),
        }
        return Reading(**{**values, **changes})  # type: ignore[arg-type] # the test names the fields

    return make
