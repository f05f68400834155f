"""A restored desk: everybody sees that it stands still, an administrator decides."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user
from webapp.app import create_app
from webapp.jobs.halt import halted, stand_still
from webapp.kit import now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Activity, Job, Role, State, User

REASON = "This desk was restored from a back-up of 2026-03-01 10:00 UTC."


@pytest.fixture
def ada(app: FastAPI, database: Database) -> Browser:
    """An administrator who is signed in."""
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser = Browser(app)
    browser.sign_in("Ada")
    return browser


@pytest.fixture
def jobs(database: Database, ann: User) -> Sequence[UUID]:
    """Two jobs of Ann's that had not ended when the back-up was taken, and one that had."""
    states = (State.queued, State.paused, State.completed)
    made = [
        Job(number=number, owner_id=ann.id, job_type="clean_csv", file_name=f"file-{number}.csv", state=state)
        for number, state in enumerate(states, 1)
    ]
    with database.write() as session:
        session.add_all(made)
        session.flush()
        ids = [job.id for job in made]
        stand_still(session, REASON, now())
    return ids


def states(database: Database) -> list[State]:
    with database.read() as session:
        return [job.state for job in session.exec(select(Job).order_by(col(Job.number)))]


def test_everybody_reads_on_every_page_that_the_desk_stands_still(
    ann_browser: Browser, ada: Browser, jobs: Sequence[UUID]
) -> None:
    for path in ("/", "/jobs", "/account", f"/jobs/{jobs[0]}"):
        page = ann_browser.get(path).text
        assert f"{REASON} It is paused: jobs run when an administrator lets it go on." in page
        assert "/admin/restored" not in page
        assert 'href="/admin/restored"' in ada.get(path).text


def test_a_stranger_reads_nothing_of_it(browser: Browser, jobs: Sequence[UUID]) -> None:
    assert jobs
    assert "restored" not in browser.get("/sign-in").text


def test_a_desk_that_runs_has_no_banner(ann_browser: Browser, ada: Browser) -> None:
    assert "It is paused" not in ann_browser.get("/").text
    assert "The desk is running" in ada.get("/admin/restored").text


def test_the_jobs_that_had_not_ended_are_listed(ada: Browser, jobs: Sequence[UUID]) -> None:
    page = ada.get("/admin/restored").text
    assert [str(job) in page for job in jobs] == [True, True, False]


def test_the_chosen_jobs_are_called_off(ada: Browser, jobs: Sequence[UUID], database: Database) -> None:
    answer = ada.post("/admin/restored/cancellation", data={"jobs": [str(jobs[0]), str(jobs[2])]})
    assert answer.status_code == 200
    assert "1 job called off." in answer.text
    assert states(database) == [State.cancelled, State.paused, State.completed]
    with database.read() as session:
        (done,) = session.exec(select(Activity).where(Activity.job_id == jobs[0])).all()
        assert session.get_one(User, done.user_id).name == "Ada"


def test_choosing_none_says_so(ada: Browser, jobs: Sequence[UUID], database: Database) -> None:
    assert jobs
    answer = ada.post("/admin/restored/cancellation", data={})
    assert (answer.status_code, "Choose the jobs to call off first." in answer.text) == (422, True)
    assert states(database) == [State.queued, State.paused, State.completed]


def test_an_administrator_lets_it_go_on_once(ada: Browser, jobs: Sequence[UUID], database: Database) -> None:
    assert jobs
    for _ in range(2):
        answer = ada.post("/admin/restored/resumption")
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/restored")
    of_desk = select(Activity.action).where(col(Activity.action).startswith("desk_"))
    with database.read() as session:
        assert halted(session) is None
        assert session.exec(of_desk).all() == ["desk_restored", "desk_resumed"]
    assert ada.post("/admin/restored/cancellation", data={"jobs": str(jobs[0])}).status_code == 409


def test_nobody_else_may(ann_browser: Browser, jobs: Sequence[UUID], database: Database) -> None:
    assert jobs
    assert ann_browser.get("/admin/restored").status_code == 403
    assert ann_browser.post("/admin/restored/resumption").status_code == 403
    assert ann_browser.post("/admin/restored/cancellation", data={"jobs": str(jobs[0])}).status_code == 403
    assert states(database) == [State.queued, State.paused, State.completed]


def test_everybody_reads_that_a_full_disk_makes_jobs_wait(settings: Settings, database: Database, ann: User) -> None:
    browser = Browser(create_app(settings.model_copy(update={"disk_reserve": 10**18})))
    browser.sign_in(ann.name)
    assert database
    assert "disk is full. Jobs wait, nothing is lost" in browser.get("/").text
