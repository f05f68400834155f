"""The ledger: the sum is right at every commit, whatever happens between two."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from tests.jobs.bench import Bench
from webapp.intake import Position
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.claims import Claim, release
from webapp.jobs.context import JobContext
from webapp.jobs.ledger import Ledger
from webapp.kit import now
from webapp.services.data import FenceLostError
from webapp.store.tables import Job, Outcome, State

pytestmark = pytest.mark.both_databases

OTHERS = [outcome for outcome in Outcome if outcome is not Outcome.done]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("ledger") / "data")
    yield bench
    bench.close()


def queued(bench: Bench) -> UUID:
    with bench.database.write() as session:
        number = session.exec(select(func.count()).select_from(Job)).one() + 1
        job = Job(number=number, owner_id=bench.user.id, job_type="keep_rows", state=State.queued, queued_at=now())
        job.received, job.counted = 1_000_000, True
        session.add(job)
    return job.id


def at(row: int) -> Position:
    return Position(row, row + 1, row * 10)


def batch(start: int, rows: int, **outcomes: Outcome) -> Batch:
    """Rows from `start` on, all done but those named like `r7=Outcome.failed`."""
    made = Batch(start, at(start + rows))
    for name, outcome in outcomes.items():
        made.add(Entry(int(name[1:]), outcome, "as it goes"))
    return made


def test_done_rows_are_one_range_and_others_stand_alone(bench: Bench) -> None:
    job_id = queued(bench)
    ledger = Ledger(bench.database, bench.claim(), 60)
    ledger.commit(batch(1, 10, r4=Outcome.failed, r5=Outcome.skipped))
    assert bench.ranges(job_id) == [(1, 3, "done"), (4, 4, "failed"), (5, 5, "skipped"), (6, 10, "done")]
    ledger.commit(batch(11, 10))
    ledger.commit(batch(21, 10, r25=Outcome.rejected))
    assert bench.ranges(job_id)[3:] == [(6, 24, "done"), (25, 25, "rejected"), (26, 30, "done")]
    assert bench.job(job_id).checkpoint == {"row": 31, "line": 32, "offset": 310}


def test_a_long_job_without_a_fault_is_one_line(bench: Bench) -> None:
    job_id = queued(bench)
    ledger = Ledger(bench.database, bench.claim(), 60)
    for start in range(1, 5_001, 100):
        ledger.commit(batch(start, 100))
    assert [(entry.first_row, entry.last_row) for entry in bench.entries(job_id)] == [(1, 5_000)]


def test_an_old_claim_writes_nothing(bench: Bench) -> None:
    job_id = queued(bench)
    old = bench.claim()
    release(bench.database, old, lost=True)
    assert_nothing_is_written_by(old, bench)
    bench.claim()
    assert_nothing_is_written_by(old, bench)
    job = bench.job(job_id)
    assert (job.accounted, job.received, bench.ranges(job_id)) == (0, 1_000_000, [])


def assert_nothing_is_written_by(claim: Claim, bench: Bench) -> None:
    ledger = Ledger(bench.database, claim, 60)
    with pytest.raises(FenceLostError):
        ledger.commit(batch(1, 10, r2=Outcome.failed))
    with pytest.raises(FenceLostError):
        ledger.received(5)
    with pytest.raises(FenceLostError):
        ledger.reset()


@pytest.mark.parametrize("state", [State.completed, State.cancelled, State.queued, State.failed])
def test_a_job_that_is_not_being_worked_on_takes_no_outcome(state: State, bench: Bench) -> None:
    job_id = queued(bench)
    claim = bench.claim()
    with bench.database.write() as session:
        session.get_one(Job, job_id).state = state
    with pytest.raises(FenceLostError):
        Ledger(bench.database, claim, 60).commit(batch(1, 10))
    assert bench.ranges(job_id) == []


@pytest.mark.parametrize("start", [1, 6, 12])
def test_rows_that_do_not_follow_on_are_refused(start: int, bench: Bench) -> None:
    job_id = queued(bench)
    ledger = Ledger(bench.database, bench.claim(), 60)
    ledger.commit(batch(1, 10))
    with pytest.raises(FenceLostError):
        ledger.commit(batch(start, 10))
    assert bench.ranges(job_id) == [(1, 10, "done")]


def test_a_commit_that_fails_half_way_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = queued(bench)
    ledger = Ledger(bench.database, bench.claim(), 60)
    monkeypatch.setattr(Ledger, "_row", lambda *_: dict[str, object]()["the disk is full"])
    with pytest.raises(KeyError):
        ledger.commit(batch(1, 10, r2=Outcome.failed))
    monkeypatch.undo()
    assert bench.job(job_id).accounted == 0
    ledger.commit(batch(1, 10, r2=Outcome.failed))
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 2, "failed"), (3, 10, "done")]


def test_a_commit_renews_the_lease(bench: Bench) -> None:
    job_id = queued(bench)
    claim = bench.claim(lease_seconds=1)
    before = bench.job(job_id).lease_until
    Ledger(bench.database, claim, 600).commit(batch(1, 1))
    after = bench.job(job_id).lease_until
    assert before is not None
    assert after is not None
    assert (after - before).total_seconds() > 500


def test_starting_over_forgets_outcomes_and_results(bench: Bench) -> None:
    job_id = bench.submit("copy_table", "id\n1\n2\n3\n")
    work = bench.work()
    work.ledger.commit(batch(1, 2, r2=Outcome.failed))
    with JobContext(work).open_result("of an earlier attempt.txt") as result:
        result.write(b"gone")
    release(bench.database, work.claim, lost=True)
    job = bench.run_waiting(job_id)
    assert (job.state, job.done, job.failed) == (State.completed, 3, 0)
    assert bench.results(job_id) == {"copy.txt": b"1\n2\n3\n"}
    assert bench.ranges(job_id) == [(1, 3, "done")]


@dataclass
class Story:
    """What the ledger should hold: the outcome of each row so far."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def next_row(self) -> int:
        return len(self.outcomes) + 1


