"""The page of a job that needs attention without unknown rows: somebody says that they have seen to it."""

from uuid import UUID

from tests.web.conftest import Browser
from webapp.store.database import Database
from webapp.store.tables import Job, State, User

PROBLEM = "One mail was refused."


def test_somebody_says_on_the_page_that_they_have_seen_to_it(
    ann: User, ann_browser: Browser, database: Database
) -> None:
    file = {"file": ("people.csv", b"id\n1\n2\n")}
    address = str(ann_browser.post("/jobs", data={"job_type": "load_table"}, files=file).headers["location"])
    told = {"state": State.needs_attention, "attempt": 1, "received": 2, "counted": True, "done": 2}
    with database.write() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        for name, value in {**told, "problem": PROBLEM, "doubt": PROBLEM}.items():
            setattr(job, name, value)
        assert job.owner_id == ann.id
    page = ann_browser.get(address).text
    assert PROBLEM in page
    assert "I have seen to it" in page
    answer = ann_browser.post(f"{address}/unknown", data={"decision": "seen"})
    page = ann_browser.get(answer.headers["location"]).text
    assert "You have seen to it. This job is settled." in page
    assert f"has seen to it: “{PROBLEM}”" in page
    assert "I have seen to it" not in page
