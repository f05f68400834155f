"""Another time for a job that waits for its own."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.web.conftest import Browser
from webapp.jobs.activity import activities
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, State, User

SOON = now().replace(second=0, microsecond=0) + timedelta(days=2)


@pytest.fixture
def job(database: Database, ann: User) -> Job:
    """A job that starts in two days."""
    job = Job(number=1, owner_id=ann.id, job_type="load_table", state=State.scheduled, run_at=SOON, queued_at=now())
    with database.write() as session:
        session.add(job)
    return job


def run_at(database: Database, job: Job) -> datetime | None:
    with database.read() as session:
        return session.get_one(Job, job.id).run_at


def test_the_time_is_shown_changed_and_written_down(ann_browser: Browser, database: Database, job: Job) -> None:
    assert f'href="/jobs/{job.id}/time"' in ann_browser.get(f"/jobs/{job.id}").text
    assert f'value="{SOON:%Y-%m-%dT%H}' in ann_browser.get(f"/jobs/{job.id}/time").text
    wanted = SOON + timedelta(days=3)
    form = {"run_at": f"{wanted:%Y-%m-%dT%H:%M}", "zone": "UTC"}
    assert ann_browser.post(f"/jobs/{job.id}/time", data=form).status_code == 303
    assert run_at(database, job) == wanted.astimezone(UTC)
    with database.read() as session:
        assert [each.action for each in activities(session, job.id)] == ["set_time"]
    assert "set another time for it to start" in ann_browser.get(f"/jobs/{job.id}").text


@pytest.mark.parametrize(
    ("typed", "zone", "said"),
    [
        ("", "UTC", "Write a day and a time"),
        ("soon", "UTC", "Write a day and a time"),
        (f"{now() - timedelta(days=1):%Y-%m-%dT%H:%M}", "UTC", "This time is over"),
        ("2090-01-01T10:00", "UTC", "more than a year away"),
        (f"{SOON:%Y-%m-%dT%H:%M}", "Mars/Base", "time zone is not known"),
    ],
    ids=["nothing", "no time", "over", "far away", "no zone"],
)
def test_what_is_no_time_is_said_beside_its_field(  # noqa: PLR0913, PLR0917 (parametrized)
    ann_browser: Browser, database: Database, job: Job, typed: str, zone: str, said: str
) -> None:
    answer = ann_browser.post(f"/jobs/{job.id}/time", data={"run_at": typed, "zone": zone})
    assert answer.status_code == 422
    assert said in answer.text
    assert run_at(database, job) == SOON


@pytest.mark.parametrize("state", [State.queued, State.running, State.paused, State.cancelled])
def test_a_job_that_has_begun_is_not_moved(ann_browser: Browser, database: Database, job: Job, state: State) -> None:
    with database.write() as session:
        kept = session.get_one(Job, job.id)
        kept.state = state
        session.add(kept)
    form = {"run_at": f"{SOON + timedelta(days=1):%Y-%m-%dT%H:%M}", "zone": "UTC"}
    assert ann_browser.post(f"/jobs/{job.id}/time", data=form).status_code == 409
    assert run_at(database, job) == SOON
    assert ann_browser.get(f"/jobs/{job.id}/time").status_code == 303
