"""What somebody has to look at is not forgotten, whatever happens to the attempt that said so."""

from uuid import UUID

import pytest

from tests.jobs.bench import Bench, items
from tests.jobs.test_sending import break_down
from webapp.errors import Refused
from webapp.jobs import ending
from webapp.jobs.activity import activities
from webapp.jobs.deciding import Decision, decide
from webapp.jobs.deeds import Action
from webapp.kit import now
from webapp.store.queries import CALLING, SEEN, JobFilter, job_page
from webapp.store.tables import Job, State

pytestmark = pytest.mark.both_databases


def run_on(bench: Bench, job_id: UUID) -> None:
    """Run it to its end; it says what has to be looked at, though this attempt did not."""
    found = bench.run_waiting(job_id)
    assert (found.state, found.done, found.problem) == (State.needs_attention, found.received, "Look at row 1.")


def test_over_a_pause(bench: Bench) -> None:
    job_id = bench.submit("look_at_rows", items(200))
    with bench.database.write() as session:
        session.get_one(Job, job_id).pause_after = 1
    assert bench.run_waiting(job_id).state is State.paused
    bench.act(job_id, Action.resume)
    run_on(bench, job_id)


def test_over_a_crash(bench: Bench) -> None:
    job_id = bench.submit("look_at_rows", items(3, r2="breakdown"))
    break_down(bench, bench.claim())
    run_on(bench, job_id)


def test_over_a_crash_just_before_the_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = bench.submit("look_at_rows", items(3))

    def breaks(*_: object, **__: object) -> None:
        raise KeyboardInterrupt("as if killed")

    with monkeypatch.context() as patch:
        patch.setattr(ending, "finish", breaks)
        break_down(bench, bench.claim())
    run_on(bench, job_id)


def test_over_rows_that_are_tried_again(bench: Bench) -> None:
    job_id = bench.submit("look_at_rows", items(3, r2="busy"))
    assert bench.run_waiting(job_id).state is State.scheduled
    with bench.database.write() as session:
        session.get_one(Job, job_id).run_at = now()
    run_on(bench, job_id)


def seen(bench: Bench, job_id: UUID) -> Job:
    bench.control().decide(bench.user, job_id, Decision.seen)
    return bench.job(job_id)


def test_somebody_has_seen_to_it(bench: Bench) -> None:
    job_id = bench.run("look_at_rows", items(3)).id
    found = seen(bench, job_id)
    assert (found.state, found.problem, found.doubt) == (State.completed, None, SEEN)
    with bench.database.read() as session:
        (last,) = activities(session, job_id, 1)
    assert (last.action, last.user_id) == ("decide", bench.user.id)
    assert (last.detail["decision"], last.detail["problem"]) == ("seen", "Look at row 1.")
    with pytest.raises(Refused, match="Nothing of this job"):
        seen(bench, job_id)


def test_a_sum_that_does_not_add_up_does_not_become_green(bench: Bench) -> None:
    job_id = bench.run("look_at_rows", items(3)).id
    with bench.database.write() as session:
        session.get_one(Job, job_id).received = 2
    assert seen(bench, job_id).state is State.completed_with_errors


def test_unknown_rows_are_decided_about_first_and_leave_the_rest_to_be_seen(bench: Bench) -> None:
    job_id = bench.run("look_at_rows", items(3, r2="unknown")).id
    with pytest.raises(Refused, match="unknown rows first"):
        seen(bench, job_id)
    bench.control().decide(bench.user, job_id, Decision.sent)
    found = bench.job(job_id)
    assert (found.state, found.unknown, found.problem) == (State.needs_attention, 0, "Look at row 1.")
    with pytest.raises(Refused, match="no such rows"):
        bench.control().decide(bench.user, job_id, Decision.sent)
    assert seen(bench, job_id).state is State.completed


