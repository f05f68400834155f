"""Making the jobs of schedules: each time gets one job, whoever makes it, however often, and whatever breaks off."""

import logging
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from tests.jobs.bench import Bench, items
from webapp.jobs.firing import UNFORESEEN, fire_due, keep_firing
from webapp.jobs.plan import Plan, When
from webapp.jobs.schedules import Schedules
from webapp.jobs.submit import Submissions
from webapp.store.database import Database
from webapp.store.queries import clock
from webapp.store.tables import Activity, Halt, Job, Missed, Role, Schedule, State, User

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).resolve().parents[2]
HOURLY = Plan("Keep some every hour", "keep_some", When(cron="0 * * * *"), {"rows": 2})
HOUR = timedelta(hours=1)
AT_ONCE = 8


@pytest.fixture
def schedules(bench: Bench) -> Schedules:
    return Schedules(bench.submissions)


def make(schedules: Schedules, bench: Bench, plan: Plan = HOURLY, **changes: Any) -> UUID:
    return schedules.make(bench.user, replace(plan, **changes), str(uuid4())).id


def state_of(bench: Bench, schedule_id: UUID) -> Schedule:
    with bench.database.read() as session:
        schedule = session.get_one(Schedule, schedule_id)
        session.expunge_all()
    return schedule


def next_of(bench: Bench, schedule_id: UUID) -> datetime:
    at = state_of(bench, schedule_id).next_at
    assert at is not None
    return at


def fired(bench: Bench, schedule_id: UUID) -> list[datetime | None]:
    """The times that have got a job, in their order."""
    with bench.database.read() as session:
        of_it = select(Job.fire_time).where(Job.schedule_id == schedule_id).order_by(col(Job.fire_time))
        return list(session.exec(of_it))


def test_a_due_schedule_makes_its_job_and_goes_on(schedules: Schedules, bench: Bench) -> None:
    schedule_id = make(schedules, bench)
    due = next_of(bench, schedule_id)
    assert fire_due(schedules, due - timedelta(seconds=1)) == 0
    assert fire_due(schedules, due) == 1
    assert fire_due(schedules, due) == 0
    schedule = state_of(bench, schedule_id)
    assert (schedule.next_at, schedule.last_at, schedule.problem) == (due + HOUR, due, None)
    assert fired(bench, schedule_id) == [due]
    with bench.database.read() as session:
        job = session.exec(select(Job)).one()
        noted = session.exec(select(Activity.action).where(Activity.job_id == job.id)).all()
    assert (job.state, job.owner_id, job.params["rows"]) == (State.queued, bench.user.id, 2)
    assert noted == ["made_by_schedule"]


def test_a_job_with_a_file_is_made_with_the_same_file_each_time(schedules: Schedules, bench: Bench) -> None:
    upload_id = bench.upload(items(3))
    schedule_id = make(schedules, bench, job_type="judge_table", upload_id=upload_id, params={})
    for _ in range(2):
        fire_due(schedules, next_of(bench, schedule_id))
    with bench.database.read() as session:
        jobs = session.exec(select(Job.id)).all()
    assert [bench.job(job_id).upload_id for job_id in jobs] == [upload_id] * 2
    assert [bench.run_waiting(job_id).accounted for job_id in jobs] == [3, 3]


def test_once_is_once(schedules: Schedules, bench: Bench) -> None:
    with bench.database.read() as session:
        at = clock(session) + HOUR
    schedule_id = make(schedules, bench, when=When(at=at))
    assert [fire_due(schedules, at + n * HOUR) for n in range(3)] == [1, 0, 0]
    schedule = state_of(bench, schedule_id)
    assert (schedule.next_at, schedule.last_at) == (None, at)


def test_a_single_time_that_was_missed_is_not_forgotten(schedules: Schedules, bench: Bench) -> None:
    with bench.database.read() as session:
        at = clock(session) + HOUR
    schedule_id = make(schedules, bench, when=When(at=at), missed=Missed.skip)
    assert fire_due(schedules, at + HOUR) == 0
    schedule = state_of(bench, schedule_id)
    assert (schedule.next_at, schedule.last_at) == (None, at)


@pytest.mark.parametrize("missed", [Missed.skip, Missed.run_once])
def test_whatever_was_missed_is_one_job_or_none(schedules: Schedules, bench: Bench, missed: Missed) -> None:
    schedule_id = make(schedules, bench, missed=missed)
    due = next_of(bench, schedule_id)
    back = due + 5 * HOUR + timedelta(minutes=7)
    assert fire_due(schedules, back) == (missed is Missed.run_once)
    schedule = state_of(bench, schedule_id)
    assert schedule.next_at == due + 6 * HOUR
    assert fired(bench, schedule_id) == ([due + 5 * HOUR] if missed is Missed.run_once else [])
    assert ("skips missed times" in (schedule.problem or "")) == (missed is Missed.skip)
    assert fire_due(schedules, due + 6 * HOUR) == 1
    assert state_of(bench, schedule_id).problem is None


