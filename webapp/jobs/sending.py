"""Sending a row elsewhere. That it is being sent is written down before; what became of it, with the next commit.

After a crash in between, a row with a key is sent again with the same key, unless the job ends there. Of any other row
nobody can know: it is counted as unknown, and only people decide whether it is sent again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self

from webapp.authoring import ComeBackLater, NotSent
from webapp.intake import Position
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.lanes import present
from webapp.store.tables import Outcome

BROKE_OFF = "The desk broke off while this row was being sent: nobody can tell whether it arrived."
DOUBTFUL = "Sending this row was begun and did not end well: nobody can tell whether it arrived."


@dataclass(frozen=True, slots=True)
class Intent:
    """Rows about to be sent, as they are written down: with what they are accounted for if nothing more is heard.

    They follow on each other. Several are sent at the same time only with keys, and not if they are tried again.
    """

    entries: tuple[Entry, ...]
    end: Position
    tries: int | None
    """How often the row was tried before, if it is tried again."""
    keyed: bool = False
    """Whether they may be sent again with the same keys."""
    row_key: bytes | None = None
    """The fingerprint of the row's own key, see `jobs.row_keys`; there is one row then."""

    def batch(self) -> Batch:
        """The account of these rows alone: unknown."""
        first = self.entries[0].row
        batch = Batch(first, self.end) if self.tries is None else Batch.of_again()
        if batch.again is not None and self.tries is not None:
            batch.again[first] = self.tries
        for entry in self.entries:
            batch.add(entry)
        if self.row_key is not None:
            batch.keys[first] = self.row_key
        return batch

    def to_json(self) -> dict[str, Any]:
        """The intent as JSON values."""
        entries = [entry.to_json() for entry in self.entries]
        told = {"entries": entries, "end": self.end.to_json(), "tries": self.tries, "keyed": self.keyed}
        return told if self.row_key is None else {**told, "row_key": self.row_key.hex()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The intent that `to_json` wrote, or an earlier Batchdesk, for which it was one row."""
        entries = data["entries"] if "entries" in data else [data["entry"]]
        end = Position.from_json(data["end"])
        row_key = bytes.fromhex(data["row_key"]) if "row_key" in data else None
        return cls(tuple(map(Entry.from_json, entries)), end, data["tries"], data["keyed"], row_key)

    @classmethod
    def of(cls, batch: Batch, first: int, last: int | None = None, *, keyed: bool) -> Self:
        """The intent to send a row of this batch, or those up to `last`."""
        rows = range(first, (last or first) + 1)
        entries = tuple(batch.entry(row, Outcome.unknown, BROKE_OFF, code="broke_off") for row in rows)
        return cls(entries, batch.after(rows[-1]), (batch.again or {}).get(first), keyed, batch.keys.get(first))


class WriteDown(Protocol):
    """Commits all rows before a row, and that it is being sent; not the latter if `keyed` is None."""

    def __call__(self, row: int, *, keyed: bool | None) -> None: ...


class Sending:
    """Whether the present row is being sent, or was."""

    def __init__(self) -> None:
        self.begun = False
        """Whether the row may have left the desk, and nobody can ask."""
        self.unsent = False
        """Whether it was about to leave, and certainly did not."""
        self._keyed = False
        self._row = 0
        self._write_down: WriteDown | None = None

    def begin_rows(self, write_down: WriteDown) -> None:
        """The job is called for each row from now on."""
        self._write_down = write_down

    def begin_row(self, row: int) -> None:
        """A new row."""
        self._row = row
        self.begun = self.unsent = self._keyed = False

    def settle(self) -> None:
        """Write down the rows before this one, if it is not being sent itself.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        if present.get() is None and self._write_down is not None and not self._keyed and not self.begun:
            self._write_down(self._row, keyed=None)

    def with_key(self) -> None:
        """The row is about to be sent with a key.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        lane = present.get()
        if lane is not None:
            lane.begun = True  # that was written down before all lanes began
        elif self._write_down is not None and not self._keyed and not self.begun:
            self._write_down(self._row, keyed=True)
            self._keyed = True

    @contextmanager
    def once(self) -> Iterator[None]:
        """See `authoring.Context.send_once`.

        Raises:
            RuntimeError: there is no row, or it was sent already.
            FenceLostError: the job has a newer claim; the block is not entered.
        """
        if self._write_down is None:
            raise RuntimeError("ctx.send_once() works in jobs that are called for each row")
        if self.begun:
            raise RuntimeError("ctx.send_once() can be entered once for each row")
        self._write_down(self._row, keyed=False)
        self.begun = True
        try:
            yield
        except (NotSent, ComeBackLater):
            self.begun, self.unsent = False, True
            raise
