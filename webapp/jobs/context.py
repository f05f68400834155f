"""What a running function is given: the `Context` of `authoring`, kept in the store."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast
from uuid import uuid5

from sqlalchemy import Update, delete, insert, update
from sqlmodel import Session, col, select

from webapp.authoring import Cancelled, DataStore, DeskTables, JobFacts
from webapp.jobs.allowance import Allowed
from webapp.jobs.batch import storable
from webapp.jobs.column_cells import column_cells
from webapp.jobs.facts import facts_of
from webapp.jobs.lanes import present, refuse_in_lane
from webapp.jobs.letters import Letters
from webapp.jobs.lifecycle import WORKING, changed
from webapp.jobs.own_rows import OwnRows
from webapp.jobs.shown import shown_table
from webapp.jobs.steps import Steps
from webapp.jobs.work import Work, written_down
from webapp.kit import new_id, now
from webapp.services.data import FenceLostError
from webapp.store.tables import Attempt, Job, LogLine, ResultFile

PROGRESS_SECONDS = 0.2
LOOK_SECONDS = 0.1  # whether the job has to stop, while it waits
MAX_MESSAGE = 4_000
KEPT = 2**62  # of the folder that no claim of a job clears away: later than all of them
MAX_NAME = 200
_ONE_DATABASE = "a job can write to ctx.data or to ctx.db, not to both: two databases can't commit together"


class JobContext:
    """One attempt's context. What it is told is gathered and written down a few times a second."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []
        self._progress: dict[str, Any] | None = None
        self._steps = Steps()
        self._kept_steps: list[dict[str, Any]] = []
        self._written_at = time.monotonic()
        self._uses: str | None = None
        self._told_to_stop = False
        self._allowed = Allowed(work.shop.database)
        self._letters = Letters(work, self._require_claim)
        self.account = OwnRows(work)

    @cached_property
    def job(self) -> JobFacts:
        """The facts of the job."""
        return facts_of(self._work.shop.database, self._work.job_id)

    @property
    def data(self) -> DataStore:
        """The data database.

        Raises:
            RuntimeError: the job starts over after a crash, so what it wrote before would be there twice.
        """
        self._refuse_restart("ctx.data")
        if self._uses == "ctx.db":
            raise RuntimeError(_ONE_DATABASE)
        self._uses = "ctx.data"
        return self._work.writer

    @property
    def db(self) -> DeskTables:
        """The desk's own database.

        Raises:
            RuntimeError: as for `data`; or the job uses that too: two databases can't commit together.
        """
        self._refuse_restart("ctx.db")
        if self._uses == "ctx.data":
            raise RuntimeError(_ONE_DATABASE)
        self._uses = "ctx.db"
        return self._work.effects

    @property
    def row_number(self) -> int | None:
        """The number of the present row."""
        return self._work.effects.current_row

    def cells(self, column: str) -> Iterator[tuple[int, str]]:
        """See `authoring.Context`.

        Raises:
            JobError: the file has no such column.
        """
        return column_cells(self._work, column)

    def use(self, name: str, most: int, reason: str, span: Literal["hour", "day"] = "hour") -> None:
        """See `authoring.Context`."""
        self._allowed.use(name, most, reason, span)

    def wait(self, seconds: float) -> None:
        """Wait, with the rows before this one written down.

        Raises:
            Cancelled: the job has to stop.
            FenceLostError: the job has a newer claim.
        """
        if seconds > 0:
            self._work.sending.settle()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check_cancelled()
            time.sleep(min(left, LOOK_SECONDS))

    def idempotency_key(self, purpose: str = "") -> str:
        """See `authoring.Context`; it is made of the job, the row and the purpose, and says nothing about them.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        self._work.sending.with_key()
        row = self._work.effects.current_row
        return str(uuid5(self._work.job_id, f"{'' if row is None else row}:{purpose}"))

    def send_once(self, what: str | None = None) -> AbstractContextManager[None]:
        """See `authoring.Context`.

        Raises:
            RuntimeError: without `what` the job is not called for each row, or starts over after a crash.
        """
        if what is not None:
            return self._letters.once(what)
        self._refuse_restart("ctx.send_once()")
        return self._work.sending.once()

    def became_of(self, what: str) -> str | None:
        """See `authoring.Context`."""
        return self._letters.became_of(what)

    def needs_attention(self, reason: str) -> None:
        """See `authoring.Context`; it is the job's at once, and stays so until somebody has seen to it.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        with written_down(), self._work.shop.database.write() as session:
            self._require_claim(session, doubt=storable(reason, MAX_MESSAGE))

    @property
    def cancelled(self) -> bool:
        """Whether the job has to stop."""
        told = self._work.stop.is_set()
        if lane := present.get():
            lane.told_to_stop = told
        else:
            self._told_to_stop = told
        return told

    def require_done(self) -> None:
        """See that a function which has returned did its work.

        Raises:
            Cancelled: it was told that it has to stop, and returned: nobody can say that its work is done.
        """
        lane = present.get()
        if lane.told_to_stop if lane else self._told_to_stop:
            raise Cancelled

    def check_cancelled(self) -> None:
        """Leave the function if the job has to stop.

        Raises:
            Cancelled: it has to.
        """
        if self.cancelled:
            raise Cancelled

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the work has come: `done` of `total`, in whatever is being counted.

        Raises:
            Cancelled: the job has to stop.
        """
        self.check_cancelled()
        with self._lock:
            total = None if total is None else int(total)
            self._progress = {"done": int(done), "total": total, "message": storable(message, MAX_MESSAGE)}
        self._flush_now_and_then()

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Add a line to the job's log, for the operator to read."""
        line = {"job_id": self._work.job_id, "attempt": self._work.claim.attempt, "at": now(), "level": level}
        with self._lock:
            self._lines.append({**line, "message": storable(message, MAX_MESSAGE)})
        self._flush_now_and_then()

    def show(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a small table on the job's page; of a large one its beginning.

        Raises:
            FenceLostError: the job has a newer claim.
        """
        with written_down(), self._work.shop.database.write() as session:
            self._require_claim(session, shown=shown_table(title, columns, rows))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """See `authoring.Context`; written down at once when it begins and when it ends well, else with the end.

        Raises:
            RuntimeError: another step has not ended, or there are too many.
        """
        with self._steps.step(storable(name, MAX_NAME)):
            self.flush()
            yield
        self.flush()

    def kept_file(self, name: str) -> Path:
        """See `authoring.Context`.

        Raises:
            ValueError: that is no name of a file.
        """
        if Path(name).name != name:
            raise ValueError(f"{name!r} is no name of a file")
        return self._work.shop.files.scratch(self._work.job_id, KEPT) / name

    @contextmanager
    def open_result(self, name: str) -> Iterator[BinaryIO]:
        """A file for the operator to download. It appears whole when the block ends, or not at all.

        Raises:
            FenceLostError: the job has a newer claim; there is no file.
        """
        file_id, files = new_id(), self._work.shop.files
        with files.write_result(self._work.job_id, file_id) as result:
            yield cast("BinaryIO", result)  # it is one for all that can be done with a file being written
        file = ResultFile(id=file_id, job_id=self._work.job_id, name=name, bytes=result.bytes, sha256=result.sha256)
        same = (col(ResultFile.job_id) == file.job_id, col(ResultFile.name) == name)
        with self._work.shop.database.write() as session:
            self._require_claim(session)
            replaced = session.exec(select(ResultFile.id).where(*same)).all()
            session.execute(delete(ResultFile).where(*same))
            session.add(file)
        for old in replaced:
            files.drop_result(self._work.job_id, old)

    def _refuse_restart(self, what: str) -> None:
        refuse_in_lane(what)
        if self._work.job_type.restart:
            raise RuntimeError(f"a job with restart=True can't use {what}: leave restart out, or make a result")

    def flush(self) -> None:
        """Write down what was said since the last time.

        Raises:
            FenceLostError: the job has a newer claim; nothing was written.
        """
        with self._lock:
            lines, self._lines, progress, self._progress = self._lines, [], self._progress, None
            self._written_at = time.monotonic()
        steps = self._steps.to_json()
        if not lines and progress is None and steps == self._kept_steps:
            return
        values = {} if progress is None else {"progress": progress}
        with written_down(), self._work.shop.database.write() as session:
            self._require_claim(session, **values)
            if lines:
                session.execute(insert(LogLine), lines)
            if steps != self._kept_steps:
                session.execute(self._attempt().values(steps=steps))
        self._kept_steps = steps

    def _attempt(self) -> Update:
        ours = (col(Attempt.job_id) == self._work.job_id, col(Attempt.number) == self._work.claim.attempt)
        return update(Attempt).where(*ours).execution_options(synchronize_session=False)

    def _require_claim(self, session: Session, **values: Any) -> None:  # noqa: ANN401 (column values)
        """Let watchers know that the job has news, as its present worker.

        Raises:
            FenceLostError: it has a newer claim, or has ended.
        """
        work = self._work
        ours = (col(Job.id) == work.job_id, col(Job.fence) == work.claim.fence, col(Job.state).in_(WORKING))
        if changed(session, update(Job).where(*ours).values(revision=Job.revision + 1, **values)) != 1:
            raise FenceLostError(f"job {work.job_id} has a newer claim than {work.claim.fence}")

    def _flush_now_and_then(self) -> None:
        if time.monotonic() - self._written_at >= PROGRESS_SECONDS:
            self.flush()


def given_to_providers(work: Work, context: JobContext) -> dict[str, object]:
    """What the providers of services may ask for by name."""
    return {"settings": work.shop.settings, "ctx": context}
