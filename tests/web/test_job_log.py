"""The whole log of a job, however long it is."""

import re
from uuid import UUID

import pytest

from tests.web.conftest import Browser
from webapp.store.database import Database
from webapp.store.tables import Job, LogLine, State, User

LINES = 450


@pytest.fixture
def job(database: Database, ann: User) -> UUID:
    """A job of Ann's that said much, between lines of another."""
    jobs = [Job(number=number, owner_id=ann.id, job_type="any", state=State.completed) for number in (1, 2)]
    with database.write() as session:
        session.add_all(jobs)
        session.flush()
        for number in range(1, LINES + 1):
            for job, words in zip(jobs, (f"Line {number} <b>", "of another"), strict=True):
                session.add(LogLine(job_id=job.id, attempt=1, level="info", message=words))
            session.flush()
        session.add(LogLine(job_id=jobs[0].id, attempt=2, level="error", message="The end\nattempt 9 error faked"))
    return jobs[0].id


def numbers(page: str) -> list[int]:
    return [int(each) for each in re.findall(r"Line (\d+) &lt;b&gt;", page)]


def test_every_line_is_on_one_of_the_pages_once(ann_browser: Browser, job: UUID) -> None:
    address: str | None = f"/jobs/{job}/log"
    assert f'href="{address}"' in ann_browser.get(f"/jobs/{job}").text
    seen: list[int] = []
    while address:
        page = ann_browser.get(address).text
        assert "of another" not in page
        seen += numbers(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1] if following else None
    assert seen == list(range(1, LINES + 1))


def test_it_is_taken_away_as_text(ann_browser: Browser, job: UUID) -> None:
    answer = ann_browser.get(f"/jobs/{job}/log.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="job-1-log.txt"'
    lines = answer.text.splitlines()
    assert len(lines) == LINES + 2
    assert lines[0].endswith("Z attempt 1 info Line 1 <b>")
    assert [line for line in lines if re.match(r"\S+Z attempt 9", line)] == [], "no message looks like another line"


def test_a_job_that_said_little_has_no_more_to_show(ann_browser: Browser, database: Database, ann: User) -> None:
    job = Job(number=9, owner_id=ann.id, job_type="any", state=State.completed)
    with database.write() as session:
        session.add(job)
    assert f"/jobs/{job.id}/log" not in ann_browser.get(f"/jobs/{job.id}").text
    assert "Nothing was said" in ann_browser.get(f"/jobs/{job.id}/log").text
    assert ann_browser.get(f"/jobs/{job.id}/log?after={10**30}").status_code == 422
