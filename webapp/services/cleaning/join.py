"""Joining a second table to the first, row by row: each gets the cells of the first row there that has its key."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import pysqlite3
from pydantic import BaseModel, Field

from webapp.authoring import ColumnName, JobError, OtherFile
from webapp.intake import IntakeError, Reading, detect, prepare, read_slices
from webapp.services.cleaning.cells import trim

AT_ONCE = 1_000
UNMATCHED = {"keep": "Keep them, with blank cells", "drop": "Leave them out"}


class JoinChoice(BaseModel):
    """A second table whose columns are added to the rows of the first."""

    file: Annotated[OtherFile | None, Field(title="Second file", description="CSV, Excel and the like.")] = None
    on: Annotated[tuple[ColumnName, ...], Field(title="Rows belong together by")] = ()
    their: Annotated[
        tuple[str, ...],
        Field(
            title="Those columns in the second file",
            description="In the same order. Blank if they have the same names there.",
        ),
    ] = ()
    unmatched: Annotated[
        Literal["keep", "drop"], Field(title="Rows without a match", json_schema_extra={"labels": UNMATCHED})
    ] = "keep"

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the columns in the second file."""
        return self.their or self.on

    def problems(self) -> dict[str, str]:
        """What does not go together, by the name of the field."""
        if self.file is None:
            return {"join.file": "Choose the second file."} if self.on or self.their else {}
        if not self.on:
            return {"join.on": "Choose the columns by which rows of the two files belong together."}
        if len(self.keys) != len(self.on):
            return {"join.their": f"Name as many columns as are chosen above: {len(self.on)}."}
        try:
            lacks = set(self.keys) - set(detect(self.file.path).columns)
        except LookupError:  # it was not looked up on a desk
            return {}
        except IntakeError as error:
            return {"join.file": str(error)}
        names = ", ".join(f"“{name}”" for name in sorted(lacks))
        return {"join.their": f"{self.file.name} has no column {names}."} if lacks else {}


class SecondTable:
    """The rows of the second file by their keys, on disk as far as they are many."""

    def __init__(self, name: str, reading: Reading, keys: Sequence[str], rows: pysqlite3.Connection) -> None:
        self.name, self._rows = name, rows
        self._places = [reading.columns.index(key) for key in keys]
        self._others = [place for place in range(len(reading.columns)) if place not in self._places]
        self.columns = tuple(reading.columns[place] for place in self._others)
        self.blank = [""] * len(self._others)
        self.repeated = self.broken = 0

    def fill(self, path: Path, reading: Reading, *, trims: bool) -> None:
        """Take in the rows."""
        self._rows.execute("CREATE TABLE second (key TEXT PRIMARY KEY, cells TEXT) WITHOUT ROWID")
        for slice_ in read_slices(path, reading, size=AT_ONCE):
            self.broken += len(slice_.broken)
            keyed = [(key, self._kept(cells, trims=trims)) for cells in slice_.cells if (key := self._key(cells))]
            before = self._rows.total_changes
            self._rows.executemany("INSERT OR IGNORE INTO second VALUES (?, ?)", keyed)
            self.repeated += len(keyed) - (self._rows.total_changes - before)

    def find(self, cells: Sequence[str]) -> list[str] | None:
        """The cells that belong to a row with these cells in its key's columns; None if there is no such row."""
        key = key_of(cells)
        found = self._rows.execute("SELECT cells FROM second WHERE key = ?", (key,)).fetchone() if key else None
        return None if found is None else list(json.loads(found[0]))

    def said(self) -> list[str]:
        """What the operator should know about it."""
        said = []
        if self.repeated:
            rows = "row has" if self.repeated == 1 else "rows have"
            said.append(f"{self.name}: {self.repeated:,} {rows} a key that came before; the first one counts.")
        if self.broken:
            records = "record" if self.broken == 1 else "records"
            said.append(f"{self.name}: {self.broken:,} {records} could not be read, and were left out.")
        return said

    def _key(self, cells: Sequence[str]) -> str:
        return key_of([cells[place] for place in self._places])

    def _kept(self, cells: Sequence[str], *, trims: bool) -> str:
        kept = [cells[place] for place in self._others]
        return json.dumps([trim(cell) for cell in kept] if trims else kept)


def key_of(cells: Sequence[str]) -> str:
    """The same for cells that are the same but for spaces around them and capitals; "" if all are blank."""
    plain = [" ".join(cell.split()).casefold() for cell in cells]
    return json.dumps(plain) if any(plain) else ""


def added_columns(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns that are added: one that is there already gets a number."""
    taken, added = set(first), []
    for name in second:
        new = next(each for number in count(1) if (each := name if number == 1 else f"{name} ({number})") not in taken)
        taken.add(new)
        added.append(new)
    return tuple(added)


@contextmanager
def open_second(choice: JoinChoice, *, trims: bool) -> Iterator[SecondTable | None]:
    """The second table, if one was chosen.

    Raises:
        JobError: it can't be used.
    """
    if choice.file is None:
        yield None
        return
    with TemporaryDirectory(prefix="batchdesk-join-") as folder, closing(pysqlite3.connect(f"{folder}/rows")) as rows:
        rows.execute("PRAGMA journal_mode = OFF")
        try:
            reading = detect(choice.file.path)
            second = SecondTable(choice.file.name, reading, choice.keys, rows)
            second.fill(prepare(choice.file.path, reading, Path(folder, "text")), reading, trims=trims)
        except IntakeError as error:
            raise JobError(f"{choice.file.name} can’t be used: {error}") from error
        except ValueError as error:
            raise JobError(f"{choice.file.name} lacks a column that it is to be joined by.") from error
        yield second
