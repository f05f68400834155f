"""What a job sends that belongs to no row: once, across attempts, and honest where nobody can know."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.jobs.bench import Bench, items
from webapp.jobs.activity import activities
from webapp.jobs.context import JobContext
from webapp.jobs.recovery import take_back
from webapp.jobs.run import open_work, run_claim
from webapp.services.data import FenceLostError
from webapp.store.tables import Job, State


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box"
    path.touch()
    return path


def break_down(bench: Bench) -> None:
    """Work on what waits until the process is gone, and have somebody notice."""
    claim = bench.claim()
    with pytest.raises(BaseException, match="as if killed"):
        run_claim(open_work(bench.shop, claim))
    take_back(bench.database, bench.data, claim, lost=True)


def noted(bench: Bench, job_id: UUID) -> list[tuple[str, str]]:
    with bench.database.read() as session:
        done = activities(session, job_id)[::-1]
    return [(each.action, each.detail["what"]) for each in done if "what" in each.detail]


def test_each_is_written_down_before_and_after(bench: Bench, box: Path) -> None:
    job = bench.run("post_letters", box=str(box))
    assert job.state is State.completed
    assert noted(bench, job.id) == [("sending", "ada"), ("sent", "ada"), ("sending", "bob"), ("sent", "bob")]


def test_after_a_breakdown_what_was_sent_is_not_sent_again_and_one_is_unknown(bench: Bench, box: Path) -> None:
    job_id = bench.submit("post_letters", box=str(box), to=["ada", "bob", "cy"], over="bob", how="breakdown")
    break_down(bench)
    job = bench.run_waiting(job_id)
    assert box.read_text().split() == ["ada", "bob", "cy"]
    assert job.state is State.needs_attention
    assert job.problem == "Nobody can tell whether the letter to bob arrived."
    assert job.received == job.unknown == 0


@pytest.mark.parametrize("how", ["shut", "closed"])
def test_what_certainly_did_not_leave_may_be_sent_later(how: str, bench: Bench, box: Path) -> None:
    job_id = bench.submit("post_letters", box=str(box), over="bob", how=how)
    first = bench.run_waiting(job_id)
    assert first.state is (State.failed if how == "shut" else State.scheduled)
    assert noted(bench, job_id)[-1] == ("not_sent", "bob")
    if how == "closed":
        with bench.database.write() as session:
            session.get_one(Job, job_id).run_at = None
        assert bench.run_waiting(job_id).state is State.completed
        assert box.read_text().split() == ["ada", "bob"]


def test_sending_twice_is_a_mistake_of_the_code(bench: Bench, box: Path) -> None:
    job = bench.run("post_letters", box=str(box), over="ada", how="twice")
    assert job.state is State.failed
    assert "'ada' was sent, or may have been" in (bench.attempts(job.id)[0].detail or "")


def test_who_has_lost_the_claim_sends_nothing(bench: Bench, box: Path) -> None:
    bench.submit("post_letters", box=str(box))
    claim = bench.claim()
    old = JobContext(open_work(bench.shop, claim))
    take_back(bench.database, bench.data, claim, lost=True)
    bench.claim()
    with pytest.raises(FenceLostError):
        old.send_once("ada").__enter__()


def test_a_job_that_starts_over_remembers_it(bench: Bench, box: Path) -> None:
    job_id = bench.submit("post_table", items(3), box=str(box))
    break_down(bench)
    job = bench.run_waiting(job_id)
    assert (job.state, job.done, job.problem) == (State.needs_attention, 3, "Look at it.")
    assert box.read_text().split() == ["ada"]
