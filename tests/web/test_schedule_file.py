"""The file of a schedule: chosen from those of earlier jobs with what tells them apart, and changed afterwards."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, Role, Schedule, Upload

OURS = Path(__file__).resolve().parents[1] / "browser" / "job_types"
DAILY = {"name": "Letters", "often": "daily", "time": "07:30", "zone": "UTC", "missed": "skip"}
ROWS = b"id,name\n1,Ada\n2,Zoe\n"
MORE = b"id,name\n1,Ada\n2,Zoe\n3,Kim\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=OURS)


def send_file(browser: Browser, address: str, name: str, content: bytes) -> str:
    """Hand a file in at this address; where it leads."""
    answer = browser.post(address, data={"job_type": "write_letters"}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture
def address(ann_browser: Browser) -> str:
    """A schedule that works on a file."""
    upload = send_file(ann_browser, "/schedules/file", "old.csv", ROWS).partition("upload=")[2]
    form = {"job_type": "write_letters", "submit_key": "one", "upload": upload, **DAILY}
    answer = ann_browser.post("/schedules", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def file_of(database: Database, address: str) -> str:
    with database.read() as session:
        schedule = session.get_one(Schedule, UUID(address.rpartition("/")[2]))
        return session.get_one(Upload, schedule.upload_id).name


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(upload|job)" value="([^"]*)">', page))


def test_a_schedule_goes_on_with_another_file(ann_browser: Browser, database: Database, address: str) -> None:
    assert f'href="{address}/file"' in ann_browser.get(f"{address}/change").text
    assert "Another file" in ann_browser.get(f"{address}/file").text
    back = send_file(ann_browser, f"{address}/file", "new.csv", MORE)
    form = ann_browser.get(back).text
    assert "new.csv" in form
    assert file_of(database, address) == "old.csv", "it counts once the change is kept"
    answer = ann_browser.post(f"{address}/change", data={**hidden(form), **DAILY})
    assert answer.status_code == 303, answer.text
    assert file_of(database, address) == "new.csv"
    ann_browser.post(f"{address}/change", data={**DAILY, "name": "Later"})
    assert file_of(database, address) == "new.csv", "what is not said stays"


def test_it_may_be_the_file_of_an_earlier_job(ann_browser: Browser, database: Database, address: str) -> None:
    with_file = {"data": {"job_type": "write_letters"}, "files": {"file": ("earlier.csv", MORE)}}
    job = ann_browser.post("/jobs", **with_file).headers["location"].rpartition("/")[2]
    with database.write() as session:
        kept = session.get_one(Job, UUID(job))
        kept.received, kept.counted = 3, True
        session.add(kept)
    offered = ann_browser.get(f"{address}/file").text
    assert re.search(rf'change\?job={job}">earlier.csv</a> <span class="muted">3 rows, in job 1, <time', offered)
    answer = ann_browser.post(f"{address}/change", data={"job": job, **DAILY})
    assert answer.status_code == 303, answer.text
    assert file_of(database, address) == "earlier.csv"


@pytest.mark.parametrize("given", [{"upload": "7"}, {"upload": "00000000-0000-7000-8000-000000000000"}])
def test_a_file_that_is_none_leaves_the_schedule_as_it_was(
    ann_browser: Browser, database: Database, address: str, given: dict[str, str]
) -> None:
    assert ann_browser.post(f"{address}/change", data={**given, **DAILY}).status_code == 422
    assert file_of(database, address) == "old.csv"


def test_no_file_of_somebody_else_is_taken(
    app: FastAPI, ann_browser: Browser, database: Database, address: str
) -> None:
    add_user(database, "Bob", Role.operator, PASSWORD)
    bob = Browser(app)
    bob.sign_in("Bob")
    foreign = send_file(bob, "/schedules/file", "bobs.csv", MORE).partition("upload=")[2]
    assert ann_browser.post(f"{address}/change", data={"upload": foreign, **DAILY}).status_code == 422
    assert bob.get(f"{address}/file").status_code == 404
    assert file_of(database, address) == "old.csv"