def test_a_clock_that_is_set_back_makes_no_second_job(schedules: Schedules, bench: Bench) -> None:
    schedule_id = make(schedules, bench)
    due = next_of(bench, schedule_id)
    for n in range(3):
        fire_due(schedules, due + n * HOUR)
    for now in (due, due + HOUR, due + 2 * HOUR):
        assert fire_due(schedules, now) == 0
    with bench.database.write() as session:  # as after a pause and a resumption by the clock that went back
        session.get_one(Schedule, schedule_id).next_at = due
    for n in range(4):
        assert fire_due(schedules, due + n * HOUR) == (n == 3)
        assert next_of(bench, schedule_id) == due + (n + 1) * HOUR
    assert fired(bench, schedule_id) == [due + n * HOUR for n in range(4)]


def test_many_at_once_make_one_job_for_each_time(schedules: Schedules, bench: Bench) -> None:
    schedule_id = make(schedules, bench)
    due = next_of(bench, schedule_id)
    gate = threading.Barrier(AT_ONCE)

    def fire(_: int) -> int:
        own = Database(bench.settings.database)
        mine = Schedules(replace(bench.submissions, database=own))
        made = 0
        for n in range(5):
            gate.wait()
            made += fire_due(mine, due + n * HOUR)
        own.close()
        return made

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(fire, range(AT_ONCE))) == 5
    assert fired(bench, schedule_id) == [due + n * HOUR for n in range(5)]


FIRE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from tests.jobs.bench import Bench
from webapp.jobs.firing import fire_due
from webapp.jobs.schedules import Schedules
from webapp.jobs.submit import Submissions

folder, url, where, now = sys.argv[1:]
keep = Submissions.keep

def keep_and_die(self, session, job):
    if where == "before the job":
        os.kill(os.getpid(), signal.SIGKILL)
    keep(self, session, job)
    os.kill(os.getpid(), signal.SIGKILL)

bench = Bench(Path(folder), database_url=url)
if where != "after the commit":
    Submissions.keep = keep_and_die
fire_due(Schedules(bench.submissions), datetime.fromisoformat(now))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("where", ["before the job", "before the commit", "after the commit"])
def test_a_kill_at_any_point_leaves_one_job_for_the_time(schedules: Schedules, bench: Bench, where: str) -> None:
    schedule_id = make(schedules, bench)
    due = next_of(bench, schedule_id)
    arguments = [sys.executable, "-c", FIRE, str(bench.settings.data), bench.settings.database, where, due.isoformat()]
    killed = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    is_made = where == "after the commit"
    assert fired(bench, schedule_id) == ([due] if is_made else [])
    assert next_of(bench, schedule_id) == (due + HOUR if is_made else due)
    fire_due(schedules, due + timedelta(seconds=20))
    assert fired(bench, schedule_id) == [due]


def disable_owner(_: Schedule, owner: User) -> None:
    owner.active = False


def take_rights(_: Schedule, owner: User) -> None:
    owner.role = Role.viewer


def drop_job_type(schedule: Schedule, _: User) -> None:
    schedule.job_type = "gone"


def outgrow_params(schedule: Schedule, _: User) -> None:
    schedule.params = {"rows": "many"}


def lose_key(schedule: Schedule, _: User) -> None:
    schedule.secrets = "locked by another key"


CAUSES = [
    (disable_owner, "may not run jobs"),
    (take_rights, "may not run jobs"),
    (drop_job_type, "gone"),
    (outgrow_params, "rows"),
    (lose_key, "enter them again"),
]


