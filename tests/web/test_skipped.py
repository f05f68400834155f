"""The page of skipped rows."""

from typing import Any

from tests.web.conftest import Browser
from webapp.kit import new_id
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State, User


def test_every_skipped_row_is_shown_with_its_reason(ann_browser: Browser, ann: User, database: Database) -> None:
    job = Job(
        id=new_id(), number=7, owner_id=ann.id, job_type="any", state=State.cancelled, received=9, skipped=7, done=2
    )
    single: dict[str, Any] = {"first_row": 2, "last_row": 2, "line": 3, "reason": "repeats row 1 in email"}
    many: dict[str, Any] = {"first_row": 4, "last_row": 9, "reason": "The job was cancelled before this row."}
    with database.write() as session:
        session.add(job)
        session.flush()
        for entry in (single, many):
            session.add(LedgerEntry(job_id=job.id, attempt=1, outcome=Outcome.skipped, **entry))
    page = ann_browser.get(f"/jobs/{job.id}/skipped")
    assert page.status_code == 200
    assert "7 rows were skipped" in page.text
    assert "repeats row 1 in email" in page.text
    assert "4 to 9" in page.text
    assert "–" not in page.text
    assert "repeats row 1" not in ann_browser.get(f"/jobs/{job.id}/skipped?after=2").text
