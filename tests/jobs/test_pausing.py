"""Pausing: at the next row, or after the first ones; then it goes on where it was."""

from datetime import timedelta

import pytest

from tests.jobs.bench import Bench, items
from webapp.errors import BadInput, Refused
from webapp.jobs.activity import activities
from webapp.jobs.claims import release
from webapp.jobs.deeds import Action, actions
from webapp.jobs.recovery import note_waiting, take_back
from webapp.jobs.run import run_claim
from webapp.jobs.submission import StartAt, Submission
from webapp.kit import now
from webapp.store.tables import Job, State


def start(bench: Bench, job_type: str, text: str, when: StartAt, **params: object) -> Job:
    upload = bench.upload(text)
    return bench.submissions.submit(Submission(bench.user, job_type, upload, when=when), params)


def test_a_job_that_waits_is_paused_at_once_and_is_not_claimed(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    for _ in range(2):
        bench.act(job_id, Action.pause)
        assert bench.job(job_id).state is State.paused
    assert bench.try_claim() is None
    bench.act(job_id, Action.resume)
    assert bench.run_waiting(job_id).state is State.completed


@pytest.mark.parametrize("job_type", ["keep_rows", "keep_table"])
def test_a_job_at_work_pauses_at_its_next_row_and_goes_on_there(job_type: str, bench: Bench) -> None:
    job_id = bench.submit(job_type, items(10))
    work = bench.work()
    bench.act(job_id, Action.pause)
    assert bench.job(job_id).state is State.pausing
    work.stop.set()
    run_claim(work)
    job = bench.job(job_id)
    assert (job.state, job.worker, job.asked_at, bench.attempts(job_id)[0].ended) == (
        State.paused,
        None,
        None,
        "paused",
    )
    bench.act(job_id, Action.resume)
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def test_a_job_whose_worker_is_lost_while_it_pauses_is_paused(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    claim = bench.claim()
    bench.act(job_id, Action.pause)
    take_back(bench.database, bench.data, claim, lost=True)
    assert bench.job(job_id).state is State.paused


@pytest.mark.parametrize(
    ("asked", "becomes"), [(None, State.queued), (Action.pause, State.paused), (Action.cancel, State.cancelled)]
)
def test_what_a_job_had_to_wait_for_is_not_said_once_it_was_taken_back(
    asked: Action | None, becomes: State, bench: Bench
) -> None:
    job_id = bench.submit("keep_rows", items(3))
    claim = bench.claim()
    if asked:
        bench.act(job_id, asked)
    note_waiting(bench.database, claim, "The database does not answer.")
    assert bench.job(job_id).problem == "The database does not answer."
    take_back(bench.database, bench.data, claim, lost=True)
    assert (bench.job(job_id).state, bench.job(job_id).problem) == (becomes, None)


def test_a_paused_job_can_be_called_off(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    bench.act(job_id, Action.pause)
    bench.act(job_id, Action.cancel)
    assert (bench.job(job_id).state, bench.counts(job_id)) == (State.cancelled, {"skipped": 3})


def test_a_job_that_pauses_can_still_be_called_off(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    claim = bench.claim()
    bench.act(job_id, Action.pause)
    bench.act(job_id, Action.cancel)
    release(bench.database, claim, lost=False)
    assert bench.job(job_id).state is State.cancelled


def test_the_first_rows_are_run_and_the_others_wait_for_the_operator(bench: Bench) -> None:
    job = start(bench, "keep_rows", items(300, r3="reject"), StartAt(first_rows=10))
    job = bench.run_waiting(job.id)
    assert (job.state, job.accounted, job.waiting, job.pause_after) == (State.paused, 10, 290, None)
    assert bench.kept() == [1, 2, 4, 5, 6, 7, 8, 9, 10]
    bench.act(job.id, Action.resume)
    assert bench.run_waiting(job.id).state is State.completed_with_errors
    assert bench.kept() == [row for row in range(1, 301) if row != 3]


def test_broken_rows_are_among_the_first_ones(bench: Bench) -> None:
    job = start(bench, "keep_rows", "id,do\n" + "x,\n" * 6 + "7,\n8,\n9,\n10,\n11,\n12,\n", StartAt(first_rows=10))
    bench.run_waiting(job.id)
    assert bench.counts(job.id) == {"done": 4, "rejected": 6}


def test_the_first_rows_of_a_table_are_handed_out_and_the_others_wait(bench: Bench) -> None:
    job = start(bench, "keep_table", items(50), StartAt(first_rows=10), size=7)
    assert bench.run_waiting(job.id).state is State.paused
    assert bench.kept() == list(range(1, 11))
    bench.act(job.id, Action.resume)
    assert bench.run_waiting(job.id).state is State.completed
    assert bench.kept() == list(range(1, 51))


def test_a_file_of_fewer_rows_is_done(bench: Bench) -> None:
    job = start(bench, "keep_rows", items(5), StartAt(first_rows=10))
    assert bench.run_waiting(job.id).state is State.completed


def test_a_job_for_later_waits_for_its_time_or_for_the_operator(bench: Bench) -> None:
    job = start(bench, "keep_rows", items(3), StartAt(run_at=now() + timedelta(hours=1)))
    assert (bench.job(job.id).state, bench.try_claim()) == (State.scheduled, None)
    bench.act(job.id, Action.run_now)
    assert bench.run_waiting(job.id).state is State.completed


def test_a_job_that_was_paused_before_its_time_waits_for_it_again(bench: Bench) -> None:
    at = now() + timedelta(hours=1)
    job = start(bench, "keep_rows", items(3), StartAt(run_at=at, first_rows=2))
    bench.act(job.id, Action.pause)
    assert bench.job(job.id).state is State.paused
    bench.act(job.id, Action.resume)
    waiting = bench.job(job.id)
    assert (waiting.state, waiting.run_at, waiting.pause_after, bench.try_claim()) == (State.scheduled, at, 2, None)
    bench.act(job.id, Action.pause)
    with bench.database.write() as session:
        session.get_one(Job, job.id).run_at = now() - timedelta(seconds=1)
    bench.act(job.id, Action.resume)
    assert bench.job(job.id).state is State.queued, "its time came while it was paused"


def test_a_time_that_has_passed_is_now(bench: Bench) -> None:
    job = start(bench, "keep_rows", items(3), StartAt(run_at=now() - timedelta(hours=1)))
    assert bench.job(job.id).state is State.queued


def test_a_prepared_job_is_started_for_later(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    bench.submissions.start(bench.user, job_id, {}, when=StartAt(run_at=now() + timedelta(hours=1), priority=7))
    job = bench.job(job_id)
    assert (job.state, job.priority) == (State.scheduled, 7)


def test_a_worker_that_does_not_stop_can_be_stopped_by_force_after_five_minutes(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    bench.claim()
    bench.act(job_id, Action.pause)
    job_type = bench.shop.registry.get("keep_rows")
    with pytest.raises(Refused, match="five minutes"):
        bench.act(job_id, Action.force)
    assert Action.force not in actions(bench.job(job_id), job_type, now(), undone=False)
    with bench.database.write() as session:
        session.get_one(Job, job_id).asked_at = now() - timedelta(minutes=6)
    assert Action.force in actions(bench.job(job_id), job_type, now(), undone=False)
    bench.act(job_id, Action.force)
    assert bench.job(job_id).forced


def test_what_is_asked_is_written_down_once(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    for action in (Action.pause, Action.pause, Action.resume, Action.resume, Action.cancel):
        bench.act(job_id, action)
    with bench.database.read() as session:
        assert [each.action for each in activities(session, job_id)] == ["cancel", "resume", "pause", "hand_in"]


def test_a_job_that_waits_can_be_given_another_priority(bench: Bench) -> None:
    first, second = bench.submit("keep_rows", items(1)), bench.submit("keep_rows", items(1))
    bench.control().set_priority(bench.user, second, 10)
    assert [bench.claim().job_id, bench.claim().job_id] == [second, first]
    with pytest.raises(Refused, match="begun"):
        bench.control().set_priority(bench.user, first, 10)
    with pytest.raises(BadInput):
        bench.control().set_priority(bench.user, first, 101)


def test_a_job_is_run_again_with_the_same_file_and_entries(bench: Bench) -> None:
    old = bench.run("keep_rows", items(3), pause=0.001)
    new = bench.control().run_again(bench.user, old.id)
    assert (new.again_of, new.upload_id, new.params, new.number) == (old.id, old.upload_id, old.params, old.number + 1)
    bench.submissions.start(bench.user, new.id, new.params)
    assert bench.run_waiting(new.id).state is State.completed
    assert bench.kept() == [1, 1, 2, 2, 3, 3]