@pytest.mark.parametrize(("cause", "words"), CAUSES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_schedule_that_can_make_no_job_says_why_and_goes_on_trying(
    schedules: Schedules, bench: Bench, cause: Any, words: str
) -> None:
    schedule_id, good_id = make(schedules, bench), make(schedules, bench, name="Another")
    due = next_of(bench, schedule_id)
    with bench.database.write() as session:
        schedule = session.get_one(Schedule, schedule_id)
        owner = User(name="Olga", role=Role.operator)
        session.add(owner)
        session.flush()
        schedule.owner_id = owner.id
        before = (schedule.params, schedule.job_type)
        cause(schedule, owner)
    assert fire_due(schedules, due) == 1, "the other one's job"
    assert words in (state_of(bench, schedule_id).problem or "")
    assert next_of(bench, schedule_id) == due + HOUR
    with bench.database.write() as session:
        schedule, owner = session.get_one(Schedule, schedule_id), session.get_one(User, owner.id)
        (schedule.params, schedule.job_type), schedule.secrets = before, None
        owner.active, owner.role = True, Role.operator
    assert fire_due(schedules, due + HOUR) == 2
    assert state_of(bench, schedule_id).problem is None
    assert fired(bench, schedule_id) == [due + HOUR]
    assert fired(bench, good_id) == [due, due + HOUR]


def test_what_nobody_foresaw_stops_no_other_schedule(
    schedules: Schedules, bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = make(schedules, bench)
    good = make(schedules, bench, job_type="hash_file", params={}, upload_id=bench.upload(b"\0"))
    due, accept = next_of(bench, broken), Submissions.accept

    def break_for_some(self: Submissions, submission: Any) -> Job:
        if submission.job_type == "keep_some":
            raise LookupError("inside")
        return accept(self, submission)

    monkeypatch.setattr(Submissions, "accept", break_for_some)
    with caplog.at_level(logging.ERROR):
        assert fire_due(schedules, due) == 1
    assert "inside" in caplog.text
    assert state_of(bench, broken).problem == UNFORESEEN
    assert fired(bench, good) == [due]


def test_a_job_that_could_not_be_written_down_is_made_at_the_next_look(
    schedules: Schedules, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule_id = make(schedules, bench)
    due = next_of(bench, schedule_id)

    def is_full(*_: Any) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(Submissions, "keep", is_full)
        assert fire_due(schedules, due) == 0
    assert next_of(bench, schedule_id) == due
    assert fire_due(schedules, due + timedelta(seconds=5)) == 1


def test_nothing_is_looked_at_while_it_is_paused_or_the_desk_is_halted(
    schedules: Schedules, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule_id = make(schedules, bench)
    due, attempt, looks = next_of(bench, schedule_id), Schedules.attempt, []

    def note_look(*given: Any) -> Any:
        looks.append(given)
        return attempt(*given)

    monkeypatch.setattr(Schedules, "attempt", note_look)
    schedules.pause(bench.user, schedule_id)
    assert fire_due(schedules, due) == 0
    schedules.resume(bench.user, schedule_id)
    with bench.database.write() as session:
        session.add(Halt(reason="It was restored."))
    assert fire_due(schedules, due) == 0
    assert next_of(bench, schedule_id) == due
    assert looks == []
    with bench.database.write() as session:
        session.delete(session.exec(select(Halt)).one())
    assert fire_due(schedules, due) == 1


def pause_it(schedules: Schedules, bench: Bench, schedule_id: UUID) -> None:
    schedules.pause(bench.user, schedule_id)


def change_it(schedules: Schedules, bench: Bench, schedule_id: UUID) -> None:
    schedules.change(bench.user, schedule_id, replace(HOURLY, when=When(cron="30 7 1 1 *")))


def delete_it(schedules: Schedules, bench: Bench, schedule_id: UUID) -> None:
    schedules.delete(bench.user, schedule_id)


def halt_it(_: Schedules, bench: Bench, schedule_id: UUID) -> None:  # noqa: ARG001 (each is called so)
    with bench.database.write() as session:
        session.add(Halt(reason="It was restored."))


@pytest.mark.parametrize("meanwhile", [pause_it, change_it, delete_it, halt_it], ids=lambda each: each.__name__)
def test_what_is_done_in_the_same_moment_counts(
    schedules: Schedules, bench: Bench, monkeypatch: pytest.MonkeyPatch, meanwhile: Any
) -> None:
    schedule_id = make(schedules, bench)
    due, attempt, after = next_of(bench, schedule_id), Schedules.attempt, []

    def do_it_meanwhile(self: Schedules, *given: Any) -> Any:
        meanwhile(self, bench, schedule_id)
        with bench.database.read() as session:
            after.append(session.exec(select(Schedule.next_at)).all())
        return attempt(self, *given)

    monkeypatch.setattr(Schedules, "attempt", do_it_meanwhile)
    assert fire_due(schedules, due) == 0
    assert fired(bench, schedule_id) == []
    with bench.database.read() as session:
        assert session.exec(select(Schedule.next_at)).all() == after[0]


def test_it_wakes_when_a_job_is_due_and_goes_on_after_an_error(
    schedules: Schedules, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.jobs.firing.LOOK_SECONDS", 0.2)
    monkeypatch.setattr("webapp.jobs.firing.REST_SECONDS", 0.05)
    looks = iter([LookupError("once")])

    def fail_once(asked: Schedules) -> int:
        for error in looks:
            raise error
        return fire_due(asked)

    monkeypatch.setattr("webapp.jobs.firing.fire_due", fail_once)
    with bench.database.read() as session:
        at = clock(session) + timedelta(seconds=3)  # it has to be made before
    schedule_id = make(schedules, bench, when=When(at=at))
    stop = threading.Event()
    thread = threading.Thread(target=keep_firing, args=(schedules, stop))
    thread.start()
    deadline = time.monotonic() + 60
    while not fired(bench, schedule_id) and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert fired(bench, schedule_id) == [at]
