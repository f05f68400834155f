"""The receipt of a job, and the archive for its developer."""

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.jobs.bench import JOB_TYPES, Bench
from tests.running import PASSWORD
from tests.web.conftest import Browser
from webapp.accounts import add_user
from webapp.app import create_app
from webapp.store.tables import Job, Role

FILE = "id,do\n1,\n2,reject\n3,error\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "desk", JOB_TYPES, workers=0)


@pytest.fixture
def job(bench: Bench) -> Job:
    return bench.run("keep_rows", FILE)


def browser_of(bench: Bench, name: str, role: Role) -> Browser:
    """The browser of somebody who is signed in. The job is ada's."""
    add_user(bench.database, name, role, PASSWORD)
    browser = Browser(create_app(bench.settings))
    assert browser.sign_in(name).status_code == 303
    return browser


def test_the_receipt_has_the_sum_and_the_file(bench: Bench, job: Job) -> None:
    page = browser_of(bench, "root", Role.admin).get(f"/jobs/{job.id}/receipt").text
    assert "3 received = 1 done + 1 rejected + 1 failed + 0 skipped + 0 unknown + 0 waiting" in page
    assert sha256(FILE.encode()).hexdigest() in page
    assert str(job.id) in page
    assert ">ada<" in page


def test_the_archive_has_what_a_developer_needs(bench: Bench, job: Job) -> None:
    answer = browser_of(bench, "root", Role.admin).get(f"/jobs/{job.id}/for-developer.zip")
    with ZipFile(BytesIO(answer.content)) as archive:
        facts = json.loads(archive.read("job.json"))
        assert archive.read("failed-rows.csv").decode("utf-8-sig").splitlines()[1].startswith("2,reject")
        assert "log.txt" in archive.namelist()
    assert facts["job"]["params"] == job.params
    assert facts["file"]["sha256"] == sha256(FILE.encode()).hexdigest()
    assert not {"secrets", "preview", "shown", "request", "findings"} & set(facts["job"])
    assert "Traceback" in facts["attempts"][0]["detail"]


@pytest.mark.parametrize("part", ["receipt", "for-developer.zip"])
def test_it_is_nobody_elses(bench: Bench, job: Job, part: str) -> None:
    assert browser_of(bench, "eve", Role.operator).get(f"/jobs/{job.id}/{part}").status_code == 404


def test_there_is_no_receipt_before_the_start(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", FILE)
    assert browser_of(bench, "root", Role.admin).get(f"/jobs/{job_id}/receipt").status_code == 404
