"""A file that one job made becomes the file of another: by whom it may, byte for byte, and with no second copy."""

import errno
import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.web.api.conftest import Client
from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.kit import new_id
from webapp.store.database import Database
from webapp.store.tables import Job, ResultFile, Role, State, Upload, User
from webapp.web.desk import Desk
from webapp.web.uploads import uploads_of

MADE = b"id,name\n1,Ada\n2,Bob\n"


@pytest.fixture
def made(database: Database, desk: Desk, ann: User) -> ResultFile:
    """What a job of Ann's has made."""
    job = Job(id=new_id(), number=7, owner_id=ann.id, job_type="clean_csv", state=State.completed, attempt=1)
    file_id = new_id()
    with desk.files.write_result(job.id, file_id) as file:
        file.write(MADE)
    result = ResultFile(id=file_id, job_id=job.id, name="people-clean.csv", bytes=file.bytes, sha256=file.sha256)
    with database.write() as session:
        session.add(job)
        session.flush()
        session.add(result)
    return result


def named(file: ResultFile) -> str:
    return f"{file.job_id}/{file.id}"


def hand_on(client: Client, result: str, **more: Any) -> httpx.Response:
    fields = {"job_type": "load_table", "params": '{"table": "people"}', "result": result}
    return client.request("POST", "/jobs", files={name: (None, text) for name, text in fields.items()} | more)


def upload_of(database: Database, job_id: str) -> Upload:
    with database.read() as session:
        job = session.get_one(Job, UUID(job_id))
        upload = session.get_one(Upload, job.upload_id)
        session.expunge_all()
    return upload


def test_a_program_names_the_file_and_sends_none(client: Client, made: ResultFile, desk: Desk) -> None:
    answer = hand_on(client, named(made))
    assert answer.status_code == 202, answer.text
    upload = upload_of(desk.database, answer.json()["id"])
    assert (upload.name, upload.size, upload.sha256) == (made.name, len(MADE), hashlib.sha256(MADE).hexdigest())
    path = desk.files.upload(upload.id)
    assert path.read_bytes() == MADE
    assert path.stat().st_nlink == 2  # no second copy


def test_each_is_there_without_the_other(client: Client, made: ResultFile, desk: Desk) -> None:
    upload = upload_of(desk.database, hand_on(client, named(made)).json()["id"])
    desk.files.drop_result(made.job_id, made.id)
    assert desk.files.upload(upload.id).read_bytes() == MADE


def test_a_disk_without_links_holds_it_twice(
    client: Client, made: ResultFile, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = desk.files.upload(upload_of(desk.database, hand_on(client, named(made)).json()["id"]).id)
    assert (path.read_bytes(), path.stat().st_nlink, path.stat().st_mode & 0o777) == (MADE, 1, 0o600)


def test_one_that_was_made_long_ago_is_not_swept_away(client: Client, made: ResultFile, desk: Desk) -> None:
    os.utime(desk.files.result(made.job_id, made.id), (1, 1))
    upload = upload_of(desk.database, hand_on(client, named(made)).json()["id"])
    desk.files.sweep(uploads=(), results=(), jobs=(), older_than=timedelta(hours=1))  # it looked before
    assert desk.files.upload(upload.id).read_bytes() == MADE


@pytest.mark.parametrize(
    "result",
    ["people.csv", "1/2", f"{new_id()}/{new_id()}", "/", f"{new_id()}"],
    ids=["name", "numbers", "nobody's", "slash", "one id"],
)
def test_what_is_no_file_of_theirs_is_refused_beside_its_field(client: Client, made: ResultFile, result: str) -> None:
    answer = hand_on(client, result)
    assert (answer.status_code, answer.json()["problems"][0]["field"]) == (422, "result")
    answer = hand_on(client, f"{made.job_id}/{new_id()}")
    assert "a newer run has replaced it" in answer.text


def test_a_file_of_somebody_else_is_not_there(made: ResultFile, browser: Browser, database: Database) -> None:
    add_user(database, "Ben", Role.operator, PASSWORD)
    answer = hand_on(Client(browser, create_token(database, "Ben")), named(made))
    assert (answer.status_code, "You have no such job" in answer.text) == (422, True)


def test_a_file_and_a_name_of_one_are_too_much(client: Client, made: ResultFile) -> None:
    answer = hand_on(client, named(made), file=("people.csv", MADE))
    assert "not both" in answer.text


def test_what_no_job_was_made_from_is_forgotten(client: Client, made: ResultFile, desk: Desk) -> None:
    fields = {"job_type": "load_table", "params": '{"table": "no table"}', "result": named(made)}
    answer = client.request("POST", "/jobs", files={name: (None, text) for name, text in fields.items()})
    assert answer.status_code == 422
    assert list((desk.files.root / "uploads").iterdir()) == []
    assert desk.files.result(made.job_id, made.id).read_bytes() == MADE


def test_on_the_page_it_is_a_small_form(ann_browser: Browser, made: ResultFile, desk: Desk) -> None:
    page = ann_browser.get(f"/jobs/{made.job_id}").text
    assert f'name="result" value="{named(made)}"' in page
    assert '<option value="load_table">Load rows into a table</option>' in page
    answer = ann_browser.post("/jobs", data={"job_type": "load_table", "result": named(made)})
    assert answer.status_code == 303
    job = answer.headers["location"].rpartition("/")[2]
    assert desk.files.upload(upload_of(desk.database, job).id).read_bytes() == MADE
    assert "people-clean.csv" in ann_browser.get(f"/jobs/{job}").text


def test_who_may_only_look_is_not_offered_it(browser: Browser, made: ResultFile, database: Database) -> None:
    wim = add_user(database, "Wim", Role.viewer, PASSWORD)
    with database.write() as session:
        session.get_one(Job, made.job_id).owner_id = wim.id
    browser.sign_in("Wim")
    page = browser.get(f"/jobs/{made.job_id}").text
    assert "people-clean.csv" in page
    assert "Use in another job" not in page


def test_only_jobs_that_take_such_files_are_offered(ann_browser: Browser, made: ResultFile, database: Database) -> None:
    with database.write() as session:
        session.get_one(ResultFile, made.id).name = "people.parquet"
    assert "Use in another job" not in ann_browser.get(f"/jobs/{made.job_id}").text


def test_a_file_that_is_gone_is_said_to_be(client: Client, made: ResultFile, desk: Desk) -> None:
    desk.files.drop_result(made.job_id, made.id)
    assert "no longer here" in hand_on(client, named(made)).text
    assert uploads_of(desk).expire() == 0
