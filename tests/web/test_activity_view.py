"""What was done with a job, told to people."""

from typing import Any

import pytest

from webapp.jobs.activity import activities, record
from webapp.jobs.deeds import Action
from webapp.store.database import Database
from webapp.store.tables import Job, State, User
from webapp.web.activity_view import deeds_of
from webapp.web.deed_words import WORDS


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        ("pause", {}, "paused it"),
        ("start", {}, "started it"),
        ("start", {"first_rows": 10}, "started it with the first 10 only"),
        ("start", {"run_at": "2026-11-23T07:30:00+00:00"}, "set a time for it to start"),
        ("run_now", {}, "let it start without waiting for its time"),
        ("priority", {"priority": 10}, "set its priority to High"),
        ("priority", {"priority": -3}, "set its priority to -3"),
        ("decide", {"decision": "sent", "rows": [7], "count": 1}, "marked row 7 as sent"),
        ("decide", {"decision": "not_sent", "rows": [7, 1200], "count": 2}, "marked rows 7, 1,200 as not sent"),
        ("decide", {"decision": "send_again", "rows": None, "count": 40}, "had 40 rows sent again"),
        ("decide", {"decision": "send_again", "rows": list(range(9)), "count": 8}, "had 8 rows sent again"),
        ("run_again", {"job": "x", "number": 1200}, "ran it again as job 1200"),
        ("from_a_later_version", {}, "from a later version"),
    ],
)
def test_each_deed_is_told_in_words(
    database: Database, ann: User, action: str, detail: dict[str, Any], words: str
) -> None:
    job = Job(number=1, owner_id=ann.id, job_type="clean_csv", state=State.queued)
    with database.write() as session:
        session.add(job)
        session.flush()
        record(session, ann, action, job.id, **detail)
        record(session, None, action, job.id, **detail)
        deeds = deeds_of(session, activities(session, job.id))
    assert [(deed.who, deed.what) for deed in deeds] == [("The desk", words), ("Ann", words)], "the newest first"


def test_there_are_words_for_everything_that_can_be_done() -> None:
    assert set(Action) <= WORDS.keys()
