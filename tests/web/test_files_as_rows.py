"""Where files are what a job works through, its pages and its news call them so."""

import io
import re
import zipfile
from pathlib import Path
from uuid import UUID

import pytest

from tests.web.conftest import Browser
from webapp.jobs.news.words import words_for
from webapp.kit import now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State, User


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0)


def words(page: str) -> str:
    """What is read of the page itself."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub("<[^>]*>", " ", main).split())


def test_files_are_called_files(ann: User, ann_browser: Browser, database: Database) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.jpg", "b.jpg", "c.jpg"):
            archive.writestr(name, b"no image")
    form = {"job_type": (None, "images"), "file": ("photos.zip", packed.getvalue())}
    address = ann_browser.post("/jobs", files=form).headers["location"]
    before = words(ann_browser.get(address).text)
    assert "Nothing has happened to your files yet." in before
    assert "your rows" not in words(ann_browser.get("/jobs/new/images").text)
    assert not re.findall(r".{40}\brows?\b.{40}", before.lower())
    with database.write() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        assert job.owner_id == ann.id
        job.state, job.findings = State.ready, {"rows": 3, "rejected": 0}
    ready = words(ann_browser.get(address).text)
    assert "3 files to work on." in ready
    assert "can be read" not in ready, "that is not known before the job opens them"
    for state in (State.cancelled, State.scheduled):
        with database.write() as session:
            job = session.get_one(Job, job.id)
            job.state, job.run_at = state, now()
        assert "Nothing has happened to your files" in words(ann_browser.get(address).text)
    with database.write() as session:
        job = session.get_one(Job, job.id)
        job.state, job.attempt, job.received, job.counted = State.completed_with_errors, 1, 3, True
        job.done, job.failed = 1, 2
        for row in (2, 3):
            session.add(
                LedgerEntry(
                    job_id=job.id, attempt=1, outcome=Outcome.failed, first_row=row, last_row=row, reason="no image"
                )
            )
        assert words_for(job).title == "Job 1, photos.zip: 1 of 3 files done. 2 need you."
        assert "each of these files" in words_for(job).text
    after = words(ann_browser.get(address).text)
    assert "1 of 3 files done. 2 need you." in after
    assert "Files that need you" in after
    assert not re.findall(r".{40}\brows?\b.{40}", after.lower())
    assert "photos-failed-files.csv" in after
    disposition = ann_browser.get(f"{address}/failed-rows.csv").headers["content-disposition"]
    assert "photos-failed-files.csv" in disposition
    skipped = words(ann_browser.get(f"{address}/skipped").text)
    assert "No file was skipped" in skipped
    assert "row" not in skipped
    assert "row" not in words(ann_browser.get("/jobs/new/images").text).partition("About this job")[2]
    problems = words(ann_browser.get(f"{address}/problems").text)
    assert "2 files need you" in problems


@pytest.mark.usefixtures("ann")
def test_a_job_with_one_file_speaks_of_the_file(ann_browser: Browser) -> None:
    form = {"job_type": (None, "text"), "file": ("notes.txt", b"one\ntwo\n")}
    address = ann_browser.post("/jobs", files=form).headers["location"]
    before = words(ann_browser.get(address).text)
    assert "Nothing has happened to your file, and nothing will." in before
    assert " row" not in before
    ann_browser.post(f"{address}/cancellation")
    assert " rows that went wrong" not in words(ann_browser.get(address).text)
