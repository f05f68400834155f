"""What a running function is given: the `Context` of `authoring`, kept in the store."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, cast

from sqlalchemy import delete, insert, update
from sqlmodel import col

from webapp.authoring import Cancelled, DataStore, JobFacts
from webapp.jobs.lifecycle import WORKING, changed
from webapp.jobs.work import Work
from webapp.kit import new_id, now
from webapp.store.tables import Job, LogLine, ResultFile, User

PROGRESS_SECONDS = 0.2
MAX_MESSAGE = 4_000


class JobContext:
    """One attempt's context. What it is told is gathered and written down a few times a second."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []
        self._progress: dict[str, Any] | None = None
        self._written_at = time.monotonic()
        self.data: DataStore = work.writer
        self.job = _facts(work)

    @property
    def cancelled(self) -> bool:
        """Whether the job has to stop."""
        return self._work.stop.is_set()

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
            self._progress = {"done": done, "total": total, "message": message[:MAX_MESSAGE]}
        self._flush_now_and_then()

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Add a line to the job's log, for the operator to read."""
        line = {"job_id": self._work.job_id, "attempt": self._work.claim.attempt, "at": now(), "level": level}
        with self._lock:
            self._lines.append({**line, "message": message[:MAX_MESSAGE]})
        self._flush_now_and_then()

    @contextmanager
    def open_result(self, name: str) -> Iterator[BinaryIO]:
        """A file for the operator to download. It appears whole when the block ends, or not at all."""
        file_id = new_id()
        with self._work.shop.files.write_result(self._work.job_id, file_id) as result:
            yield cast("BinaryIO", result)  # it is one for all that can be done with a file being written
        file = ResultFile(id=file_id, job_id=self._work.job_id, name=name, bytes=result.bytes, sha256=result.sha256)
        with self._work.shop.database.write() as session:
            session.execute(
                delete(ResultFile).where(col(ResultFile.job_id) == file.job_id, col(ResultFile.name) == name)
            )
            session.add(file)

    def flush(self) -> None:
        """Write down what was said since the last time."""
        with self._lock:
            lines, progress = self._lines, self._progress
            self._lines, self._progress = [], None
            self._written_at = time.monotonic()
        if not lines and progress is None:
            return
        values: dict[str, Any] = {"revision": Job.revision + 1}
        if progress is not None:
            values["progress"] = progress
        ours = (
            col(Job.id) == self._work.job_id,
            col(Job.fence) == self._work.claim.fence,
            col(Job.state).in_(WORKING),
        )
        with self._work.shop.database.write() as session:
            if changed(session, update(Job).where(*ours).values(**values)) == 1 and lines:
                session.execute(insert(LogLine), lines)

    def _flush_now_and_then(self) -> None:
        if time.monotonic() - self._written_at >= PROGRESS_SECONDS:
            self.flush()


def _facts(work: Work) -> JobFacts:
    job = work.job
    with work.shop.database.read() as session:
        owner = session.get_one(User, job.owner_id).name
    return JobFacts(
        id=job.id,
        number=job.number,
        job_type=job.job_type,
        owner=owner,
        attempt=work.claim.attempt,
        file_name=job.file_name,
        submitted_at=job.queued_at or job.created_at,
        request=job.request,
    )
