"""Causes are told apart by what is really wrong."""

from typing import Any
from uuid import UUID

import pytest

from webapp.kit import new_id
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State, User
from webapp.web.cause_view import Cause, causes_of


@pytest.fixture
def job_id(database: Database, ann: User) -> UUID:
    job = Job(id=new_id(), number=1, owner_id=ann.id, job_type="any", state=State.completed_with_errors)
    with database.write() as session:
        session.add(job)
    return job.id


def reject(database: Database, job_id: UUID, row: int, reason: str, **more: Any) -> None:
    with database.write() as session:
        session.add(
            LedgerEntry(
                job_id=job_id,
                attempt=1,
                outcome=Outcome.rejected,
                first_row=row,
                last_row=row,
                reason=reason,
                **more,
            )
        )


def test_what_an_author_says_is_told_apart_by_its_words(database: Database, job_id: UUID) -> None:
    reject(database, job_id, 1, "is a customer that was deleted")
    reject(database, job_id, 2, "has an unpaid bill")
    reject(database, job_id, 3, "has an unpaid bill")
    with database.read() as session:
        causes = causes_of(session, job_id, 3)
    assert causes == [
        Cause(None, "has an unpaid bill", 2, 2),
        Cause(None, "is a customer that was deleted", 1, 1),
    ]


def test_the_same_thing_wrong_in_a_column_is_one_cause(database: Database, job_id: UUID) -> None:
    reject(database, job_id, 1, "is not one of AT, CH", code="literal_error", column="country")
    reject(database, job_id, 2, "is not one of AT, CH (and 1 more problem)", code="literal_error", column="country")
    with database.read() as session:
        assert causes_of(session, job_id, 2) == [Cause("country", "is not one of AT, CH", 2, 1)]
