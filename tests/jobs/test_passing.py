"""What is no fault of a job makes it wait, not fail: a full disk, storage that does not answer."""

import errno
from collections.abc import Callable

import pysqlite3
import pytest
from sqlalchemy.exc import OperationalError

from tests.jobs.bench import Bench, items
from webapp.authoring import JobError
from webapp.errors import NoSpace, Refused, StorageTrouble
from webapp.jobs.work import NotWrittenDown
from webapp.services.datatables.writer import DataWriter
from webapp.store.files import Files
from webapp.store.passing import is_full, passes
from webapp.store.tables import Job, State

FULL = OperationalError("INSERT", None, pysqlite3.OperationalError("database or disk is full"))


def raised_from(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        NoSpace(),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        pysqlite3.OperationalError("database or disk is full"),
        raised_from(FULL, pysqlite3.OperationalError("database or disk is full")),
        raised_from(JobError("Table people cannot have that key."), OSError(errno.ENOSPC, "")),
    ],
)
def test_a_full_disk_is_told_by_what_says_so(error: Exception) -> None:
    assert is_full(error)
    assert "goes on by itself" in (passes(error) or "")


@pytest.mark.parametrize(
    "error",
    [Refused(), OSError(errno.EIO, "Input/output error"), pysqlite3.OperationalError("database is locked"), KeyError()],
)
def test_other_trouble_is_something_else(error: Exception) -> None:
    assert not is_full(error)
    assert passes(error) is None


def fail_once(deed: Callable[..., object], error: BaseException) -> Callable[..., object]:
    """The same, but that its first call fails."""
    errors = [error]

    def failing(*given: object, **named: object) -> object:
        if errors:
            raise errors.pop()
        return deed(*given, **named)

    return failing


def assert_waits(job: Job, words: str) -> None:
    assert job.state is State.scheduled
    assert job.run_at is not None
    assert words in (job.problem or "")
    assert (job.failed, job.skipped, job.stalls, job.retries) == (0, 0, 0, 0)


def come_back(bench: Bench, job: Job) -> Job:
    """Its time has come."""
    with bench.database.write() as session:
        session.get_one(Job, job.id).state = State.queued
    return bench.run_waiting(job.id)


@pytest.mark.parametrize(
    ("error", "words"), [(NoSpace(), "disk is full"), (StorageTrouble(), "does not answer")], ids=["disk", "storage"]
)
def test_a_job_that_cannot_keep_its_result_waits(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    monkeypatch.setattr(Files, "write_result", fail_once(Files.write_result, error))
    job = bench.run("copy_table", items(20))
    assert_waits(job, words)
    job = come_back(bench, job)
    assert (job.state, job.done, job.problem) == (State.completed, 20, None)


def test_a_row_that_finds_the_disk_full_is_done_later_and_those_before_it_not_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds = {"error": fail_once(lambda: None, OSError(errno.ENOSPC, "No space left on device"))}
    registry = bench.shop.registry.get("keep_rows").function.__globals__["DEEDS"]
    monkeypatch.setitem(registry, "error", deeds["error"])
    job = bench.run("keep_rows", items(20, r7="error"))
    assert_waits(job, "disk is full")
    assert job.done == 6
    job = come_back(bench, job)
    assert (job.state, job.done) == (State.completed, 20)
    assert bench.kept() == list(range(1, 21))


def test_a_data_database_without_room_makes_the_job_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DataWriter, "commit", fail_once(DataWriter.commit, raised_from(FULL, FULL.orig or FULL)))
    job = bench.run("keep_rows", items(20))
    assert_waits(job, "disk is full")
    assert come_back(bench, job).state is State.completed
    assert bench.kept() == list(range(1, 21))


def test_what_cannot_be_written_down_at_all_ends_the_worker(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Files, "write_result", fail_once(Files.write_result, NoSpace()))

    def no_move(*_: object, **__: object) -> bool:
        raise FULL

    job_id = bench.submit("copy_table", items(3))
    monkeypatch.setattr("webapp.jobs.ending.move", no_move)
    with pytest.raises(NotWrittenDown):
        bench.run_waiting(job_id)
    assert bench.job(job_id).state is State.running
