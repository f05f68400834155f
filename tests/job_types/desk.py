"""A desk without a server: jobs go through the real submission, claim, runner and ledger, in this process."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pysqlite3
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.schema import bring_schema
from webapp.engines.child import open_workshop
from webapp.engines.embedded import EmbeddedEngine
from webapp.jobs.batch import Batch
from webapp.jobs.claims import Task, release
from webapp.jobs.control import Control
from webapp.jobs.ledger import Ledger
from webapp.jobs.lifecycle import ENDED
from webapp.jobs.queue import claim_next
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.submission import Submission
from webapp.jobs.submit import Submissions
from webapp.jobs.work import Work
from webapp.kit import new_id, now
from webapp.settings import Settings
from webapp.store.tables import Job, LedgerEntry, LogLine, Outcome, ResultFile, Role, Upload, User

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a job."""

    job: Job
    problems: list[tuple[int, str, str | None, str | None, str | None]]
    """Row, outcome, column, found, reason of each row that is not done."""
    files: dict[str, bytes]
    log: list[str]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, those that there are."""
        return {outcome: rows for outcome in Outcome if (rows := getattr(self.job, outcome))}


class Desk:
    """Runs jobs to their end."""

    def __init__(self, folder: Path, **more: Any) -> None:
        folder.mkdir()
        settings = Settings(data=folder, job_types=EXAMPLES / "job_types", **more)
        self.shop = open_workshop(settings)
        self.database = self.shop.database
        bring_schema(self.database)
        self.data_path = folder / "data.sqlite3"
        self.user = User(name="ada", role=Role.operator)
        with self.database.write() as session:
            session.add(self.user)
        engine = EmbeddedEngine(self.database, settings)
        self._submissions = Submissions(self.database, self.shop.files, self.shop.registry, engine, self.shop.secrets)
        self.control = Control(self.database, engine, self.shop.registry, self._submissions)

    def run(self, job_type: str, file: Path | None, **params: Any) -> Ran:
        """Hand in a job and run it."""
        job_id = self.submit(job_type, file, **params)
        run_claim(self.claim())
        return self.result(job_id)

    def run_on(self, job_id: UUID, most: int = 50) -> Ran:
        """Run a job that was handed in, and again without waiting whenever it wants to be tried again later."""
        for _ in range(most):
            with self.database.write() as session:
                session.execute(update(Job).where(col(Job.id) == job_id).values(run_at=now()))
            run_claim(self.claim())
            with self.database.read() as session:
                if session.get_one(Job, job_id).state in ENDED:
                    break
        return self.result(job_id)

    def submit(self, job_type: str, file: Path | None, **params: Any) -> UUID:
        """Hand in a job."""
        upload_id = self._upload(file).id if file else None
        return self._submissions.submit(Submission(self.user, job_type, upload_id), params).id

    def other(self, file: Path) -> str:
        """A file that has arrived for a parameter."""
        return str(self._upload(file).id)

    def _upload(self, file: Path) -> Upload:
        upload = Upload(owner_id=self.user.id, name=file.name, size=file.stat().st_size)
        with self.shop.files.write_upload(upload.id) as target:
            target.write(file.read_bytes())
        upload.sha256 = target.sha256
        with self.database.write() as session:
            session.add(upload)
        return upload

    def undo(self, job_id: UUID) -> Ran:
        """Undo a job, and run the job that does it."""
        undo_id = self.control.undo(self.user, job_id).id
        run_claim(self.claim())
        return self.result(undo_id)

    def claim(self) -> Work:
        """Take the job that waits, as a worker does."""
        claim = claim_next(self.database, new_id(), Task.run, 60)
        assert claim is not None
        return open_work(self.shop, claim)

    def run_and_crash(self, monkeypatch: pytest.MonkeyPatch, commit: int, *, before_ledger: bool) -> None:
        """Work on the waiting job as one that dies at its n-th commit, before or after the ledger has it."""
        commits = count(1)

        def crash(ledger: Ledger, batch: Batch, **more: Any) -> None:
            last = next(commits) == commit
            if not (last and before_ledger):
                real(ledger, batch, **more)
            if last:
                raise SystemExit

        real = Ledger.commit
        work = self.claim()
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "commit", crash)
            with pytest.raises(SystemExit):
                run_claim(work)
        release(self.database, work.claim, lost=True)

    def result(self, job_id: UUID) -> Ran:
        """What became of a job."""
        with self.database.read() as session:
            job = session.get_one(Job, job_id)
            ledger = select(LedgerEntry).where(LedgerEntry.job_id == job_id, LedgerEntry.outcome != Outcome.done)
            entries = session.exec(ledger.order_by(col(LedgerEntry.first_row))).all()
            files = session.exec(select(ResultFile).where(ResultFile.job_id == job_id)).all()
            log = session.exec(select(LogLine.message).where(LogLine.job_id == job_id).order_by(col(LogLine.id))).all()
            session.expunge_all()
        assert job.accounted == job.received or job.state not in ENDED
        return Ran(
            job,
            [(entry.first_row, str(entry.outcome), entry.column, entry.found, entry.reason) for entry in entries],
            {file.name: self.shop.files.result(job_id, file.id).read_bytes() for file in files},
            list(log),
        )

    def query(self, sql: str) -> list[Any]:
        """Ask the data database."""
        connection = pysqlite3.connect(str(self.data_path))
        try:
            found = [row[0] if len(row) == 1 else row for row in connection.execute(sql).fetchall()]
            connection.commit()
        finally:
            connection.close()
        return found

    def close(self) -> None:
        """Give back what is held."""
        self.database.close()
        self.shop.data.close()
