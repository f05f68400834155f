"""Sending where nobody can ask: never twice unless somebody decides so, and unknown where it can't be known."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from tests.jobs.bench import Bench, items
from webapp.errors import NotFound, Refused
from webapp.jobs.activity import HAND_IN, activities
from webapp.jobs.batch import Batch
from webapp.jobs.claims import Claim
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action
from webapp.jobs.recovery import take_back
from webapp.jobs.run import open_work, run_claim
from webapp.store.tables import Outcome, State


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box"
    path.touch()
    return path


def letters(box: Path) -> list[int]:
    return [int(line.split()[0]) for line in box.read_text().splitlines()]


def break_down(bench: Bench, claim: Claim) -> None:
    """Work on a claim until the process is gone, and have somebody notice."""
    with pytest.raises(BaseException, match="as if killed") as caught:
        run_claim(open_work(bench.shop, claim))
    assert not isinstance(caught.value, Exception)
    take_back(bench.database, bench.data, claim, lost=True)


def sent_with_one_unknown(bench: Bench, box: Path) -> UUID:
    job_id = bench.submit("send_letters", items(9, r4="breakdown"), box=str(box))
    break_down(bench, bench.claim())
    assert bench.run_waiting(job_id).state is State.needs_attention
    return job_id


def test_a_row_in_the_middle_of_a_breakdown_is_unknown_and_not_sent_again(bench: Bench, box: Path) -> None:
    job_id = sent_with_one_unknown(bench, box)
    assert letters(box) == list(range(1, 10))
    assert bench.ranges(job_id) == [(1, 3, "done"), (4, 4, "unknown"), (5, 9, "done")]
    assert [entry.line for entry in bench.entries(job_id) if entry.outcome is Outcome.unknown] == [5]


def test_breakdowns_over_every_row_leave_every_row_unknown_and_sent_once(bench: Bench, box: Path) -> None:
    job_id = bench.submit("send_letters", items(5, **{f"r{row}": "breakdown" for row in range(1, 6)}), box=str(box))
    for _ in range(5):
        break_down(bench, bench.claim())
    assert bench.run_waiting(job_id).state is State.needs_attention
    assert bench.counts(job_id) == {"unknown": 5}
    assert letters(box) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("deed", "outcome", "found"),
    [
        ("", "done", [1, 2, 3]),
        ("not sent", "failed", [1, 3]),
        ("reject before", "rejected", [1, 3]),
        ("cut off", "unknown", [1, 2, 3]),
        ("unsure", "unknown", [1, 2, 3]),
        ("reject after", "unknown", [1, 2, 3]),
        ("give up after", "unknown", [1, 2]),
    ],
)
def test_what_certainly_did_not_leave_failed_and_what_may_have_is_unknown(
    deed: str, outcome: str, found: list[int], bench: Bench, box: Path
) -> None:
    job = bench.run("send_letters", items(3, r2=deed), box=str(box))
    (of_row_2,) = [out for first, last, out in bench.ranges(job.id) if first <= 2 <= last]
    assert (of_row_2, letters(box)) == (outcome, found)


def test_a_row_that_is_called_off_while_it_is_sent_is_unknown(bench: Bench, box: Path) -> None:
    job_id = bench.submit("send_letters", items(4, r3="wait"), box=str(box))
    work = open_work(bench.shop, bench.claim())
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(run_claim, work)
        while 3 not in letters(box):
            time.sleep(0.01)
        bench.act(job_id, Action.cancel)
        work.stop.set()
        working.result()
    assert bench.ranges(job_id) == [(1, 2, "done"), (3, 3, "unknown"), (4, 4, "skipped")]
    assert bench.job(job_id).state is State.cancelled


def test_who_is_unsure_says_why(bench: Bench, box: Path) -> None:
    job = bench.run("send_letters", items(1, r1="unsure"), box=str(box))
    (entry,) = bench.entries(job.id)
    assert entry.reason == (
        "Sending this row was begun and did not end well: nobody can tell whether it arrived. The postman said nothing."
    )
    assert not bench.attempts(job.id)[0].detail


def test_while_a_row_waits_those_before_it_are_written_down(bench: Bench, box: Path) -> None:
    job_id = bench.submit("send_slowly", items(6, r4="breakdown"), box=str(box))
    break_down(bench, bench.claim())
    assert bench.job(job_id).sending is None
    bench.run_waiting(job_id)
    assert bench.counts(job_id) == {"done": 6}
    assert box.read_text().splitlines() == [f"{row} {row} {row}" for row in range(1, 7)]


def test_the_rows_data_is_kept_only_if_it_is_known_to_be_sent(bench: Bench, box: Path) -> None:
    bench.run("send_letters", items(4, r2="cut off", r3="not sent"), box=str(box), careless=True)
    assert bench.kept() == [1, 4]


@pytest.mark.parametrize(
    ("decision", "counts", "state"),
    [
        (Decision.sent, {"done": 9}, State.completed),
        (Decision.not_sent, {"done": 8, "failed": 1}, State.completed_with_errors),
    ],
)
def test_people_decide_what_became_of_an_unknown_row(
    decision: Decision, counts: dict[str, int], state: State, bench: Bench, box: Path
) -> None:
    job_id = sent_with_one_unknown(bench, box)
    assert bench.control().decide(bench.user, job_id, decision) == 1
    assert (bench.counts(job_id), bench.job(job_id).state) == (counts, state)
    with pytest.raises(Refused, match="decided already"):
        bench.control().decide(bench.user, job_id, decision)


def test_a_row_is_sent_again_if_somebody_decides_so(bench: Bench, box: Path) -> None:
    job_id = bench.submit("send_letters", items(9, r4="cut off"), box=str(box))
    bench.run_waiting(job_id)
    assert bench.control().decide(bench.user, job_id, Decision.send_again, [4]) == 1
    waiting = bench.job(job_id)
    assert (waiting.state, waiting.waiting) == (State.queued, 1)
    assert bench.run_waiting(job_id).state is State.needs_attention, "it is cut off again"
    assert letters(box) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 4]
    assert [entry.tries for entry in bench.entries(job_id) if entry.first_row == 4] == [2]


def test_a_breakdown_while_a_row_is_sent_again_leaves_it_unknown_again(bench: Bench, box: Path) -> None:
    job_id = sent_with_one_unknown(bench, box)
    bench.control().decide(bench.user, job_id, Decision.send_again)
    break_down(bench, bench.claim())
    assert bench.run_waiting(job_id).state is State.needs_attention
    assert bench.counts(job_id) == {"done": 8, "unknown": 1}
    assert letters(box) == [*range(1, 10), 4]


def test_a_decision_is_written_down_with_who_made_it(bench: Bench, box: Path) -> None:
    job_id = sent_with_one_unknown(bench, box)
    bench.control().decide(bench.user, job_id, Decision.sent, [4])
    with bench.database.read() as session:
        (activity,) = activities(session, job_id, but=(HAND_IN,))
    assert (activity.user_id, activity.action) == (bench.user.id, "decide")
    assert activity.detail == {"decision": "sent", "rows": [4], "count": 1}
    assert "ada" in next(entry.reason or "" for entry in bench.entries(job_id) if entry.first_row == 4)


def test_only_those_who_may_see_a_job_decide_and_only_about_unknown_rows(bench: Bench, box: Path) -> None:
    job_id = sent_with_one_unknown(bench, box)
    with pytest.raises(NotFound):
        bench.control().decide(bench.person("eve"), job_id, Decision.sent)
    with pytest.raises(Refused):
        bench.control().decide(bench.user, job_id, Decision.sent, [1, 2, 3])
    assert bench.counts(job_id) == {"done": 8, "unknown": 1}


def test_nobody_decides_while_the_job_runs(bench: Bench, box: Path) -> None:
    job_id = bench.submit("send_letters", items(9, r4="breakdown"), box=str(box))
    break_down(bench, bench.claim())
    assert bench.counts(job_id) == {"done": 3, "unknown": 1}
    with pytest.raises(Refused, match="not ended yet"):
        bench.control().decide(bench.user, job_id, Decision.sent)


def test_a_row_has_the_same_key_whenever_it_is_tried_and_no_other_has_it(bench: Bench, box: Path) -> None:
    job_id = bench.submit("post_rows", items(3, r2="breakdown"), box=str(box))
    break_down(bench, bench.claim())
    bench.run_waiting(job_id)
    bench.run("post_rows", items(3), box=str(box))
    lines = [line.split() for line in box.read_text().splitlines()]
    assert [line[0] for line in lines] == ["1", "2", "2", "3", "1", "2", "3"]
    assert lines[1] == lines[2]
    assert len({key for line in lines for key in line[1:]}) == 12


def lose_with_a_key(bench: Bench, job_id: UUID, *asked: Action) -> None:
    work = open_work(bench.shop, bench.claim())
    with pytest.raises(BaseException, match="as if killed"):
        run_claim(work)
    for action in asked:
        bench.act(job_id, action)
    take_back(bench.database, bench.data, work.claim, lost=True)


def test_a_row_with_a_key_that_is_not_sent_again_because_its_job_was_called_off_is_unknown(
    bench: Bench, box: Path
) -> None:
    job_id = bench.submit("post_rows", items(3, r2="always"), box=str(box))
    lose_with_a_key(bench, job_id, Action.cancel)
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 2, "unknown"), (3, 3, "skipped")]


@pytest.mark.parametrize("claimed_again", [False, True])
def test_the_same_if_it_is_called_off_while_it_waits_for_its_next_worker(
    claimed_again: bool,  # noqa: FBT001
    bench: Bench,
    box: Path,
) -> None:
    job_id = bench.submit("post_rows", items(3, r2="always"), box=str(box))
    lose_with_a_key(bench, job_id)
    if claimed_again:  # by a worker that only says that it is there
        work = open_work(bench.shop, bench.claim())
        work.recover()
        place = work.checkpoint()
        assert place is not None
        work.commit(Batch(place.row, place))
        take_back(bench.database, bench.data, work.claim, lost=False)
    bench.act(job_id, Action.cancel)
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 2, "unknown"), (3, 3, "skipped")]
    bench.act(job_id, Action.retry)
    assert bench.run_waiting(job_id).state is State.needs_attention
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 2, "unknown"), (3, 3, "done")]
    assert [line.split()[0] for line in box.read_text().splitlines()] == ["1", "2", "3"]


def test_a_row_with_a_key_that_kills_every_worker_is_given_up_as_unknown_and_the_others_are_run(
    bench: Bench, box: Path
) -> None:
    job_id = bench.submit("post_rows", items(3, r2="always"), box=str(box))
    for _ in range(4):  # the first gets somewhere, and three in a row do not
        lose_with_a_key(bench, job_id)
    assert bench.run_waiting(job_id).state is State.needs_attention
    assert bench.ranges(job_id) == [(1, 1, "done"), (2, 2, "unknown"), (3, 3, "done")]
