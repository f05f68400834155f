"""Several rows at once: each has one outcome and one key, and nothing that was sent counts as not sent."""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.jobs.bench import Bench, items
from tests.jobs.test_sending import break_down
from webapp.authoring import AuthoringError, Context, job
from webapp.jobs.batch import Entry
from webapp.jobs.deeds import Action
from webapp.jobs.lanes import present
from webapp.jobs.recovery import stop
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.sending import Intent
from webapp.jobs.work import StopFlag
from webapp.kit import now
from webapp.store.tables import Job, Outcome, State

pytestmark = pytest.mark.both_databases


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box"
    path.touch()
    return path


def submit(bench: Bench, box: Path, rows: int = 10, deeds: dict[str, str] | None = None, **params: Any) -> UUID:
    return bench.submit("send_parcels", items(rows, **(deeds or {})), box=str(box), **params)


def sent(box: Path) -> dict[int, set[str]]:
    """The keys under which each row was sent."""
    keys: dict[int, set[str]] = defaultdict(set)
    for line in box.read_text().split("\n")[1:]:
        words = line.removeprefix("tried ").split()
        assert words[0] == words[2], "the context knows which row it is asked about"
        keys[int(words[0])].add(words[1])
    assert all(len(each) == 1 for each in keys.values()), "a row has one key, however often it is sent"
    assert len(set().union(*keys.values())) == len(keys), "and no other row has it"
    return keys


def run_to_the_end(bench: Bench, job_id: UUID) -> Job:
    for _ in range(20):
        with bench.database.write() as session:
            session.get_one(Job, job_id).run_at = now()
        found = bench.run_waiting(job_id)
        if found.state not in {State.queued, State.scheduled}:
            return found
    raise AssertionError(found.state)


class ToldInLanes(StopFlag):
    """Told to stop once rows are at work."""

    def is_set(self) -> bool:
        return present.get() is not None or super().is_set()


def test_rows_are_at_work_at_the_same_time(bench: Bench, box: Path) -> None:
    began = time.monotonic()
    found = run_to_the_end(bench, submit(bench, box, 40, lanes=8, seconds=0.1))
    assert (found.state, found.done) == (State.completed, 40)
    assert time.monotonic() - began < 2.5, "one after the other they would take four seconds"
    assert set(sent(box)) == set(range(1, 41))


def test_what_becomes_of_each_is_its_own(bench: Bench, box: Path) -> None:
    deeds = {"r2": "reject", "r5": "busy once", "r7": "data", "r8": "once"}
    job_id = submit(bench, box, 10, deeds)
    found = run_to_the_end(bench, job_id)
    assert found.state is State.completed_with_errors
    outcomes = {entry.first_row: entry.outcome for entry in bench.entries(job_id) if entry.outcome is not Outcome.done}
    assert outcomes == {2: Outcome.rejected, 7: Outcome.failed, 8: Outcome.failed}
    assert set(sent(box)) == {1, 3, 4, 5, 6, 9, 10}


def test_who_comes_back_later_sends_again_with_the_same_keys(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 10, {"r2": "leave once", "r6": "leave once"})
    found = bench.run_waiting(job_id)
    assert (found.state, found.done, found.sending is not None) == (State.scheduled, 1, True)
    assert run_to_the_end(bench, job_id).done == 10
    assert set(sent(box)) == set(range(1, 11))


def test_what_may_have_been_sent_is_unknown_if_the_job_ends_while_it_waits(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 10, {"r2": "leave once"})
    bench.run_waiting(job_id)
    bench.act(job_id, Action.cancel)
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 4, "unknown"), (5, 10, "skipped")]


def test_rows_of_which_none_left_wait_and_are_skipped_if_it_ends(bench: Bench, box: Path) -> None:
    deeds = {f"r{row}": "leave before" for row in range(3, 7)}
    job_id = submit(bench, box, 6, deeds)
    found = bench.run_waiting(job_id)
    assert (found.done, found.sending) == (2, None)
    bench.act(job_id, Action.cancel)
    assert bench.ranges(job_id) == [(1, 2, "done"), (3, 6, "skipped")]


def test_a_job_that_gives_up_accounts_for_all_that_was_sent_with_it(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 10, {"r2": "give up", "r3": "leave once", "r4": "leave before"})
    found = bench.run_waiting(job_id)
    assert found.state is State.failed
    outcomes = [outcome for first, last, outcome in bench.ranges(job_id) for _ in range(first, last + 1)]
    assert outcomes == ["done", "failed", "unknown", "failed"] + ["skipped"] * 6
    assert set(sent(box)) == {1, 2, 3}


