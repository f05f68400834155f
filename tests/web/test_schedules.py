"""The pages of schedules: made by a form, changed, paused, run, deleted, and seen by nobody else."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Activity, Job, Role, Schedule, State, Upload

OURS = Path(__file__).resolve().parents[1] / "browser" / "job_types"
ROWS = b"id,name\n1,Ada\n2,Zoe\n"
DAILY = {"often": "daily", "time": "07:30", "zone": "Europe/Berlin", "missed": "skip"}
REMINDER = {
    "job_type": "send_reminder",
    "name": "Remind Cleo",
    "submit_key": "one click",
    "params.to": "Cleo",
    "params.times": "2",
    "params.tone": "firm",
    **DAILY,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=OURS)


def make(browser: Browser, form: dict[str, str] | None = None, **changes: str) -> httpx.Response:
    return browser.post("/schedules", data={**(form or REMINDER), **changes})


def made(browser: Browser, form: dict[str, str] | None = None, **changes: str) -> str:
    """The address of a new schedule."""
    answer = make(browser, form, **changes)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def kept(database: Database, address: str) -> Schedule:
    with database.read() as session:
        schedule = session.get_one(Schedule, UUID(address.rsplit("/", 1)[-1]))
        session.expunge(schedule)
    return schedule


def jobs(database: Database) -> list[Job]:
    with database.read() as session:
        found = list(session.exec(select(Job)))
        session.expunge_all()
    return found


def hand_in(browser: Browser, **more: Any) -> httpx.Response:
    return browser.post("/schedules/file", data={"job_type": "write_letters"}, files=more.get("files"))


def test_a_form_makes_a_schedule_and_its_page_says_what_it_does(ann_browser: Browser, database: Database) -> None:
    address = made(ann_browser)
    schedule = kept(database, address)
    assert (schedule.cron, schedule.zone, schedule.missed) == ("30 7 * * *", "Europe/Berlin", "skip")
    assert schedule.params == {"to": "Cleo", "times": 2, "tone": "firm"}
    for page in (ann_browser.get(address).text, ann_browser.get("/schedules").text):
        assert "Remind Cleo" in page
        assert "Every day at 07:30" in page
        assert "Europe/Berlin" in page
    assert len(re.findall(r"<li><time ", ann_browser.get(address).text)) == 5


def test_a_double_click_makes_one_and_another_plan_from_the_same_form_another(
    ann_browser: Browser, database: Database
) -> None:
    first = made(ann_browser)
    assert made(ann_browser) == first
    assert made(ann_browser, name="Remind Dora") != first
    with database.read() as session:
        assert len(session.exec(select(Schedule)).all()) == 2


def test_all_that_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    ann_browser: Browser, database: Database
) -> None:
    wrong = {"name": " ", "often": "cron", "cron": "0 0 30 2 *", "params.to": "", "params.times": "soon"}
    answer = make(ann_browser, {**REMINDER, **wrong})
    assert answer.status_code == 422
    assert "4 things need changing" in answer.text
    for anchor in ("schedule-name", "when-cron", "to", "times"):
        assert re.search(rf'<a href="#[^"]*{anchor}"', answer.text), anchor
    assert "would never run" in answer.text
    assert 'value="0 0 30 2 *"' in answer.text
    assert 'value="soon"' in answer.text
    with database.read() as session:
        assert session.exec(select(Schedule)).all() == []


def test_the_next_times_are_shown_without_a_script_and_nothing_is_made(
    ann_browser: Browser, database: Database
) -> None:
    answer = make(ann_browser, act="times", often="monthly", day="31")
    assert answer.status_code == 200
    assert len(re.findall(r"<li><time ", answer.text)) == 5
    with database.read() as session:
        assert session.exec(select(Schedule)).all() == []


def test_the_next_times_follow_what_is_chosen(ann_browser: Browser) -> None:
    answer = ann_browser.get("/schedules/times", params={"often": "once", "date": "2099-01-01", "time": "07:30"})
    assert "Thu 1 Jan 2099, 07:30 UTC" in answer.text
    refused = ann_browser.get("/schedules/times", params={"often": "cron", "cron": "x"})
    assert (refused.status_code, "five fields" in refused.text) == (200, True)


def test_a_schedule_with_a_file_asks_for_it_first(ann_browser: Browser, database: Database) -> None:
    assert "Which one?" in ann_browser.get("/schedules/new/write_letters").text
    nothing = ann_browser.post("/schedules/file", data={"job_type": "write_letters"})
    assert (nothing.status_code, "Choose a file" in nothing.text) == (422, True)
    useless = hand_in(ann_browser, files={"file": ("people.csv", b"colour\nred\n")})
    assert (useless.status_code, "Repeat this" in useless.text) == (422, True)
    answer = hand_in(ann_browser, files={"file": ("people.csv", ROWS)})
    assert answer.status_code == 303
    page = ann_browser.get(answer.headers["location"])
    assert "people.csv" in page.text
    upload_id = answer.headers["location"].partition("upload=")[2]
    address = made(ann_browser, {"job_type": "write_letters", "name": "Letters", "upload": upload_id, **DAILY})
    assert str(kept(database, address).upload_id) == upload_id
    assert "people.csv" in ann_browser.get(address).text


def test_a_job_is_repeated_with_its_file_and_its_answers(ann_browser: Browser, database: Database) -> None:
    ann_browser.post("/jobs", data={"job_type": "send_reminder", "params.to": "Dora", "params.times": "7"})
    (job,) = jobs(database)
    assert f"/schedules/new/send_reminder?job={job.id}" in ann_browser.get(f"/jobs/{job.id}").text
    form = ann_browser.get(f"/schedules/new/send_reminder?job={job.id}").text
    assert 'value="Dora"' in form
    assert 'value="7"' in form
    ann_browser.post("/jobs", data={"job_type": "write_letters"}, files={"file": ("people.csv", ROWS)})
    file_job = next(each for each in jobs(database) if each.upload_id)
    with database.write() as session:
        session.get_one(Job, file_job.id).state = State.completed
    assert f"?job={file_job.id}" in ann_browser.get("/schedules/new/write_letters").text
    address = made(ann_browser, {"job_type": "write_letters", "name": "Letters", "job": str(file_job.id), **DAILY})
    assert kept(database, address).upload_id == file_job.upload_id


def test_a_schedule_is_changed_and_what_is_wrong_is_said(ann_browser: Browser, database: Database) -> None:
    address = made(ann_browser)
    form = ann_browser.get(f"{address}/change").text
    assert 'value="Cleo"' in form
    assert 'value="07:30"' in form
    refused = ann_browser.post(f"{address}/change", data={**REMINDER, "time": "late"})
    assert (refused.status_code, "as in 07:30" in refused.text) == (422, True)
    answer = ann_browser.post(f"{address}/change", data={**REMINDER, "often": "weekly", "weekday": "0"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert kept(database, address).cron == "30 7 * * 0"
    assert "Every Sunday at 07:30" in ann_browser.get(address).text


def test_a_single_time_that_is_over_stays_over_when_something_else_is_changed(
    ann_browser: Browser, database: Database
) -> None:
    once = {**REMINDER, "often": "once", "date": "2099-01-01", "time": "07:30"}
    address = made(ann_browser, once)
    over = datetime(2026, 3, 2, 14, 3, 10, tzinfo=UTC)
    with database.write() as session:
        schedule = session.get_one(Schedule, kept(database, address).id)
        schedule.next_at, schedule.last_at = None, over
    form = ann_browser.get(f"{address}/change").text
    assert 'value="2026-03-02"' in form
    assert 'value="15:03"' in form
    same = {**once, "date": "2026-03-02", "time": "15:03"}
    assert ann_browser.post(f"{address}/change", data={**same, "name": "Another name"}).status_code == 303
    renamed = kept(database, address)
    assert (renamed.name, renamed.next_at, renamed.last_at) == ("Another name", None, over)
    page = ann_browser.get(address).text
    assert "Once, on Mon 2 Mar 2026, 15:03 CET" in page
    assert "Its time is over, and no job was started." in page
    assert f"{address}/pause" not in page
    refused = ann_browser.post(f"{address}/change", data={**same, "time": "15:04"})
    assert (refused.status_code, "This time is over" in refused.text) == (422, True)
    assert ann_browser.post(f"{address}/change", data={**once, "date": "2099-02-01"}).status_code == 303
    assert kept(database, address).next_at == datetime(2099, 2, 1, 6, 30, tzinfo=UTC)


def test_a_schedule_that_ran_once_says_when_and_leads_to_its_job(ann_browser: Browser, database: Database) -> None:
    address = made(ann_browser, {**REMINDER, "often": "once", "date": "2099-01-01", "time": "07:30"})
    assert "Once, on Thu 1 Jan 2099, 07:30 CET" in ann_browser.get(address).text
    ann_browser.post(f"{address}/run", data={"submit_key": "a click"})
    over = datetime(2026, 3, 2, 14, 3, tzinfo=UTC)
    with database.write() as session:
        schedule, job = session.exec(select(Schedule)).one(), session.exec(select(Job)).one()
        schedule.next_at, schedule.last_at, job.fire_time = None, over, over
    page = ann_browser.get(address).text
    assert re.search(rf'Ran on Mon 2 Mar 2026, 15:03 CET: <a href="/jobs/{job.id}">job 1</a>', page)
    assert "Ran" in ann_browser.get("/schedules").text


def test_run_now_pause_resume_and_delete(ann_browser: Browser, database: Database) -> None:
    address = made(ann_browser)
    for _ in range(2):
        ran = ann_browser.post(f"{address}/run", data={"submit_key": "a click"})
    (job,) = jobs(database)
    assert (ran.status_code, ran.headers["location"]) == (303, f"/jobs/{job.id}")
    with database.read() as session:
        done = session.exec(select(Activity.action).order_by(col(Activity.id))).all()
    assert done[-2:] == ["make_schedule", "made_by_hand"], "one line for one click"
    came_from = re.compile(r"Started by the schedule .*Remind Cleo.*, run now by Ann\.")
    assert came_from.search(ann_browser.get(f"/jobs/{job.id}").text)
    assert f"/jobs/{job.id}" in ann_browser.get(address).text
    ann_browser.post(f"{address}/pause")
    assert kept(database, address).paused
    paused = ann_browser.get(address).text
    assert "Paused" in paused
    assert re.search(r"<button class=\"\">.*Go on</button>", paused), "the one obvious thing is to let it go on"
    assert re.search(r"<button class=\"line\">.*Run now</button>", paused)
    ann_browser.post(f"{address}/resumption")
    assert not kept(database, address).paused
    deleted = ann_browser.post(f"{address}/deletion").headers["location"]
    assert "The schedule was deleted." in ann_browser.get(deleted).text
    assert came_from.search(page := ann_browser.get(f"/jobs/{job.id}").text)
    assert "which has been deleted" in page
    assert ann_browser.get(address).status_code == 404
    assert ann_browser.get(f"/jobs/{job.id}").status_code == 200


def test_a_problem_is_told_and_a_kind_of_job_that_is_gone_breaks_no_page(
    ann_browser: Browser, database: Database
) -> None:
    address = made(ann_browser)
    with database.write() as session:
        schedule = session.get_one(Schedule, kept(database, address).id)
        schedule.job_type, schedule.problem, schedule.next_at = "gone", "It could not be.", None
        schedule.cron = None
    page = ann_browser.get(address).text
    assert "It could not be." in page
    assert "Its time is over" in page
    assert "Not started" in ann_browser.get("/schedules").text
    assert ann_browser.get(f"{address}/change").status_code == 404
    assert ann_browser.post(f"{address}/run", data={"submit_key": "x"}).status_code == 409


def test_an_administrator_sees_all_and_others_nothing(app: FastAPI, ann_browser: Browser, database: Database) -> None:
    address = made(ann_browser)
    for name, role, sees in (("Ada", Role.admin, True), ("Bob", Role.operator, False)):
        add_user(database, name, role, PASSWORD)
        other = Browser(app)
        other.sign_in(name)
        assert ("Remind Cleo" in other.get("/schedules").text) == sees
        assert (other.get(address).status_code == 200) == sees


def test_a_viewer_sees_no_buttons(app: FastAPI, database: Database) -> None:
    viewer = add_user(database, "Vera", Role.viewer, PASSWORD)
    with database.write() as session:
        schedule = Schedule(owner_id=viewer.id, name="Once hers", job_type="send_reminder", cron="0 7 * * *")
        session.add(schedule)
    browser = Browser(app)
    browser.sign_in("Vera")
    page = browser.get(f"/schedules/{schedule.id}").text
    assert "Once hers" in page
    assert "Run now" not in page
    assert "New schedule" not in browser.get("/schedules").text


def test_a_file_of_somebody_else_is_not_taken(app: FastAPI, ann_browser: Browser, database: Database) -> None:
    hand_in(ann_browser, files={"file": ("people.csv", ROWS)})
    with database.read() as session:
        upload_id = str(session.exec(select(Upload.id)).one())
    add_user(database, "Bob", Role.operator, PASSWORD)
    bob = Browser(app)
    bob.sign_in("Bob")
    answer = bob.get(f"/schedules/new/write_letters?upload={upload_id}")
    assert (answer.status_code, "people.csv" in answer.text) == (422, False)
    assert bob.get("/schedules/new/write_letters?upload=nonsense").status_code == 422
