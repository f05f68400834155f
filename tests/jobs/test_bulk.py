"""The same asked of many jobs: whom it reaches, what is said of the others, and that none is asked twice."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from tests.jobs.bench import Bench, items
from webapp.errors import BadInput, NotFound, Refused
from webapp.jobs.activity import activities
from webapp.jobs.bulk import GONE, NOT_STARTED, STARTED, Bulks
from webapp.jobs.bulk_asked import MOST_TICKED, Bulk, BulkAction
from webapp.kit import new_id
from webapp.store.tables import Activity, Job, Role, State, User

pytestmark = pytest.mark.both_databases

A = BulkAction
QUEUED = frozenset({State.queued})


def put(bench: Bench, *states: State, owner: User | None = None, start: int = 1, **more: Any) -> list[UUID]:
    """Jobs in these states."""
    owner_id = (owner or bench.user).id
    jobs = [
        Job(number=number, owner_id=owner_id, job_type="keep_rows", state=state, received=10, **more)
        for number, state in enumerate(states, start)
    ]
    with bench.database.write() as session:
        session.add_all(jobs)
        return [job.id for job in jobs]


def states(bench: Bench, jobs: Iterable[UUID]) -> list[State]:
    return [bench.job(job).state for job in jobs]


@pytest.fixture
def bulks(bench: Bench) -> Bulks:
    return Bulks(bench.control())


def test_all_that_match_are_cancelled_and_others_are_left_alone(bench: Bench, bulks: Bulks) -> None:
    jobs = put(bench, State.queued, State.running, State.completed, State.ready)
    outcome = bulks.do(bench.user, Bulk(A.cancel), 2)
    assert states(bench, jobs) == [State.cancelled, State.cancelling, State.completed, State.ready]
    assert (outcome.done, outcome.refused, outcome.others, outcome.left) == (2, 0, 2, 0)


def test_the_filter_is_kept_to(bench: Bench, bulks: Bulks) -> None:
    jobs = put(bench, State.queued, State.paused, State.queued, file_name="a.csv")
    other = put(bench, State.queued, start=9, file_name="b.csv")
    bulks.do(bench.user, Bulk(A.cancel, states=QUEUED, text="a.csv"), 2)
    assert states(bench, jobs + other) == [State.cancelled, State.paused, State.cancelled, State.queued]


def test_only_what_was_not_started_is_discarded(bench: Bench, bulks: Bulks) -> None:
    jobs = put(bench, State.draft, State.ready, State.checking, State.queued)
    assert bulks.do(bench.user, Bulk(A.discard), 3).done == 3
    assert states(bench, jobs) == [State.cancelled] * 3 + [State.queued]


def test_each_job_that_was_ticked_has_its_answer(bench: Bench, bulks: Bulks) -> None:
    queued, ended, ready = jobs = put(bench, State.queued, State.completed, State.ready)
    foreign, nothing = put(bench, State.queued, owner=bench.person("eve"), start=9)[0], new_id()
    outcome = bulks.do(bench.user, Bulk(A.cancel, ids=(*jobs, foreign, nothing)), 0)
    assert (outcome.done, outcome.refused) == (1, 4)
    said = {each.id: each.why for each in outcome.not_done}
    assert "ended already" in said[ended]
    assert said[ready] == NOT_STARTED
    assert said[foreign] == said[nothing] == GONE
    assert states(bench, (queued, ready, foreign)) == [State.cancelled, State.ready, State.queued]
    assert bulks.do(bench.user, Bulk(A.discard, ids=(foreign, ended)), 0).not_done[0].why in {STARTED, GONE}


def test_an_administrator_reaches_the_jobs_of_others(bench: Bench, bulks: Bulks) -> None:
    jobs = put(bench, State.queued, State.queued)
    assert bulks.do(bench.person("root", Role.admin), Bulk(A.cancel), 2).done == 2
    assert states(bench, jobs) == [State.cancelled] * 2


def test_failed_rows_are_tried_again_where_there_are_some(bench: Bench, bulks: Bulks) -> None:
    failed = bench.run("keep_rows", items(5, r2="error", r4="error"), once=True).id
    done = put(bench, State.completed_with_errors, start=9)
    outcome = bulks.do(bench.user, Bulk(A.retry_rows), 1)
    assert (outcome.done, outcome.refused, outcome.others) == (1, 0, 1)
    assert states(bench, [failed, *done]) == [State.queued, State.completed_with_errors]


def test_a_priority_is_set_where_it_counts(bench: Bench, bulks: Bulks) -> None:
    jobs = put(bench, State.queued, State.scheduled, State.running)
    assert bulks.do(bench.user, Bulk(A.priority, 10), 2).done == 2
    assert [bench.job(job).priority for job in jobs] == [10, 10, 0]
    with pytest.raises(BadInput):
        bulks.do(bench.user, Bulk(A.priority, 101), 2)


def test_no_more_jobs_are_asked_than_were_confirmed(bench: Bench, bulks: Bulks) -> None:
    jobs = put(bench, State.queued, State.queued, State.queued)
    with pytest.raises(Refused, match="By now 3 jobs match, not 2"):
        bulks.do(bench.user, Bulk(A.cancel), 2)
    assert states(bench, jobs) == [State.queued] * 3
    assert bulks.do(bench.user, Bulk(A.cancel), 100).done == 3


def test_jobs_that_came_later_are_not_meant(bench: Bench, bulks: Bulks) -> None:
    put(bench, State.queued)
    meant = bulks.meant(bench.user, Bulk(A.cancel))
    later = put(bench, State.queued, start=9)
    assert bulks.do(bench.user, Bulk(A.cancel, upto=meant.newest), meant.count).done == 1
    assert states(bench, later) == [State.queued]


def test_what_takes_too_long_is_gone_on_with(bench: Bench) -> None:
    jobs = put(bench, *[State.queued] * 60)
    hasty = Bulks(bench.control(), seconds=0.0)
    hasty_done = hasty.do(bench.user, Bulk(A.cancel), 60)
    assert (hasty_done.done, hasty_done.left) == (0, 60)
    kept = hasty.outcome(bench.user, hasty_done.id or 0)
    rest = Bulks(bench.control()).do(bench.user, kept.asked, kept.left)
    assert (rest.done, rest.left) == (60, 0)
    assert set(states(bench, jobs)) == {State.cancelled}


def test_it_is_written_down_for_each_job_and_for_all_of_them(bench: Bench, bulks: Bulks) -> None:
    job, ended = put(bench, State.queued, State.failed)
    outcome = bulks.do(bench.user, Bulk(A.cancel, ids=(job, ended)), 0)
    with bench.database.read() as session:
        assert [each.action for each in activities(session, job)] == ["cancel"]
        assert activities(session, ended) == []
        kept = session.exec(select(Activity).where(col(Activity.action) == "bulk")).one()
        assert (kept.user_id, kept.detail["done"], kept.detail["refused"]) == (bench.user.id, 1, 1)
    assert bulks.outcome(bench.user, outcome.id or 0) == outcome
    with pytest.raises(NotFound):
        bulks.outcome(bench.person("eve"), outcome.id or 0)


def test_no_transaction_holds_more_than_a_few_jobs(bench: Bench, bulks: Bulks, monkeypatch: pytest.MonkeyPatch) -> None:
    put(bench, *[State.queued] * 60)
    sizes, ask = [], Bulks._ask

    def count(self: Bulks, user: User, outcome: object, jobs: list[UUID]) -> None:
        sizes.append(len(jobs))
        ask(self, user, outcome, jobs)  # type: ignore[arg-type]

    monkeypatch.setattr(Bulks, "_ask", count)
    assert bulks.do(bench.user, Bulk(A.cancel), 60).done == 60
    assert sizes == [25, 25, 10]


def test_not_too_many_are_named(bench: Bench, bulks: Bulks) -> None:
    with pytest.raises(BadInput, match="changing"):
        bulks.do(bench.user, Bulk(A.cancel, ids=tuple(new_id() for _ in range(MOST_TICKED + 1))), 0)
