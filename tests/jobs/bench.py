"""A desk without a server or an engine: the tests claim its jobs and work on them by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlmodel import col, select

from tests.schema import bring_schema
from webapp.engines.base import Engine
from webapp.engines.child import open_workshop
from webapp.engines.embedded import EmbeddedEngine
from webapp.jobs.claims import Claim, Task
from webapp.jobs.control import Control
from webapp.jobs.deeds import Action
from webapp.jobs.queue import claim_next
from webapp.jobs.run import open_work, work_to_the_end
from webapp.jobs.submission import Submission
from webapp.jobs.submit import Submissions
from webapp.jobs.work import StopFlag, Work
from webapp.kit import new_id
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.tables import Attempt, Job, LedgerEntry, LogLine, Outcome, ResultFile, Role, Upload, User

MakeEngine = Callable[[Database, Settings], Engine]
JOB_TYPES = Path(__file__).resolve().parents[1] / "job_types_for_tests"
FOR_EVER = 3600.0


def items(count: int, **deeds: str) -> str:
    """A file for the row jobs: `r7="error"` says what happens over row 7."""
    return "id,do\n" + "".join(f"{row},{deeds.get(f'r{row}', '')}\n" for row in range(1, count + 1))


class Bench:
    """The parts, and short ways to use them."""

    def __init__(
        self, folder: Path, job_types: Path = JOB_TYPES, make_engine: MakeEngine = EmbeddedEngine, **settings: Any
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.settings = Settings(data=folder, job_types=job_types, **settings)
        self.shop = open_workshop(self.settings)
        self.database, self.data = self.shop.database, self.shop.data
        bring_schema(self.database)
        self.user = self.person("ada")
        self.engine = make_engine(self.database, self.settings)
        self.submissions = Submissions(
            self.database, self.shop.files, self.shop.registry, self.engine, self.shop.secrets
        )

    def person(self, name: str, role: Role = Role.operator) -> User:
        """Somebody who may hand in jobs, made at the first use."""
        with self.database.write() as session:
            user = session.exec(select(User).where(User.name == name)).one_or_none() or User(name=name, role=role)
            session.add(user)
        return user

    def close(self) -> None:
        """Give back what is held."""
        self.database.close()
        self.data.close()

    def upload(self, text: str | bytes, name: str = "items.csv") -> UUID:
        """A file that has arrived."""
        content = text.encode() if isinstance(text, str) else text
        upload = Upload(owner_id=self.user.id, name=name, size=len(content))
        with self.shop.files.write_upload(upload.id) as target:
            target.write(content)
        upload.sha256 = target.sha256
        with self.database.write() as session:
            session.add(upload)
        return upload.id

    def submit(self, job_type: str, text: str | bytes | None = None, /, **params: Any) -> UUID:
        """Hand in a job."""
        upload = None if text is None else self.upload(text)
        return self.submissions.submit(Submission(self.user, job_type, upload), params).id

    def prepare(self, job_type: str, text: str | bytes) -> UUID:
        """Hand in a file whose job is started later."""
        return self.submissions.prepare(Submission(self.user, job_type, self.upload(text))).id

    def act(self, job_id: UUID, action: Action, user: User | None = None, engine: Engine | None = None) -> None:
        """Ask something of a job."""
        self.control(engine).act(user or self.user, job_id, action)

    def control(self, engine: Engine | None = None) -> Control:
        """What people do with jobs."""
        return Control(self.database, engine or self.engine, self.shop.registry, self.submissions)

    def try_claim(self, task: Task = Task.run, lease_seconds: float = FOR_EVER) -> Claim | None:
        """Take what waits, if anything does."""
        return claim_next(self.database, new_id(), task, lease_seconds)

    def claim(self, task: Task = Task.run, lease_seconds: float = FOR_EVER) -> Claim:
        """Take what waits."""
        claim = self.try_claim(task, lease_seconds)
        assert claim is not None
        return claim

    def work(self) -> Work:
        """Take what waits, ready to be worked on."""
        return open_work(self.shop, self.claim())

    def run(self, job_type: str, text: str | bytes | None = None, /, **params: Any) -> Job:
        """Hand in a job and run it to its end."""
        job_id = self.submit(job_type, text, **params)
        return self.run_waiting(job_id)

    def run_waiting(self, job_id: UUID, task: Task = Task.run) -> Job:
        """Do what waits to its end."""
        work_to_the_end(self.shop, self.claim(task), StopFlag())
        return self.job(job_id)

    def job(self, job_id: UUID) -> Job:
        """A job as it stands; its rows must add up whenever one looks."""
        with self.database.read() as session:
            job = session.get_one(Job, job_id)
            session.expunge(job)
            entries = session.exec(select(LedgerEntry).where(LedgerEntry.job_id == job_id)).all()
        for outcome in Outcome:
            same = [entry for entry in entries if entry.outcome is outcome and not entry.again]
            found = sum(entry.last_row - entry.first_row + 1 for entry in same)
            assert found == getattr(job, outcome), (
                f"{outcome}: the sum says {getattr(job, outcome)}, the ledger {found}"
            )
        rows = sorted(row for entry in entries for row in range(entry.first_row, entry.last_row + 1))
        assert rows == list(range(1, len(rows) + 1)), "each row up to the checkpoint has one outcome"
        return job

    def counts(self, job_id: UUID) -> dict[str, int]:
        """How many rows of a job have each outcome that occurs."""
        job = self.job(job_id)
        return {str(outcome): count for outcome in Outcome if (count := getattr(job, outcome))}

    def entries(self, job_id: UUID) -> list[LedgerEntry]:
        """What the ledger says, in the order of the file."""
        with self.database.read() as session:
            found = select(LedgerEntry).where(LedgerEntry.job_id == job_id).order_by(col(LedgerEntry.first_row))
            entries = list(session.exec(found))
            session.expunge_all()
        return entries

    def ranges(self, job_id: UUID) -> list[tuple[int, int, str]]:
        """First row, last row and outcome of what the ledger says; neighbours that are alike are one."""
        ranges: list[tuple[int, int, str]] = []
        for entry in self.entries(job_id):
            first, last, outcome = entry.first_row, entry.last_row, str(entry.outcome)
            if ranges and ranges[-1][1:] == (first - 1, outcome):
                first = ranges.pop()[0]
            ranges.append((first, last, outcome))
        return ranges

    def attempts(self, job_id: UUID) -> list[Attempt]:
        """The job's attempts."""
        with self.database.read() as session:
            attempts = list(session.exec(select(Attempt).where(Attempt.job_id == job_id).order_by(col(Attempt.number))))
            session.expunge_all()
        return attempts

    def log(self, job_id: UUID) -> list[tuple[str, str]]:
        """Level and message of each line of the job's log."""
        with self.database.read() as session:
            lines = session.exec(select(LogLine).where(LogLine.job_id == job_id).order_by(col(LogLine.id)))
            return [(line.level, line.message) for line in lines]

    def results(self, job_id: UUID) -> dict[str, bytes]:
        """The job's result files by name."""
        with self.database.read() as session:
            files = session.exec(select(ResultFile).where(ResultFile.job_id == job_id)).all()
            return {file.name: self.shop.files.result(job_id, file.id).read_bytes() for file in files}

    def kept(self, table: str = "kept") -> list[int]:
        """The ids that jobs have put into the data database, in order, doubled ones too."""
        engine = connect(self.settings.data_database)
        with engine.connect() as connection:
            there = inspect(connection).has_table(table)
            found = connection.exec_driver_sql(f'SELECT id FROM "{table}" ORDER BY id').all() if there else []
        engine.dispose()
        return [row[0] for row in found]
