"""Mistakes of those who write job types: the people at the desk read a sentence, and everything else works."""

import json
from pathlib import Path

import pytest

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Role, User

JOB_TYPES = {
    "bare.py": "@job\ndef bare() -> None: ...",
    "limits.py": '@job(time_limit="600", memory_limit=512)\ndef limits() -> None: ...',
    "typo.py": '@job(titel="A")\ndef typo() -> None: ...',
    "numbers.py": "@job(title=5)\ndef numbers() -> None: ...",
    "check.py": "@job(check=lambda given: given['nobody'])\ndef check(*, x: int = 1) -> None: ...",
    "turns.py": "@job(one_at_a_time=lambda given: given)\ndef turns(*, x: int = 1) -> None: ...",
    "fine.py": "@job()\ndef fine(*, x: int = 1) -> None: ...",
}
SENTENCE = "The job's own code made an error while it looked at these entries"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "job_types"
    folder.mkdir()
    for name, text in JOB_TYPES.items():
        (folder / name).write_text(f"from webapp.authoring import job\n\n{text}\n")
    (tmp_path / "data").mkdir()
    return Settings(data=tmp_path / "data", disk_reserve=0, workers=0, job_types=folder)


def test_pages_and_lists_work_and_an_administrator_sees_which_files_are_broken(
    browser: Browser, database: Database, ann: User
) -> None:
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser.sign_in("Ada")
    for path in ("/", "/jobs", "/jobs/new/fine", "/jobs/new/check", "/schedules", "/account"):
        assert browser.get(path).status_code == 200, path
    admin = browser.get("/admin").text
    assert all(name in admin for name in ("bare.py:3", "limits.py:3", "typo.py:3", "numbers.py:3"))
    token = {"Authorization": f"Bearer {create_token(database, ann.name)}"}
    listed = browser.get("/api/v1/job-types", headers=token)
    assert listed.status_code == 200
    assert '"fine"' in listed.text
    assert '"limits"' not in listed.text


@pytest.mark.parametrize("name", ["check", "turns"])
def test_a_function_of_theirs_that_breaks_down_is_said_beside_the_form_and_to_programs(
    name: str, ann_browser: Browser, database: Database, ann: User
) -> None:
    page = ann_browser.post("/jobs", data={"job_type": name, "params.x": "1", "submit_key": "k"})
    assert (page.status_code, SENTENCE.replace("'", "&#39;") in page.text) == (422, True)
    token = {"Authorization": f"Bearer {create_token(database, ann.name)}"}
    sent = {"job_type": (None, name), "params": (None, json.dumps({"x": 1}))}
    answer = ann_browser.post("/api/v1/jobs", files=sent, headers=token)
    assert answer.status_code == 422
    assert SENTENCE in answer.text
    timed = {**sent, "name": (None, "Each day"), "cron": (None, "0 7 * * *"), "zone": (None, "UTC")}
    answer = ann_browser.post("/api/v1/schedules", files=timed, headers=token)
    assert (answer.status_code, SENTENCE in answer.text) == (422, True)
