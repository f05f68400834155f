"""Schedules: made, changed, paused, deleted, and run beside their timetable."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from tests.jobs.bench import Bench, items
from webapp.errors import BadInput, NotFound, Refused, TooMany
from webapp.jobs.plan import Plan, When
from webapp.jobs.schedules import OVER, Schedules
from webapp.jobs.settled import Settled
from webapp.kit import now
from webapp.store.tables import Activity, Job, Role, Schedule, State, Upload
from webapp.store.uploads import KEPT, Uploads

both = pytest.mark.both_databases
NIGHTLY = When(cron="30 2 * * *", zone="Europe/Berlin")
PLAIN = Plan("Keep some every night", "keep_some", NIGHTLY, {"rows": 2})


@pytest.fixture
def schedules(bench: Bench) -> Schedules:
    return Schedules(bench.submissions)


def make(schedules: Schedules, bench: Bench, plan: Plan = PLAIN, **changes: Any) -> Schedule:
    return schedules.make(bench.user, replace(plan, **changes), str(uuid4()))


def found(bench: Bench, schedule_id: UUID) -> Schedule | None:
    with bench.database.read() as session:
        schedule = session.get(Schedule, schedule_id)
        session.expunge_all()
    return schedule


def there(bench: Bench, schedule_id: UUID) -> Schedule:
    schedule = found(bench, schedule_id)
    assert schedule is not None
    return schedule


def jobs_of(bench: Bench, schedule_id: UUID) -> list[Job]:
    with bench.database.read() as session:
        jobs = list(session.exec(select(Job).where(Job.schedule_id == schedule_id)))
        session.expunge_all()
    return jobs


def test_a_schedule_keeps_the_plan_and_knows_its_next_time(schedules: Schedules, bench: Bench) -> None:
    schedule = there(bench, make(schedules, bench, name="  Every night ").id)
    assert (schedule.name, schedule.cron, schedule.zone) == ("Every night", "30 2 * * *", "Europe/Berlin")
    assert schedule.params == {"rows": 2, "do": ""}
    assert schedule.next_at is not None
    assert now() < schedule.next_at <= now() + timedelta(hours=25)


@both
def test_the_same_key_at_once_is_one_schedule(schedules: Schedules, bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: schedules.make(bench.user, PLAIN, "one click").id, range(8)))
    assert len(set(made)) == 1
    other = schedules.make(bench.person("eve"), PLAIN, "one click")
    assert other.id != made[0]
    with pytest.raises(BadInput) as refused:
        schedules.make(bench.user, replace(PLAIN, params={"rows": 5}), "one click")
    assert list(refused.value.problems) == ["Idempotency-Key"]


def test_all_that_is_wrong_is_said_at_once(schedules: Schedules, bench: Bench) -> None:
    wrong = Plan(" ", "keep_some", When(cron="0 0 30 2 *"), {"rows": "many", "colour": "red"})
    with pytest.raises(BadInput) as refused:
        schedules.make(bench.user, wrong, "key")
    assert set(refused.value.problems) == {"name", "cron", "params.rows", "params.colour"}
    with pytest.raises(BadInput) as refused:
        make(schedules, bench, job_type="gone", when=When(at=now() - timedelta(hours=1)))
    assert set(refused.value.problems) == {"job_type", "at"}


@pytest.mark.parametrize("text", [None, "", "colour,do\nred,\n"])
def test_a_file_that_the_job_cannot_use_is_refused(schedules: Schedules, bench: Bench, text: str | None) -> None:
    upload = None if text is None else bench.upload(text)
    with pytest.raises(BadInput) as refused:
        make(schedules, bench, job_type="keep_rows", upload_id=upload, params={})
    assert list(refused.value.problems) == ["file"]


def test_a_file_of_somebody_else_is_refused(schedules: Schedules, bench: Bench) -> None:
    plan = replace(PLAIN, job_type="keep_rows", upload_id=bench.upload(items(1)), params={})
    with pytest.raises(BadInput):
        schedules.make(bench.person("eve"), plan, "key")


def test_its_file_stays_as_long_as_the_schedule(schedules: Schedules, bench: Bench) -> None:
    upload_id = bench.upload(items(2))
    schedule = make(schedules, bench, job_type="keep_rows", upload_id=upload_id, params={})
    uploads = Uploads(bench.database, bench.shop.files, 10**9, 0)
    with pytest.raises(Refused):
        uploads.abandon(uploads.find(bench.user.id, upload_id))
    with bench.database.write() as session:
        session.get_one(Upload, upload_id).created_at = now() - 2 * KEPT
    os.utime(bench.shop.files.upload(upload_id), (0, 0))
    assert uploads.expire() == 0
    job = bench.run_waiting(schedules.run_now(bench.user, schedule.id, "key").id)
    assert (job.state, job.done, job.file_name) == (State.completed, 2, "items.csv")


def test_a_file_is_read_each_time_as_was_settled(schedules: Schedules, bench: Bench) -> None:
    upload_id = bench.upload("sheet of today\nid,do\n1,\n2,\n")
    settled = Settled.checked({"header_line": 2, "match": {"do": None}})
    schedule = make(schedules, bench, job_type="keep_rows", upload_id=upload_id, settled=settled, params={})
    job = bench.run_waiting(schedules.run_now(bench.user, schedule.id, "key").id)
    assert job.done == 2
    assert Settled.from_json(job.choices).file == settled.file
    assert Settled.from_json(job.choices).match == {"id": "id", "do": None}


def test_the_columns_stay_as_they_were_seen_whatever_others_choose_later(schedules: Schedules, bench: Bench) -> None:
    text = "id,do,deed\n1,,error\n"
    upload_id = bench.upload(text)
    schedule = make(schedules, bench, job_type="keep_rows", upload_id=upload_id, params={})
    another = bench.prepare("keep_rows", text)
    bench.submissions.settle(bench.user, another, match={"do": "deed"})
    bench.submissions.start(bench.user, another, {})
    job = schedules.run_now(bench.user, schedule.id, "key")
    assert job.match is not None
    assert job.match["pairs"]["do"] == "do"


def test_nobody_has_more_than_some(schedules: Schedules, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.jobs.schedules.MOST", 2)
    for _ in range(2):
        make(schedules, bench)
    with pytest.raises(TooMany):
        make(schedules, bench)
    schedules.make(bench.person("eve"), PLAIN, "hers")


def test_secrets_are_locked_and_reach_the_job(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench, job_type="talk", params={"token": "hush"})
    kept = there(bench, schedule.id)
    assert "hush" not in f"{kept.params} {kept.secrets}"
    job = schedules.run_now(bench.user, schedule.id, "key")
    assert bench.shop.secrets.unlock(job.secrets) == {"token": "hush"}


def test_a_change_counts_from_its_next_time_on(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench)
    plan = replace(schedules.plan_of(schedule), when=When(cron="*/5 * * * *"), params={"rows": 7})
    schedules.change(bench.user, schedule.id, plan)
    changed = there(bench, schedule.id)
    assert changed.params["rows"] == 7
    assert changed.next_at is not None
    assert changed.next_at <= now() + timedelta(minutes=5)
    with pytest.raises(BadInput):
        schedules.change(bench.user, schedule.id, replace(plan, params={"rows": "many"}))


@both
def test_a_paused_schedule_goes_on_with_a_time_to_come(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench)
    for _ in range(2):
        schedules.pause(bench.user, schedule.id)
    assert there(bench, schedule.id).paused
    set_next(bench, schedule.id, now() - timedelta(days=3))
    for _ in range(2):
        schedules.resume(bench.user, schedule.id)
    resumed = there(bench, schedule.id)
    assert not resumed.paused
    assert resumed.next_at is not None
    assert resumed.next_at > now()


def test_a_single_time_that_passed_during_a_pause_is_over(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench, when=When(at=now() + timedelta(hours=1)))
    schedules.pause(bench.user, schedule.id)
    set_next(bench, schedule.id, now() - timedelta(minutes=1))
    schedules.resume(bench.user, schedule.id)
    resumed = there(bench, schedule.id)
    assert (resumed.next_at, resumed.problem) == (None, OVER)
    plan = schedules.plan_of(resumed)
    assert plan.when.at == resumed.last_at
    renamed = schedules.change(bench.user, schedule.id, replace(plan, name="Another name"))
    assert (renamed.name, renamed.next_at, renamed.last_at) == ("Another name", None, resumed.last_at)


@both
def test_a_deleted_schedule_leaves_its_jobs(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench)
    job = schedules.run_now(bench.user, schedule.id, "key")
    schedules.delete(bench.user, schedule.id)
    assert found(bench, schedule.id) is None
    assert (bench.job(job.id).schedule_id, bench.job(job.id).state) == (None, State.queued)


@both
def test_run_now_makes_one_job_for_one_click_and_leaves_the_timetable(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench, priority=3)
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: schedules.run_now(bench.user, schedule.id, "a click").id, range(8)))
    assert len(set(jobs)) == 1
    second = schedules.run_now(bench.user, schedule.id, "another click")
    assert {job.id for job in jobs_of(bench, schedule.id)} == {jobs[0], second.id}
    assert (second.fire_time, second.priority, second.params) == (None, 3, {"rows": 2, "do": ""})
    assert there(bench, schedule.id).next_at == schedule.next_at


def test_run_now_says_why_it_cannot(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench)
    with bench.database.write() as session:
        session.get_one(Schedule, schedule.id).params = {"rows": "many"}
    with pytest.raises(Refused, match="rows"):
        schedules.run_now(bench.user, schedule.id, "key")


def test_others_see_nothing_of_it_and_an_administrator_all(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench)
    eve = bench.person("eve")
    for act in (schedules.pause, schedules.resume, schedules.delete):
        with pytest.raises(NotFound):
            act(eve, schedule.id)
    with pytest.raises(NotFound):
        schedules.run_now(eve, schedule.id, "key")
    with pytest.raises(NotFound):
        schedules.change(eve, schedule.id, PLAIN)
    root = bench.person("root", Role.admin)
    assert schedules.run_now(root, schedule.id, "key").owner_id == bench.user.id
    schedules.delete(root, schedule.id)


@both
def test_who_did_what_is_noted(schedules: Schedules, bench: Bench) -> None:
    schedule = make(schedules, bench)
    schedules.pause(bench.user, schedule.id)
    schedules.delete(bench.user, schedule.id)
    with bench.database.read() as session:
        of_schedules = select(Activity).where(col(Activity.action).endswith("_schedule"))
        noted = [(each.action, each.user_id, each.detail["name"]) for each in session.exec(of_schedules)]
    actions = ("make_schedule", "pause_schedule", "delete_schedule")
    assert noted == [(action, bench.user.id, PLAIN.name) for action in actions]


def set_next(bench: Bench, schedule_id: UUID, at: Any) -> None:
    with bench.database.write() as session:
        session.get_one(Schedule, schedule_id).next_at = at