def test_rows_sent_again_leave_the_rest_to_be_seen(bench: Bench) -> None:
    job_id = bench.run("look_at_rows", items(3, r2="unknown")).id
    bench.control().decide(bench.user, job_id, Decision.send_again)
    run_on(bench, job_id)
    with pytest.raises(Refused, match="Name no rows"):
        bench.control().decide(bench.user, job_id, Decision.seen, [1])


@pytest.mark.parametrize(("deed", "state"), [("error", State.completed_with_errors), ("give up", State.failed)])
def test_what_went_wrong_is_seen_to_and_stays_as_it_is(bench: Bench, deed: str, state: State) -> None:
    before = bench.run("keep_rows", items(3, r2=deed))
    assert (before.state, calling(bench)) == (state, [before.id])
    found = seen(bench, before.id)
    assert (found.state, found.problem, found.failed) == (state, before.problem, before.failed)
    assert calling(bench) == []
    with bench.database.read() as session:
        (last,) = activities(session, before.id, 1)
    assert (last.action, last.user_id, last.detail["decision"]) == ("decide", bench.user.id, "seen")
    with pytest.raises(Refused, match="Nothing of this job"):
        seen(bench, before.id)
    bench.act(before.id, Action.retry if state is State.failed else Action.retry_rows)
    again = bench.run_waiting(before.id)
    assert again.doubt is None
    assert calling(bench) == [before.id], "what came of it this time nobody has seen to"


@pytest.mark.parametrize(
    ("kind", "deed", "state"),
    [
        ("keep_rows", "error", State.completed_with_errors),
        ("keep_rows", "give up", State.failed),
        ("look_at_rows", "", State.needs_attention),
        ("look_at_rows", "unknown", State.needs_attention),
    ],
)
def test_that_it_was_seen_to_is_taken_back(bench: Bench, kind: str, deed: str, state: State) -> None:
    before = bench.run(kind, items(3, r2=deed) if deed else items(3))
    if before.unknown:
        bench.control().decide(bench.user, before.id, Decision.not_sent)
        before = bench.job(before.id)
    with pytest.raises(Refused, match="Nobody has seen to this job"):
        unseen(bench, before.id)
    assert calling(bench) == [before.id]
    seen(bench, before.id)
    assert calling(bench) == []
    with pytest.raises(Refused, match="Name no rows"):
        bench.control().decide(bench.user, before.id, Decision.unseen, [1])
    found = unseen(bench, before.id)
    assert calling(bench) == [before.id]
    assert (found.state, found.problem, found.doubt) == (state, before.problem, before.doubt)
    assert (found.done, found.failed) == (before.done, before.failed)
    with bench.database.read() as session:
        (last,) = activities(session, before.id, 1)
    assert (last.action, last.user_id, last.detail["decision"]) == ("decide", bench.user.id, "unseen")
    with pytest.raises(Refused, match="Nobody has seen to this job"):
        unseen(bench, before.id)
    assert seen(bench, before.id).doubt == SEEN, "and seen to once more"


@pytest.mark.parametrize("kind", ["keep_rows", "look_at_rows"])
def test_of_two_who_take_it_back_one_does(bench: Bench, kind: str) -> None:
    job_id = bench.run(kind, items(3, r2="error")).id
    looked_at_by_both = seen(bench, job_id)
    unseen(bench, job_id)
    with bench.database.write() as session, pytest.raises(Refused, match="Nobody has seen to this job"):
        decide(session, bench.user, looked_at_by_both, Decision.unseen)
    with bench.database.read() as session:
        told = [each.detail["decision"] for each in activities(session, job_id, 9) if each.action == "decide"]
    assert told == ["unseen", "seen"]


def unseen(bench: Bench, job_id: UUID) -> Job:
    bench.control().decide(bench.user, job_id, Decision.unseen)
    return bench.job(job_id)


def calling(bench: Bench) -> list[UUID]:
    """The jobs that need somebody."""
    with bench.database.read() as session:
        return [job.id for job in job_page(session, JobFilter(bench.user, CALLING, unseen=True)).jobs]
