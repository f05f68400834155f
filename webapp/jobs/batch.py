"""A batch: rows whose outcomes are written down together, either a run of them or some that are tried again."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self

from webapp.intake import BrokenRecord, Position, RowProblem, Slice
from webapp.intake.repair_records import PART
from webapp.store.tables import Outcome

MAX_TEXT = 2_000
"""Longest text kept of a cell or a reason: enough to recognise it."""

NOT_DONE = "Row {:,} of this file has the same key, and was refused. Try this one again."


def storable(text: object, longest: int = MAX_TEXT) -> str:
    """Any text as a database can keep it: not too long, and without halves of characters, as odd file names have."""
    return str(text)[:longest].encode(errors="replace").decode()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that is not simply done: what became of it, where it stands, and why."""

    row: int
    outcome: Outcome
    reason: str
    code: str = ""
    line: int | None = None
    offset: int | None = None
    length: int | None = None
    column: str | None = None
    found: str | None = None

    @classmethod
    def rejected(cls, problem: BrokenRecord | RowProblem) -> Self:
        """The entry of a row that did not pass the check."""
        return cls(
            row=problem.row,
            outcome=Outcome.rejected,
            reason=problem.reason,
            code=problem.code,
            line=problem.line,
            offset=problem.offset,
            length=problem.length,
            column=problem.column,
            found=problem.found,
        )

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The entry that `to_json` wrote."""
        return cls(**{**data, "outcome": Outcome(data["outcome"])})


@dataclass(slots=True)
class Batch:
    """The rows from `start` up to, not including, `end.row`. Those without an entry are done.

    If `again` is set, just its rows: they had an outcome that no longer counts.
    """

    start: int
    end: Position
    entries: dict[int, Entry] = field(default_factory=dict)
    slices: list[Slice] = field(default_factory=list)
    """Where the rows came from, to say where one stands; not kept."""
    returned: bool = False
    """The function has returned: there is nothing to call any more, only to end the job."""
    read_all: bool = True
    """If it has: whether it read the table to its end."""
    again: dict[int, int] | None = None
    """Rows that are tried again, and how often each was tried before."""
    others: tuple[Outcome, str] | None = None
    """What became of the rows without an entry, and why, if they are not done."""
    keys: dict[int, bytes] = field(default_factory=dict)
    """Fingerprints of the keys of rows that were run."""
    repeats: dict[int, int] = field(default_factory=dict)
    """Rows that are skipped because a row of this batch with the same key is done; not kept."""

    @classmethod
    def empty(cls) -> Self:
        """No rows, for what a job without a table has written."""
        return cls(1, Position(1, 1, 0))

    @classmethod
    def of_again(cls) -> Self:
        """For rows that are tried again; each slice brings its own."""
        return cls(1, Position(1, 1, 0), again={})

    def take_again(self, slice_: Slice, tries: int) -> None:
        """Take in the one row of a slice, which was tried so often before."""
        self._again()[slice_.first.row] = tries
        self.slices.append(slice_)
        for record in slice_.broken:
            self.add(Entry.rejected(record))

    def take(self, slice_: Slice) -> None:
        """Take in the rows of a slice: broken records are rejected, the others done until something else is said.

        A record that went into the repair of the one before it is skipped.
        """
        self.slices.append(slice_)
        self.end = slice_.end
        for record in slice_.broken:
            self.add(Entry.rejected(record))
        for record in slice_.mended:
            if record.code == PART:
                self.add(replace(Entry.rejected(record), outcome=Outcome.skipped, reason=record.repair_note or ""))

    def cut(self, row: int) -> "Batch":
        """Let this batch end before `row`, one of its last slice; the rest is returned."""
        rest = Batch(row, self.end, slices=self.slices[-1:])
        if self.again is None:
            self.end = _position(self.slices[-1], row)
        else:
            rest.again = {each: self.again.pop(each) for each in sorted(self.again) if each >= row}
            rest.start, rest.end = self.start, self.end
        for later in [entry for entry in self.entries if entry >= row]:
            rest.entries[later] = self.entries.pop(later)
        rest.repeats = {later: self.repeats.pop(later) for later in sorted(self.repeats) if later >= row}
        rest.keys = {later: self.keys.pop(later) for later in sorted(self.keys) if later >= row}
        return rest

    def entry(  # noqa: PLR0913 (the parts of an entry that only the caller knows)
        self,
        row: int,
        outcome: Outcome,
        reason: str,
        *,
        code: str = "",
        column: str | None = None,
        found: str | None = None,
    ) -> Entry:
        """An entry for a row of this batch, with the place where it stands in the file."""
        slice_, i = self._place(row)
        return Entry(
            row=row,
            outcome=outcome,
            reason=storable(reason),
            code=code,
            line=slice_.lines[i],
            offset=slice_.offsets[i],
            length=slice_.lengths[i],
            column=column,
            found=None if found is None else storable(found),
        )

    def cell(self, row: int, position: int) -> str:
        """The text of a good row of this batch in a column."""
        slice_, i = self._place(row)
        return slice_.cells[i][position]

    def after(self, row: int) -> Position:
        """Where the row behind a good row of this batch begins."""
        slice_, _ = self._place(row)
        return _position(slice_, row + 1)

    def _place(self, row: int) -> tuple[Slice, int]:
        for slice_ in self.slices:
            i = bisect_left(slice_.rows, row)
            if i < len(slice_.rows) and slice_.rows[i] == row:
                return slice_, i
        raise LookupError(f"row {row} is not in this batch")

    def add(self, entry: Entry) -> None:
        """Write down what became of a row; its first entry stands."""
        self.entries.setdefault(entry.row, entry)

    def require_firsts(self) -> None:
        """Let those fail that were skipped because of a row that is not done after all: a database has refused it."""
        for row, first in self.repeats.items():
            if first in self.entries:
                reason = NOT_DONE.format(first)
                self.entries[row] = replace(self.entries[row], outcome=Outcome.failed, reason=reason)

    def hide_what_was_found(self) -> None:
        """Keep no cell of the rows."""
        self.entries = {row: replace(entry, found=None) for row, entry in self.entries.items()}

    @property
    def rows(self) -> int:
        """How many rows the batch accounts for."""
        return self.end.row - self.start if self.again is None else len(self.again)

    def keys_done(self) -> dict[int, bytes]:
        """The keys of rows that are done, or may be."""
        wrong = {row for row, entry in self.entries.items() if entry.outcome is not Outcome.unknown}
        return {row: key for row, key in self.keys.items() if row not in wrong}

    def counts(self) -> dict[Outcome, int]:
        """How many rows have each outcome."""
        counts = dict.fromkeys(Outcome, 0)
        for entry in self.entries.values():
            counts[entry.outcome] += 1
        counts[self.others[0] if self.others else Outcome.done] += self.rows - len(self.entries)
        return counts

    def lighten(self) -> None:
        """Keep no cells of the last slice any more, only where its rows stand."""
        last = self.slices[-1]
        places: dict[str, Any] = {
            name: array("q", getattr(last, name)) for name in ("rows", "lines", "offsets", "lengths")
        }
        self.slices[-1] = replace(last, cells=[], broken=[], mended=[], **places)

    def done_ranges(self) -> Iterator[tuple[int, int]]:
        """The runs of rows without an entry, first and last, in order; not of rows that are tried again."""
        first = self.start
        for row in [*sorted(self.entries), self.end.row]:
            if row > first:
                yield first, row - 1
            first = row + 1

    def done_again(self) -> list[int]:
        """The rows that were tried again and are done."""
        return [row for row in self._again() if row not in self.entries]

    def _again(self) -> dict[int, int]:
        if self.again is None:
            raise LookupError("this batch is a run of rows")
        return self.again

    def to_json(self) -> dict[str, Any]:
        """The batch as JSON values, for the marker in the data database."""
        return {
            "start": self.start,
            "end": self.end.to_json(),
            "entries": [entry.to_json() for entry in self.entries.values()],
            "returned": self.returned,
            "read_all": self.read_all,
            "again": None if self.again is None else list(self.again.items()),
            "others": self.others,
            "keys": {row: key.hex() for row, key in self.keys.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The batch that `to_json` wrote."""
        entries = [Entry.from_json(entry) for entry in data["entries"]]
        return cls(
            start=data["start"],
            end=Position.from_json(data["end"]),
            entries={entry.row: entry for entry in entries},
            returned=data["returned"],
            read_all=data["read_all"],
            again=None if data.get("again") is None else dict(data["again"]),
            others=(Outcome(data["others"][0]), data["others"][1]) if data.get("others") else None,
            keys={int(row): bytes.fromhex(key) for row, key in data.get("keys", {}).items()},
        )


def _position(slice_: Slice, row: int) -> Position:
    """Where a row of the slice begins, or the one that follows on it."""
    i = bisect_left(slice_.rows, row)
    if i < len(slice_.rows) and slice_.rows[i] == row:
        return Position(row, slice_.lines[i], slice_.offsets[i])
    records = [*slice_.broken, *slice_.mended]
    places = {record.row: Position(row, record.line, record.offset) for record in records}
    return places.get(row, slice_.end)
