"""Secret entries of a schedule: never shown, kept when they are left blank, entered again when their key is lost."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from tests.web.conftest import Browser
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Schedule
from webapp.web.desk import Desk

JOB_TYPES = Path(__file__).resolve().parents[1] / "job_types_for_tests"
FORM = {"job_type": "talk", "name": "Talk", "often": "daily", "time": "07:00", "zone": "UTC", "missed": "skip"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=JOB_TYPES)


@pytest.fixture
def address(ann_browser: Browser) -> str:
    """A schedule with a secret."""
    answer = ann_browser.post("/schedules", data={**FORM, "params.token": "hush"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def secrets(desk: Desk, database: Database, address: str) -> dict[str, str]:
    with database.read() as session:
        schedule = session.get_one(Schedule, UUID(address.rsplit("/", 1)[-1]))
        return desk.schedules.known_secrets(schedule)


def password_field(page: str) -> str:
    found = re.search(r'<input[^>]*name="params.token"[^>]*>', page)
    assert found
    return found[0]


def test_a_secret_is_on_no_page_and_kept_when_left_blank(
    ann_browser: Browser, desk: Desk, database: Database, address: str
) -> None:
    for path in (address, f"{address}/change", "/schedules"):
        assert "hush" not in ann_browser.get(path).text
    form = ann_browser.get(f"{address}/change").text
    assert "Leave it blank to keep what was entered before." in form
    assert " required" not in password_field(form)
    changed = ann_browser.post(f"{address}/change", data={**FORM, "name": "Talk more", "params.token": ""})
    assert changed.status_code == 303, changed.text
    assert secrets(desk, database, address) == {"token": "hush"}
    ann_browser.post(f"{address}/change", data={**FORM, "params.token": "psst"})
    assert secrets(desk, database, address) == {"token": "psst"}


def test_a_lost_secret_is_entered_again(
    ann_browser: Browser, desk: Desk, database: Database, address: str, settings: Settings
) -> None:
    (settings.data / "secret.key").write_bytes(Fernet.generate_key())
    ran = ann_browser.post(f"{address}/run", data={"submit_key": "x"})
    assert (ran.status_code, "enter them again" in ran.text) == (409, True)
    assert " required" in password_field(ann_browser.get(f"{address}/change").text)
    assert ann_browser.post(f"{address}/change", data={**FORM, "params.token": ""}).status_code == 422
    assert ann_browser.post(f"{address}/change", data={**FORM, "params.token": "psst"}).status_code == 303
    assert secrets(desk, database, address) == {"token": "psst"}
    assert ann_browser.post(f"{address}/run", data={"submit_key": "x"}).status_code == 303
