"""Before the start: how many rows of a file an earlier job has done, and how many have the key of another row."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from webapp.jobs.known_rows import known_rows
from webapp.jobs.row_keys import RowKeys
from webapp.jobs.work import Work
from webapp.services.first_seen import FirstSeen
from webapp.store.pieces import PIECE

MOST_JOBS = 20


@dataclass(slots=True)
class Overlap:
    """Counts while the file is checked; of each row it keeps 17 to 34 bytes.

    `jobs` are earlier jobs by their number with how many of their rows are here again; `unsure` of all those may have
    been done; `repeats` have the key of an earlier row of this file, and are in no earlier job.
    """

    work: Work
    rows: int = 0
    unsure: int = 0
    repeats: int = 0
    jobs: Counter[int] = field(default_factory=Counter)
    _keys: RowKeys = field(init=False)
    _seen: FirstSeen = field(default_factory=FirstSeen)
    _waiting: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._keys = RowKeys(self.work.job_type, self.work.shop.secrets)

    def add(self, good: Sequence[tuple[Any, ...]]) -> None:
        """Count some rows that passed the check. One whose key can't be told is none of them: it fails at its turn."""
        if not self._keys:
            return
        for row, instance, *_ in good:
            with suppress(Exception):  # a job author's code
                if key := self._keys.of(instance):
                    self._waiting[row] = key
        if len(self._waiting) >= PIECE:
            self._look()

    def to_json(self) -> dict[str, Any] | None:
        """For the job's `findings`; None for a job whose rows have no keys."""
        if not self._keys:
            return None
        self._look()
        jobs = [{"number": number, "rows": rows} for number, rows in self.jobs.most_common(MOST_JOBS)]
        return {"rows": self.rows, "unsure": self.unsure, "repeats": self.repeats, "jobs": jobs}

    def _look(self) -> None:
        with self.work.shop.database.read() as session:
            known = known_rows(session, self.work.job, self._waiting)
        for row, key in self._waiting.items():
            first = self._seen.seen(key.hex(), row)
            if row in known:
                self.rows += 1
                self.unsure += not known[row].sure
                self.jobs[known[row].job] += 1
            elif first is not None:
                self.repeats += 1
        self._waiting = {}
