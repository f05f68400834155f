"""Running a job: how each ends, what is said, and that no row's effect is without its outcome."""

import hashlib

import pytest

from tests.jobs.bench import Bench, items
from webapp.jobs.failures import OWN_CODE
from webapp.store.tables import State

pytestmark = pytest.mark.both_databases

FAR = 60.0


@pytest.fixture
def one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is committed for the sake of time."""
    monkeypatch.setattr("webapp.jobs.rows.COMMIT_SECONDS", FAR)
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", FAR)


def test_all_rows_done_is_completed(bench: Bench) -> None:
    job = bench.run("keep_rows", items(200))
    assert (job.state, bench.ranges(job.id), job.problem) == (State.completed, [(1, 200, "done")], None)
    assert bench.kept() == list(range(1, 201))
    assert job.finished_at is not None
    assert (job.worker, job.lease_until) == (None, None)


def test_each_row_has_the_outcome_that_its_function_gave(bench: Bench) -> None:
    job = bench.run("keep_rows", items(100, r3="reject", r4="skip", r70="error", r80="sys.exit"))
    assert job.state is State.completed_with_errors
    assert bench.counts(job.id) == {"done": 96, "rejected": 1, "failed": 2, "skipped": 1}
    assert bench.kept() == [row for row in range(1, 101) if row not in {3, 4, 70, 80}]
    by_row = {entry.first_row: entry for entry in bench.entries(job.id)}
    rejected = by_row[3]
    assert (rejected.reason, rejected.line) == ("is not wanted here", 4)
    assert (rejected.column, rejected.found) == ("do", "reject")
    assert by_row[4].reason == "needs nothing"


def test_skipped_rows_alone_are_no_errors(bench: Bench) -> None:
    job = bench.run("keep_rows", items(3, r2="skip"))
    assert job.state is State.completed


@pytest.mark.parametrize("deed", ["error", "sys.exit", "cancelled"])
@pytest.mark.parametrize("job_type", ["keep_rows", "keep_rows_async"])
def test_an_error_that_nobody_foresaw_fails_its_row_and_keeps_its_trace_from_operators(
    deed: str, job_type: str, bench: Bench
) -> None:
    job = bench.run(job_type, items(3, r2=deed))
    assert (job.state, bench.counts(job.id)) == (State.completed_with_errors, {"done": 2, "failed": 1})
    failed = bench.entries(job.id)[1]
    assert failed.reason == "The job's own code made an error here; your row may well be right. Tell an administrator."
    detail = bench.attempts(job.id)[0].detail or ""
    assert "row 2:\nTraceback" in detail
    assert "rows.py" in detail
    assert "Traceback" not in repr(job) + repr(failed)


def test_a_model_that_makes_an_error_costs_only_its_row(bench: Bench) -> None:
    job = bench.run("fussy_rows", "id,do\n1,\n2,bad\nx,\n4,good\n5\n6,bad\n")
    assert bench.counts(job.id) == {"done": 2, "rejected": 2, "failed": 2}
    assert bench.kept() == [1, 4]
    assert "row 2, while it was checked:\nTraceback" in (bench.attempts(job.id)[0].detail or "")


def test_thousands_of_errors_keep_a_few_traces_and_their_number(bench: Bench) -> None:
    job = bench.run("keep_rows", items(300, **{f"r{row}": "error" for row in range(1, 301)}))
    detail = bench.attempts(job.id)[0].detail or ""
    assert detail.count("Traceback (most recent call last)") == 5
    assert detail.endswith("and 295 more")


def test_a_job_that_gives_up_fails_with_its_own_sentence(bench: Bench) -> None:
    job = bench.run("keep_rows", items(100, r50="give up"))
    assert (job.state, job.problem) == (State.failed, "The till is closed.")
    assert bench.ranges(job.id) == [(1, 49, "done"), (50, 50, "failed"), (51, 100, "skipped")]
    assert bench.kept() == list(range(1, 50)), "rows that are done are done, and no other is"
    assert bench.attempts(job.id)[0].ended == "failed"


def test_a_file_job_that_errs_keeps_what_it_was_done_with(bench: Bench) -> None:
    job = bench.run("keep_table", "id\n1\n2\n3\nfour\n5\n", size=2)
    assert (job.state, job.problem) == (State.failed, OWN_CODE)
    assert bench.ranges(job.id) == [(1, 2, "done"), (3, 5, "skipped")]
    assert bench.kept() == [1, 2]
    assert "four" in (bench.attempts(job.id)[0].detail or "")


def test_a_file_job_judges_rows_one_by_one(bench: Bench) -> None:
    job = bench.run("judge_table", items(20))
    assert bench.counts(job.id) == {"done": 14, "rejected": 2, "failed": 2, "skipped": 2}
    assert [(entry.first_row, entry.found) for entry in bench.entries(job.id) if entry.found] == [(2, "2"), (12, "12")]


@pytest.mark.usefixtures("one_batch")
def test_a_table_left_early_keeps_the_rows_it_handed_out(bench: Bench) -> None:
    job = bench.run("keep_table", items(10), size=3, leave_after=2)
    assert (job.state, bench.ranges(job.id)) == (State.completed, [(1, 6, "done"), (7, 10, "skipped")])
    assert bench.entries(job.id)[-1].reason == "The job ended without asking for this row."
    assert bench.kept() == [1, 2, 3, 4, 5, 6]


def test_what_is_written_after_the_last_row_is_kept(bench: Bench) -> None:
    bench.run("keep_table", items(3), last=99)
    assert bench.kept() == [1, 2, 3, 99]


def test_a_table_read_a_second_time_is_refused_rather_than_found_empty(bench: Bench) -> None:
    job = bench.run("read_twice", items(3))
    assert job.state is State.failed
    assert "can be read once" in (bench.attempts(job.id)[0].detail or "")


def test_a_plain_job_writes_all_or_nothing(bench: Bench) -> None:
    assert bench.run("keep_some", rows=3).state is State.completed
    assert bench.kept() == [1, 2, 3]
    failed = bench.run("keep_some", rows=3, do="error")
    assert (failed.state, failed.problem) == (State.failed, OWN_CODE)
    assert bench.kept() == [1, 2, 3]


@pytest.mark.parametrize("do", ["reject", "cancelled"])
def test_a_plain_job_that_speaks_out_of_turn_fails_and_does_not_run_for_ever(do: str, bench: Bench) -> None:
    job = bench.run("keep_some", do=do)
    assert job.state is State.failed
    assert bench.try_claim() is None


def test_a_file_job_gets_its_file_as_it_was_handed_in(bench: Bench) -> None:
    content = bytes(range(256)) * 5
    job = bench.run("hash_file", content)
    assert job.state is State.completed
    assert bench.log(job.id) == [("info", hashlib.sha256(content).hexdigest())]


def test_progress_log_and_result_reach_the_operator_and_the_secret_does_not(bench: Bench) -> None:
    job = bench.run("talk", token="hush-hush-hush")
    assert job.state is State.completed
    assert job.progress == {"done": 1, "total": 3, "message": "one of three"}
    assert bench.log(job.id) == [
        ("info", "the secret has 14 characters"),
        ("warning", "a name of an odd file: ?"),
    ]
    assert bench.results(job.id) == {"made.txt": b"first half, second half"}
    everything = b"".join(path.read_bytes() for path in bench.settings.data.rglob("*") if path.is_file())
    assert b"hush-hush-hush" not in everything


def test_a_result_is_there_whole_or_not_at_all(bench: Bench) -> None:
    job = bench.run("talk", token="x", fail_in_file=True)
    assert job.state is State.failed
    assert bench.results(job.id) == {}
    assert [path for path in (bench.settings.data / "results").rglob("*") if path.is_file()] == []


def test_a_reason_that_no_database_can_keep_is_mended(bench: Bench) -> None:
    job = bench.run("keep_rows", items(3, r2="odd"))
    assert bench.entries(job.id)[1].reason == "half a character: ?"