Step = tuple[str, list[Outcome]]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(["commit", "commit", "commit", "crash before", "crash after", "zombie", "again"]),
        st.lists(st.one_of(st.just(Outcome.done), st.sampled_from(OTHERS)), min_size=0, max_size=12),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_sum_is_right_at_every_commit_whatever_happens(shared: Bench, steps: list[Step]) -> None:
    job_id, story = queued(shared), Story()
    claim, ledger = claim_it(shared, job_id)
    for what, outcomes in steps:
        named = {f"r{story.next_row + i}": outcome for i, outcome in enumerate(outcomes) if outcome is not Outcome.done}
        following = batch(story.next_row, len(outcomes), **named)
        if what in {"commit", "crash after", "zombie", "again"}:
            ledger.commit(following)
            story.outcomes += outcomes
        if what == "again" and outcomes:
            with pytest.raises(FenceLostError):
                ledger.commit(following)
        if what in {"crash before", "crash after", "zombie"}:
            zombie = ledger
            release(shared.database, claim, lost=False)
            claim, ledger = claim_it(shared, job_id)
            if what == "zombie":
                with pytest.raises(FenceLostError):
                    zombie.commit(batch(story.next_row, 5))
        job = shared.job(job_id)
        assert job.accounted == len(story.outcomes)
        assert job.received == job.accounted + job.waiting
    assert story_of(shared, job_id) == story.outcomes


def claim_it(bench: Bench, job_id: UUID) -> tuple[Claim, Ledger]:
    claim = bench.claim()
    while claim.job_id != job_id:  # left behind by an example that failed
        claim = bench.claim()
    return claim, Ledger(bench.database, claim, 3600)


def story_of(bench: Bench, job_id: UUID) -> list[Outcome]:
    rows = {row: entry.outcome for entry in bench.entries(job_id) for row in range(entry.first_row, entry.last_row + 1)}
    return [rows[row] for row in sorted(rows)]
