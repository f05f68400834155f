"""The life of a job: the table is complete, and every move that it does not name is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.jobs.bench import Bench
from webapp.jobs.lifecycle import BEGINNINGS, ENDED, TRANSITIONS, WORKING, Move, move
from webapp.store.tables import Job, State

MOVES_AND_STATES = [(each, state) for each in Move for state in State]


def put(bench: Bench, state: State, fence: int = 0) -> Job:
    job = Job(number=1, owner_id=bench.user.id, job_type="talk", state=state, fence=fence)
    with bench.database.write() as session:
        session.add(job)
    return job


def reachable() -> set[State]:
    found = set(BEGINNINGS)
    while True:
        more = {arrow.target for arrow in TRANSITIONS.values() if arrow.sources & found} - found
        if not more:
            return found
        found |= more


def test_every_move_has_its_arrow_and_its_reason() -> None:
    assert set(TRANSITIONS) == set(Move)
    assert all(arrow.sources and arrow.why for arrow in TRANSITIONS.values())


def test_every_state_can_be_reached() -> None:
    assert reachable() == set(State)


def test_an_end_is_left_only_when_somebody_has_it_tried_again_or_decides() -> None:
    leave = {asked for asked, arrow in TRANSITIONS.items() if arrow.sources & ENDED}
    assert leave == {Move.go_on, Move.retry_rows, Move.settle_well, Move.settle_with_errors, Move.call_again}
    assert all(TRANSITIONS[asked].sources <= ENDED for asked in leave)


def test_every_state_leads_to_an_end() -> None:
    leads = set(ENDED)
    for _ in State:
        leads |= {state for arrow in TRANSITIONS.values() if arrow.target in leads for state in arrow.sources}
    assert leads == reachable()


def test_a_worker_holds_the_job_where_its_lease_is_renewed() -> None:
    assert {TRANSITIONS[asked].target for asked in (Move.claim, Move.ask_to_cancel, Move.ask_to_pause)} == WORKING


@pytest.mark.parametrize(("asked", "state"), MOVES_AND_STATES)
def test_a_move_is_made_from_its_sources_and_refused_from_every_other_state(
    asked: Move, state: State, bench: Bench
) -> None:
    job = put(bench, state)
    with bench.database.write() as session:
        made = move(session, job.id, asked)
    after = bench.job(job.id)
    arrow = TRANSITIONS[asked]
    assert made == (state in arrow.sources)
    assert after.state is (arrow.target if made else state)
    assert after.revision == int(made), "watchers are told of a move, and of nothing else"


def test_an_older_claim_moves_nothing(bench: Bench) -> None:
    job = put(bench, State.running, fence=7)
    for fence, expected in ((6, False), (8, False), (7, True)):
        with bench.database.write() as session:
            assert move(session, job.id, Move.complete, fence=fence, problem=f"by {fence}") is expected
    assert bench.job(job.id).problem == "by 7"


@pytest.mark.parametrize("asked", [Move.start, Move.cancel, Move.complete])
def test_of_fifty_at_once_exactly_one_wins(asked: Move, bench: Bench) -> None:
    job = put(bench, min(TRANSITIONS[asked].sources))
    gate = threading.Barrier(50)

    def race(number: int) -> bool:
        gate.wait()
        with bench.database.write() as session:
            return move(session, job.id, asked, problem=f"by {number}")

    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(race, range(50)))
    assert made.count(True) == 1
    assert bench.job(job.id).problem == f"by {made.index(True)}"
    assert bench.job(job.id).revision == 1
