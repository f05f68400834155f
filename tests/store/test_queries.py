"""What pages ask: each list in order, each page once, and nobody's jobs but one's own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import func, select

from webapp.kit import now
from webapp.store import queries
from webapp.store.database import Database
from webapp.store.queries import JobFilter, JobPage, job_page
from webapp.store.tables import Attempt, Job, LedgerEntry, LogLine, Outcome, ResultFile, Role, State, User

pytestmark = pytest.mark.both_databases


@pytest.fixture
def ann(database: Database) -> User:
    return person(database, "Ann")


def person(database: Database, name: str, role: Role = Role.operator) -> User:
    user = User(name=name, role=role)
    with database.write() as session:
        session.add(user)
    return user


def jobs(database: Database, owner: User, count: int, **values: Any) -> list[UUID]:
    """The ids of new jobs, the newest first."""
    with database.write() as session:
        number = session.exec(select(func.count()).select_from(Job)).one()
        made = [
            Job(**{"number": number + i, "owner_id": owner.id, "job_type": "t", "state": State.queued, **values})
            for i in range(1, count + 1)
        ]
        session.add_all(made)
    return [job.id for job in reversed(made)]


def page(database: Database, wanted: JobFilter, size: int = 10) -> JobPage:
    with database.read() as session:
        found = job_page(session, wanted, size)
        session.expunge_all()
    return found


def ids(found: JobPage) -> list[UUID]:
    return [job.id for job in found.jobs]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 25])
def test_pages_hold_each_job_once_in_both_directions(count: int, database: Database, ann: User) -> None:
    made = jobs(database, ann, count)
    down: list[list[UUID]] = []
    found = page(database, JobFilter(ann))
    assert found.newer is None
    down.append(ids(found))
    while found.older:
        found = page(database, JobFilter(ann, before=found.older))
        down.append(ids(found))
    assert [job_id for each in down for job_id in each] == made
    up = [ids(found)]
    while found.newer:
        found = page(database, JobFilter(ann, after=found.newer))
        up.append(ids(found))
    seen = [job_id for each in reversed(up) for job_id in each]
    assert seen == made
    assert found.older is None or len(made) > len(ids(found))


def test_jobs_of_others_are_not_listed_except_for_an_administrator(database: Database, ann: User) -> None:
    eve = person(database, "Eve")
    anns, eves = jobs(database, ann, 3), jobs(database, eve, 2)
    assert ids(page(database, JobFilter(ann))) == anns
    assert ids(page(database, JobFilter(eve))) == eves
    assert ids(page(database, JobFilter(person(database, "Root", Role.admin)))) == eves + anns
    with database.read() as session:
        assert queries.state_counts(session, JobFilter(eve)) == {State.queued: 2}


def test_lists_are_narrowed_by_state_type_and_words_of_the_name(database: Database, ann: User) -> None:
    (failed,) = jobs(database, ann, 1, state=State.failed)
    (load,) = jobs(database, ann, 1, job_type="load")
    (named,) = jobs(database, ann, 1, file_name="Orders March.csv")
    assert ids(page(database, JobFilter(ann, states=frozenset({State.failed, State.cancelled})))) == [failed]
    assert ids(page(database, JobFilter(ann, job_type="load"))) == [load]
    assert ids(page(database, JobFilter(ann, text="march"))) == [named]
    with database.read() as session:
        assert queries.state_counts(session, JobFilter(ann)) == {State.failed: 1, State.queued: 2}


@pytest.mark.parametrize("text", ["%", "_", "100%", "a_b", "\\", "' OR 1=1 --", "/"])
def test_letters_that_mean_something_to_a_database_mean_themselves(text: str, database: Database, ann: User) -> None:
    jobs(database, ann, 1, file_name="plain.csv")
    (named,) = jobs(database, ann, 1, file_name=f"x{text}y.csv")
    assert ids(page(database, JobFilter(ann, text=text))) == [named]


@pytest.mark.parametrize(
    "text", ["Größe", "100%", "a_b", 'say "hi"', "back\\slash", "' OR 1=1 --", "東京", "2026-01-31"]
)
def test_jobs_are_found_by_what_was_entered_for_them(text: str, database: Database, ann: User) -> None:
    jobs(database, ann, 1, params={"to": "somebody else", "n": 7})
    jobs(database, ann, 1, params={})
    (entered,) = jobs(database, ann, 1, params={"note": f"for {text}, please", "more": {"list": [1, 2]}})
    assert ids(page(database, JobFilter(ann, text=text))) == [entered]
    (inside,) = jobs(database, ann, 1, params={"more": {"list": [f"x{text}"]}})
    assert ids(page(database, JobFilter(ann, text=text))) == [inside, entered]


def test_problem_rows_come_in_the_order_of_the_file_and_go_on_where_they_stopped(database: Database, ann: User) -> None:
    (job_id,) = jobs(database, ann, 1)
    outcomes = [Outcome.failed, Outcome.done, Outcome.unknown, Outcome.rejected, Outcome.skipped, Outcome.failed]
    with database.write() as session:
        for row, outcome in reversed(list(enumerate(outcomes, 1))):
            session.add(LedgerEntry(job_id=job_id, attempt=1, outcome=outcome, first_row=row, last_row=row))
    with database.read() as session:
        first = queries.problem_rows(session, job_id, size=2)
        rest = queries.problem_rows(session, job_id, after_row=first[-1].first_row)
        assert [entry.first_row for entry in [*first, *rest]] == [1, 3, 4, 6]


def test_the_tail_of_a_log_is_its_newest_lines_oldest_first(database: Database, ann: User) -> None:
    (job_id,) = jobs(database, ann, 1)
    with database.write() as session:
        for number in range(30):
            session.add(LogLine(job_id=job_id, attempt=1, level="info", message=str(number)))
            session.flush()
    with database.read() as session:
        messages = [line.message for line in queries.log_tail(session, job_id, 3)]
    assert messages == ["27", "28", "29"]


def test_attempts_and_results_are_listed_in_order(database: Database, ann: User) -> None:
    (job_id,) = jobs(database, ann, 1)
    with database.write() as session:
        session.add_all(Attempt(job_id=job_id, number=number, worker=job_id) for number in (2, 1, 3))
        session.add_all(ResultFile(job_id=job_id, name=name, bytes=1, sha256="") for name in ("b", "a"))
    with database.read() as session:
        assert [each.number for each in queries.attempts(session, job_id)] == [1, 2, 3]
        assert [each.name for each in queries.result_files(session, job_id)] == ["a", "b"]


def test_those_ahead_in_the_queue_are_counted_as_they_are_claimed(database: Database, ann: User) -> None:
    early, late = now() - timedelta(hours=2), now() - timedelta(hours=1)
    jobs(database, ann, 2, queued_at=early)
    jobs(database, ann, 1, queued_at=late, priority=5)
    jobs(database, ann, 4, queued_at=early, state=State.running)
    (mine,) = jobs(database, ann, 1, queued_at=now())
    jobs(database, ann, 3, queued_at=now() + timedelta(hours=1))
    with database.read() as session:
        assert queries.queue_ahead(session, session.get_one(Job, mine)) == 3


@pytest.mark.both_databases(only="sqlite")
def test_a_page_costs_the_same_wherever_it_is(database: Database, ann: User) -> None:
    made = jobs(database, ann, 300)
    plans: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _explain(connection: Any, _: object, statement: str, parameters: Any, *more: object) -> None:
        if statement.startswith("SELECT job.") and more:
            driver = connection.connection.driver_connection
            plans.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    page(database, JobFilter(ann))
    page(database, JobFilter(ann, before=made[200]))
    page(database, JobFilter(ann, after=made[200]))
    assert len(plans) == 3
    assert all("SEARCH job USING INDEX job_by_owner" in plan for plan in plans), plans
