"""Jobs over several files: each file is a row, with an outcome of its own, whatever is in it and whoever dies."""

import io
import zipfile

import pytest

from tests.jobs.bench import Bench
from webapp.errors import BadInput
from webapp.jobs.claims import Task, release
from webapp.jobs.failed_rows import FailedRows
from webapp.jobs.ledger import Ledger
from webapp.jobs.run import run_claim
from webapp.store.tables import State

pytestmark = pytest.mark.both_databases


def packed(*deeds: str) -> bytes:
    """An archive with a file for each, called after its number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for number, deed in enumerate(deeds, start=1):
            file.writestr(f"{number}.txt", deed)
    return out.getvalue()


def test_each_file_has_the_outcome_that_was_raised_over_it(bench: Bench) -> None:
    job = bench.run("take_files", packed("a", "reject", "skip", "error", "sys.exit", "memory", "b"))
    assert (job.state, job.received) == (State.completed_with_errors, 7)
    assert bench.counts(job.id) == {"done": 2, "rejected": 1, "failed": 3, "skipped": 1}
    assert bench.kept() == [1, 7], "a file that is not done has written nothing"
    rejected = next(entry for entry in bench.entries(job.id) if entry.outcome == "rejected")
    assert (rejected.column, rejected.found, rejected.reason) == ("file", "2.txt", "is not wanted here")
    assert "file 4:\nTraceback" in (bench.attempts(job.id)[0].detail or "")


def test_a_file_by_itself_is_one_row(bench: Bench) -> None:
    job = bench.run("join_files", b"hello")
    assert (job.state, job.received, job.done) == (State.completed, 1, 1)
    assert bench.results(job.id) == {"joined.txt": b"items.csv=hello\n"}


def test_a_job_that_gives_up_skips_the_other_files(bench: Bench) -> None:
    job = bench.run("take_files", packed("a", "give up", "b"))
    assert (job.state, job.problem) == (State.failed, "There is no point in going on.")
    assert job.received == job.accounted == 3


def test_what_will_be_rejected_is_said_before_the_start(bench: Bench) -> None:
    job_id = bench.prepare("take_files", packed("a", "", "b", ""))
    checked = bench.run_waiting(job_id, Task.check)
    assert (checked.state, checked.received) == (State.ready, 4)
    assert checked.findings is not None
    assert (checked.findings["rejected"], checked.findings["damage"]) == (2, [])
    assert checked.findings["causes"][0]["examples"][0] == {
        "row": 2,
        "line": 3,
        "found": "2.txt",
        "reason": "is empty",
    }
    bench.submissions.start(bench.user, job_id, {})
    bench.run_waiting(job_id)
    assert bench.counts(job_id) == {"done": 2, "rejected": 2}


def test_the_list_of_what_did_not_work_names_the_files(bench: Bench) -> None:
    job = bench.run("take_files", packed("a", "reject"))
    lines = "".join(FailedRows(bench.database, bench.shop.files, bench.shop.secrets, job).csv()).splitlines()
    assert lines == ["\ufefffile,bytes,error", "2.txt,6,file: is not wanted here"]


def test_an_archive_that_can_t_be_read_is_refused_before_there_is_a_job(bench: Bench) -> None:
    with pytest.raises(BadInput) as refused:
        bench.submit("take_files", packed("a", "b")[:-40])
    assert refused.value.problems["file"].startswith("This ZIP archive is damaged.")


@pytest.mark.parametrize(("job_type", "rows"), [("take_files", [1, 2, 3, 4]), ("join_files", None)])
@pytest.mark.parametrize("before_ledger", [True, False])
def test_after_a_crash_every_file_is_done_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, job_type: str, rows: list[int] | None, *, before_ledger: bool
) -> None:
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)
    job_id = bench.submit(job_type, packed("a", "b", "c", "d"))
    commits = []

    def die(ledger: Ledger, *args: object, **more: object) -> None:
        commits.append(1)
        if len(commits) < 3 or not before_ledger:
            real(ledger, *args, **more)  # type: ignore[arg-type]
        if len(commits) == 3:
            raise SystemExit

    real = Ledger.commit
    work = bench.work()
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "commit", die)
        with pytest.raises(SystemExit):
            run_claim(work)
    release(bench.database, work.claim, lost=True)
    assert bench.results(job_id) == {}, "a result is whole or absent"
    job = bench.run_waiting(job_id)
    assert (job.state, bench.counts(job_id)) == (State.completed, {"done": 4})
    assert bench.kept() == rows if rows else bench.results(job_id)["joined.txt"].count(b"\n") == 4
