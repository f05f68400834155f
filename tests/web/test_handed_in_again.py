"""Rows that went wrong in a job that works on its file as a whole: one way to mend them, and it keeps the settings."""

from uuid import UUID

from tests.web.conftest import Browser
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State

FILE = {"file": ("people.csv", b"id,name\n1,Ann\n2,Bob\n")}


def handed_in(browser: Browser, **like: str) -> str:
    answer = browser.post("/jobs", data={"job_type": "clean_csv", **like}, files=FILE)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_such_a_job_offers_no_way_back_but_its_form_filled_in(ann_browser: Browser, database: Database) -> None:
    address = handed_in(ann_browser)
    job_id = address.rpartition("/")[2]
    with database.write() as session:
        job = session.get_one(Job, UUID(job_id))
        job.state, job.attempt, job.received, job.done, job.rejected = State.completed_with_errors, 1, 2, 1, 1
        job.counted, job.params = True, {**job.params, "trim": False}
        wrong = LedgerEntry(job_id=job.id, attempt=1, first_row=2, last_row=2, outcome=Outcome.rejected, reason="odd")
        session.add(wrong)
    again = f"/jobs/new/clean_csv?like={job_id}"
    for page in (address, f"{address}/problems", f"{address}/mended"):
        text = ann_browser.get(page).text
        assert again in text, page
        assert "Mend them in the whole file, and" in text
        assert "Send mended rows back" not in text
        assert "send it back on the job" not in text
    form = ann_browser.get(again).text
    assert f'name="like" value="{job_id}"' in form
    filled = ann_browser.get(handed_in(ann_browser, like=job_id)).text
    empty = ann_browser.get(handed_in(ann_browser)).text
    assert filled.count(" checked") == empty.count(" checked") - 1


def test_nothing_is_filled_in_from_what_one_may_not_see(ann_browser: Browser) -> None:
    for like in ("no-id", "01890000-0000-7000-8000-000000000000"):
        answer = ann_browser.post("/jobs", data={"job_type": "clean_csv", "like": like}, files=FILE)
        assert answer.status_code in {404, 422}
