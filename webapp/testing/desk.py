"""A desk for one job: the real submission, claim, work and ledger, in the test's own process and thread."""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from webapp.authoring import JobType, Registry
from webapp.authoring.call import AnyJob, type_of
from webapp.authoring.opening import Overrides
from webapp.authoring.services import by_provider, check_overrides
from webapp.engines.embedded import EmbeddedEngine
from webapp.jobs.claims import Task
from webapp.jobs.queue import claim_next
from webapp.jobs.run import work_to_the_end
from webapp.jobs.submission import Submission
from webapp.jobs.submit import Submissions
from webapp.jobs.work import StopFlag, Workshop
from webapp.kit import new_id
from webapp.services.databases import Databases
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.migrate import migrate
from webapp.store.secrets import SecretBox
from webapp.store.tables import Cleanup, Job, Role, State, Upload, User
from webapp.store.types import DatabaseNow
from webapp.testing.look import look_at
from webapp.testing.ran import Ran

MOST_ATTEMPTS = 20
LEASE_SECONDS = 3600.0

Cells = Mapping[str, object]


def run_job(  # noqa: PLR0913 - each is optional, and named where it is used
    job: AnyJob,
    *,
    rows: Sequence[Cells] | None = None,
    file: bytes | str | Path | None = None,
    file_name: str | None = None,
    overrides: Overrides | None = None,
    settings: Mapping[str, Any] | None = None,
    **params: Any,  # noqa: ANN401 - whatever the job's form asks for
) -> Ran:
    """Hand a job in, run it to its end, and see what came of each row. Nothing is left behind.

    All of it is real but the worker: the job runs in the test's own thread, so that a debugger stops in it; nobody
    keeps to its limits, and what is to be tried again later is tried again at once.

    Args:
        job: the function with `@job` above it.
        rows: a table, as a dictionary of its cells for each row; the first has all columns.
        file: instead of `rows`, a file's content, or where it lies.
        file_name: what it is called; its ending matters.
        overrides: what stands in for services, the clean-up's too, or for providers of them:
            `{HttpService: lambda: fake}`.
        settings: of the desk, by their names without `BATCHDESK_` in small letters.
        params: the job's parameters.

    Raises:
        BadInput: the desk does not accept the job; its `problems` say why, by field.
        AuthoringError: an override is of a provider that neither the job nor its clean-up uses.
        TypeError: `job` is no job.
    """
    job_type, overrides = type_of(job), by_provider(overrides or {})
    _check_overrides(job_type, overrides)
    with tempfile.TemporaryDirectory(prefix="batchdesk-test-", ignore_cleanup_errors=True) as folder:
        desk = _Desk(Path(folder), job_type, overrides, settings or {})
        try:
            job_id = desk.submit(_content(rows, file), file_name or _name_of(file), params)
            desk.run(job_id)
            return look_at(desk.shop, job_id)
        finally:
            desk.close()


class _Desk:
    def __init__(self, folder: Path, job_type: JobType, overrides: Overrides, settings: Mapping[str, Any]) -> None:
        chosen = Settings(data=folder, **settings)
        (folder / "batchdesk.sqlite3").write_bytes(_empty_desk())
        self._database = Database(chosen.database)
        self._data = Databases(chosen)
        self.shop = Workshop(
            settings=chosen,
            database=self._database,
            files=Files(folder),
            registry=Registry(MappingProxyType({job_type.name: job_type.offering(chosen.target_names)})),
            data=self._data,
            secrets=SecretBox(folder / "secret.key"),
            overrides=overrides,
        )
        self._job_type = job_type
        self._user = User(name="tester", role=Role.admin)  # who may run whatever there is
        with self._database.write() as session:
            session.add(self._user)

    def submit(self, content: bytes | None, name: str, params: Mapping[str, Any]) -> UUID:
        """Hand the job in."""
        shop, engine = self.shop, EmbeddedEngine(self._database, self.shop.settings)
        submissions = Submissions(self._database, shop.files, shop.registry, engine, shop.secrets)
        upload = None if content is None else self._upload(content, name)
        return submissions.submit(Submission(self._user, self._job_type.name, upload), params).id

    def run(self, job_id: UUID) -> None:
        """Run it until it has ended; what it would wait for is not waited for."""
        for _ in range(MOST_ATTEMPTS):
            if not self._do_next(Task.run, job_id):
                return
            while self._do_next(Task.clean, job_id):
                pass

    def _do_next(self, task: Task, job_id: UUID) -> bool:
        claim = claim_next(self._database, new_id(), task, LEASE_SECONDS)
        if claim is None:
            return False
        work_to_the_end(self.shop, claim, StopFlag())
        with self._database.write() as session:
            session.execute(update(Cleanup).values(due_at=DatabaseNow()))
            waits = (col(Job.id) == job_id, col(Job.state) == State.scheduled)
            session.execute(update(Job).where(*waits).values(run_at=DatabaseNow()))
        return True

    def close(self) -> None:
        """Give back what is held."""
        self._database.close()
        self._data.close()

    def _upload(self, content: bytes, name: str) -> UUID:
        upload = Upload(owner_id=self._user.id, name=name, size=len(content))
        with self.shop.files.write_upload(upload.id) as target:
            target.write(content)
        upload.sha256 = target.sha256
        with self._database.write() as session:
            session.add(upload)
        return upload.id


@cache
def _empty_desk() -> bytes:
    """A desk's database with nothing in it, made once."""
    with tempfile.TemporaryDirectory(prefix="batchdesk-test-") as folder:
        path = Path(folder, "batchdesk.sqlite3")
        database = Database(f"sqlite:///{path}")
        migrate(database)
        database.close()  # the last connection takes the write-ahead log into the file
        return path.read_bytes()


def _check_overrides(job_type: JobType, overrides: Overrides) -> None:
    cleanup = job_type.cleanup
    check_overrides([*job_type.services.values(), *(cleanup.services.values() if cleanup else ())], overrides)


def _content(rows: Sequence[Cells] | None, file: bytes | str | Path | None) -> bytes | None:
    if rows is not None and file is not None:
        raise TypeError("give rows or a file, not both")
    if rows is not None:
        return _as_csv(rows)
    if isinstance(file, Path):
        return file.read_bytes()
    return file.encode() if isinstance(file, str) else file


def _as_csv(rows: Sequence[Cells]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _name_of(file: bytes | str | Path | None) -> str:
    return file.name if isinstance(file, Path) else "rows.csv"