def test_rows_that_had_not_begun_when_a_job_gave_up_can_be_tried_again(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 6, {"r2": "reject", "r3": "give up", "r4": "leave before once"})
    assert bench.run_waiting(job_id).state is State.failed
    assert bench.ranges(job_id)[2:] == [(3, 4, "failed"), (5, 6, "skipped")]
    bench.act(job_id, Action.retry)
    assert bench.run_waiting(job_id).state is State.completed_with_errors
    bench.act(job_id, Action.retry_rows)
    bench.run_waiting(job_id)
    assert bench.ranges(job_id)[-1][1:] == (6, "done")
    assert 4 in sent(box)


@pytest.mark.parametrize("row", range(1, 7))
def test_after_a_crash_the_rows_at_work_are_sent_again_with_their_keys(bench: Bench, box: Path, row: int) -> None:
    job_id = submit(bench, box, 6, {f"r{row}": "breakdown once"})
    break_down(bench, bench.claim())
    found = run_to_the_end(bench, job_id)
    assert (found.state, found.done) == (State.completed, 6)
    assert set(sent(box)) == set(range(1, 7))


@pytest.mark.parametrize("deeds", [{}, {"r1": "", "r2": ""}])
def test_what_an_earlier_claim_may_have_sent_stays_so(bench: Bench, box: Path, deeds: dict[str, str]) -> None:
    again = {f"r{row}": "leave before again" for row in range(1, 5)}
    job_id = submit(bench, box, 6, again | deeds | {"r3": "breakdown then leave before"})
    break_down(bench, bench.claim())
    found = bench.run_waiting(job_id)
    assert (found.state, found.done, found.sending is not None) == (State.scheduled, len(deeds), True)
    bench.act(job_id, Action.cancel)
    assert bench.counts(job_id) == {"done": 2, "unknown": 2, "skipped": 2} if deeds else {"unknown": 4, "skipped": 2}


def test_a_job_that_gives_up_later_skips_nothing_that_was_sent_before(bench: Bench, box: Path) -> None:
    deeds = {"r1": "give up again", "r2": "leave before again", "r3": "breakdown then leave before"}
    job_id = submit(bench, box, 6, deeds)
    break_down(bench, bench.claim())
    assert bench.run_waiting(job_id).state is State.failed
    assert bench.ranges(job_id) == [(1, 1, "failed"), (2, 3, "unknown"), (4, 4, "done"), (5, 6, "skipped")]


def test_a_job_that_was_killed_for_good_has_no_more_unknown_rows_than_lanes(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 10, {"r6": "breakdown once"})
    claim = bench.claim()
    with pytest.raises(BaseException, match="as if killed"):
        run_claim(open_work(bench.shop, claim))
    stop(bench.database, bench.data, claim, "It was killed.")
    assert bench.ranges(job_id)[-2:] == [(5, 8, "unknown"), (9, 10, "skipped")]
    assert bench.counts(job_id) == {"done": 4, "unknown": 4, "skipped": 2}


def test_a_job_that_is_called_off_leaves_all_its_lanes(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 8, {f"r{row}": "wait" for row in range(1, 9)})
    work = open_work(bench.shop, bench.claim())
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(run_claim, work)
        while len(sent(box)) < 4:
            time.sleep(0.01)
        bench.act(job_id, Action.cancel)
        work.stop.set()
        working.result()
    assert bench.counts(job_id) == {"unknown": 4, "skipped": 4}
    assert bench.job(job_id).state is State.cancelled


def test_a_lane_that_was_told_to_stop_and_returns_is_not_done(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 8, {"r1": "look before", "r2": "look before", "r3": "look"})
    work = open_work(bench.shop, bench.claim())
    bench.act(job_id, Action.cancel)
    work.stop = ToldInLanes()
    run_claim(work)
    assert bench.job(job_id).state is State.cancelled
    assert bench.ranges(job_id) == [(1, 4, "unknown"), (5, 8, "skipped")]
    assert not {1, 2} & set(sent(box))


def test_the_first_rows_are_run_and_no_other(bench: Bench, box: Path) -> None:
    job_id = submit(bench, box, 10)
    with bench.database.write() as session:
        session.get_one(Job, job_id).pause_after = 6
    found = bench.run_waiting(job_id)
    assert (found.state, found.done) == (State.paused, 6)
    assert set(sent(box)) == set(range(1, 7))


def test_what_was_written_down_by_an_earlier_batchdesk_is_read() -> None:
    entry = Entry(3, Outcome.unknown, "why", line=4, offset=5, length=6)
    old = {"entry": entry.to_json(), "end": {"row": 4, "line": 5, "offset": 11}, "tries": None, "keyed": True}
    assert Intent.from_json(old).entries == (entry,)


def test_a_function_that_could_not_be_in_two_hands_is_refused() -> None:
    with pytest.raises(AuthoringError, match="says at_once, but is no plain function"):

        @job(at_once=lambda _: 2)
        def once(ctx: Context) -> None:
            ctx.log("")
