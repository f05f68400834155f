"""A desk that stands still runs nothing, and what an administrator decides about it is written down."""

import os
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from tests.jobs.bench import Bench, items
from webapp.errors import Refused
from webapp.jobs.activity import HAND_IN
from webapp.jobs.claims import Task
from webapp.jobs.halt import call_off, due_schedules, go_on, halted, open_jobs, stand_still, taken_at
from webapp.jobs.housekeeping import clean_up
from webapp.kit import new_id, now
from webapp.store.tables import Activity, Schedule, State
from webapp.store.uploads import Uploads


def halt(bench: Bench) -> None:
    with bench.database.write() as session:
        stand_still(session, "It was restored.", now())


def actions(session: Session) -> list[tuple[str, object]]:
    done = session.exec(select(Activity).where(Activity.action != HAND_IN).order_by("id"))
    return [(activity.action, activity.user_id) for activity in done]


def test_nothing_is_taken_until_the_desk_goes_on(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    bench.prepare("keep_rows", items(3))
    halt(bench)
    assert bench.try_claim() is None
    assert bench.try_claim(Task.check) is None
    go_on(bench.database, bench.user.id)
    go_on(bench.database, bench.user.id)
    assert bench.run_waiting(job_id).state is State.completed
    with bench.database.read() as session:
        assert halted(session) is None
        assert actions(session) == [("desk_restored", None), ("desk_resumed", bench.user.id)]


def test_jobs_that_had_not_ended_are_listed_and_later_ones_are_not(bench: Bench) -> None:
    bench.run("keep_rows", items(3))
    waiting, ready = bench.submit("keep_rows", items(3)), bench.prepare("keep_rows", items(3))
    running = bench.claim().job_id
    assert running == waiting
    halt(bench)
    bench.submit("keep_rows", items(3))
    with bench.database.read() as session:
        found = open_jobs(session, 10)
        assert [(job.id, owner) for job, owner in found.jobs] == [(waiting, "ada"), (ready, "ada")]
        assert (found.count, len(open_jobs(session, 1).jobs)) == (2, 1)


def test_a_desk_that_was_never_restored_has_no_such_jobs(bench: Bench) -> None:
    bench.submit("keep_rows", items(3))
    with bench.database.read() as session:
        assert taken_at(session) is None
        assert open_jobs(session, 10).count == 0


def test_jobs_are_called_off_with_every_row_accounted_for(bench: Bench) -> None:
    ended, running = bench.run("keep_rows", items(3)).id, bench.submit("keep_rows", items(3))
    assert bench.claim().job_id == running
    waiting = bench.submit("keep_rows", items(3))
    halt(bench)
    assert call_off(bench.database, bench.user.id, [waiting, running, ended]) == 2
    assert [bench.job(job).state for job in (waiting, running, ended)] == [
        State.cancelled,
        State.cancelling,
        State.completed,
    ]
    with bench.database.read() as session:
        assert actions(session)[1:] == [("cancel", bench.user.id), ("cancel", bench.user.id)]


def test_a_desk_that_runs_calls_nothing_off_this_way(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(3))
    with pytest.raises(Refused, match="not paused"):
        call_off(bench.database, bench.user.id, [job_id])
    assert bench.job(job_id).state is State.queued


def test_schedules_whose_time_has_come_are_named(bench: Bench) -> None:
    def schedule(name: str, hours: float, *, paused: bool = False) -> Schedule:
        at = now() + timedelta(hours=hours)
        return Schedule(owner_id=bench.user.id, name=name, job_type="keep_some", next_at=at, paused=paused)

    with bench.database.write() as session:
        session.add_all([schedule("due", -1), schedule("later", 1), schedule("paused", -1, paused=True)])
    with bench.database.read() as session:
        assert [found.name for found in due_schedules(session)] == ["due"]


def test_a_desk_that_stands_still_removes_no_file(bench: Bench) -> None:
    """It may be a copy of one that works, over the same files."""
    files = bench.shop.files
    nobodys = new_id()
    with files.write_upload(nobodys) as file:
        file.write(b"another desk's")
    os.utime(files.upload(nobodys), (0, 0))
    halt(bench)
    uploads = Uploads(bench.database, files, 10**9, 0)
    clean_up(uploads)
    assert files.upload(nobodys).exists()
    go_on(bench.database, None)
    clean_up(uploads)
    assert not files.upload(nobodys).exists()
