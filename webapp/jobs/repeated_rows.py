"""The rows of a job that are not run, because rows with the same keys are done."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.jobs.batch import Batch, Entry
from webapp.jobs.known_rows import CODE, Known, known_rows
from webapp.jobs.row_keys import RowKeys
from webapp.jobs.work import Work
from webapp.store.tables import Outcome


class RepeatedRows:
    """Knows of the rows at hand which are done: in an earlier job, or under the same key in this one."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._keys = RowKeys(work.job_type, work.shop.secrets)
        self._known: Mapping[int, Known] = {}
        self._at_hand: dict[int, bytes] = {}
        self._done: dict[bytes, int] = {}
        self._broken: dict[int, Exception] = {}

    def look(self, good: Sequence[tuple[Any, ...]], batch: Batch) -> None:
        """Look the rows of a slice up; `batch` has rows that are done and not written down yet."""
        if not self._keys:
            return
        self._at_hand = self._fingerprints(good)
        if self._work.job.redo or not self._at_hand:
            return
        self._done = {key: row for row, key in batch.keys.items() if row not in batch.entries}
        with self._work.shop.database.read() as session:
            self._known = known_rows(session, self._work.job, self._at_hand)

    def skipped(self, row: int, batch: Batch) -> Entry | None:
        """The entry of a row that is done; of any other its key is in the batch from now on.

        Whatever the author's function has raised over the row's key passes through.
        """
        if row in self._broken:
            raise self._broken.pop(row)
        key = self._at_hand.get(row)
        if key is None:
            return None
        number = self._work.job.number
        before = self._done.get(key)
        known = self._known.get(row) if before is None else Known(number, before)
        if known is None or self._work.job.redo:
            batch.keys[row] = key
            return None
        if before is not None:
            batch.repeats[row] = before
        return batch.entry(row, Outcome.skipped, known.reason(number), code=CODE)

    def ran(self, row: int, batch: Batch) -> None:
        """A row was run: another one with its key in this slice is not, if it is done."""
        key = self._at_hand.get(row)
        if key is not None and row not in batch.entries:
            self._done[key] = row

    def written_down(self, batch: Batch) -> None:
        """A batch was committed: those of its rows that a database refused then are not done."""
        for row in batch.entries:
            key = batch.keys.get(row)
            if key is not None and self._done.get(key) == row:
                del self._done[key]

    def _fingerprints(self, good: Sequence[tuple[Any, ...]]) -> dict[int, bytes]:
        keys: dict[int, bytes] = {}
        for row, instance, *_ in good:
            try:
                key = self._keys.of(instance)
            except Exception as error:  # noqa: BLE001 (a job author's code: it costs this row only)
                self._broken[row] = error
                continue
            if key is not None:
                keys[row] = key
        return keys
