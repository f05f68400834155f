"""A job that calls for somebody: they say on its page that they have seen to it."""

import re
from typing import Any
from uuid import UUID

import pytest

from tests.web.conftest import Browser
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State, User

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
    answer = ann_browser.post(f"{address}/unknown", data={"decision": "unseen"})
    page = ann_browser.get(answer.headers["location"]).text
    assert "Taken back: this job needs you again." in page
    assert "took back that it was seen to" in page
    assert page.count(PROBLEM) >= 2, "said as before, and in what was done"
    assert 'value="seen"' in page


@pytest.mark.parametrize("state", [State.completed_with_errors, State.failed])
def test_what_went_wrong_leaves_the_list_of_what_needs_you(
    ann: User, ann_browser: Browser, database: Database, state: State
) -> None:
    rows: dict[str, Any] = {"attempt": 1, "received": 2, "counted": True, "done": 1, "failed": 1}
    jobs = [Job(number=number, owner_id=ann.id, job_type="load_table", state=state, **rows) for number in (1, 2, 3)]
    with database.write() as session:
        session.add_all(jobs)
        session.flush()
        session.add(LedgerEntry(job_id=jobs[0].id, attempt=1, first_row=2, last_row=2, outcome=Outcome.failed))
    address = f"/jobs/{jobs[0].id}"
    page = ann_browser.get(address).text
    assert 'value="seen"' in page
    assert "1 needs you." in page
    assert "1 row needs you" in ann_browser.get(f"{address}/problems").text
    ann_browser.post(f"{address}/unknown", data={"decision": "seen"})
    page = ann_browser.get(address).text
    assert 'value="seen"' not in page
    assert "has seen to it" in page
    assert "1 not done, seen to." in page
    assert "needs you" not in page
    page = ann_browser.get(f"{address}/problems").text
    assert "1 row was not done" in page
    assert "Somebody has seen to these rows." in page
    assert "need" not in page.partition("<main")[2].partition("</main>")[0]
    assert "1 not done, seen to." in ann_browser.get(f"{address}/receipt").text
    assert tab(ann_browser) == (2, {2, 3})
    assert tab(ann_browser, "settled") == (1, {1})
    ann_browser.post(f"{address}/unknown", data={"decision": "unseen"})
    assert tab(ann_browser) == (3, {1, 2, 3})
    assert 'value="unseen"' not in ann_browser.get(address).text
    ann_browser.post(f"{address}/unknown", data={"decision": "seen"})
    assert 'value="unseen"' in ann_browser.get(address).text
    counts = [int(count) for count in re.findall(r'<span class="count">(\d+)<', ann_browser.get("/jobs").text)]
    assert counts[0] == sum(counts[1:]) == 3
    bulk = ann_browser.get("/jobs/bulk?action=seen&which=all&tab=settled").text
    assert "There is nothing to do" in bulk
    assert 'value="seen"' not in ann_browser.get("/jobs?tab=settled").text
    ann_browser.post("/jobs/bulk", data={"action": "seen", "which": "all", "tab": "attention", "count": "2"})
    assert tab(ann_browser) == (0, set())
    listed = ann_browser.get("/jobs").text
    assert listed.count("seen&nbsp;to</small>") == 3
    assert listed.count("1 not done</span>") == 3
    assert "needs you" not in listed


def tab(browser: Browser, name: str = "attention") -> tuple[int, set[int]]:
    """What the tab of jobs that need somebody counts, and shows; or another one."""
    page = browser.get(f"/jobs?tab={name}").text
    counted = re.search(r'aria-current="page"[^>]*>[^<]*<span class="count">(\d+)<', page)
    assert counted
    return int(counted[1]), set(map(int, re.findall(r"job (\d+)</small>", page)))
