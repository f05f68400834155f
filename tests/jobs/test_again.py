"""Trying again: only the rows meant, each counted once at every moment, and nothing lost if it is called off."""

from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.jobs.bench import Bench, items
from webapp.errors import Refused
from webapp.jobs.claims import release
from webapp.jobs.deeds import Action
from webapp.jobs.failures import kind_of
from webapp.jobs.recovery import take_back
from webapp.jobs.run import run_claim
from webapp.store.tables import Job, Outcome, State
from webapp.store.types import DatabaseNow


def due(bench: Bench, job_id: UUID) -> None:
    """Let the time come that a scheduled job waits for."""
    with bench.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == job_id).values(run_at=DatabaseNow(-1)))


def with_failed_rows(bench: Bench) -> UUID:
    """Ten rows of which three fail in the first attempt."""
    job = bench.run("keep_rows", items(10, r2="error", r5="error", r9="error", r7="reject"), once=True)
    assert bench.counts(job.id) == {"done": 6, "rejected": 1, "failed": 3}
    return job.id


def test_only_the_rows_that_failed_are_tried_again(bench: Bench) -> None:
    job_id = with_failed_rows(bench)
    bench.act(job_id, Action.retry_rows)
    waiting = bench.job(job_id)
    assert (waiting.state, waiting.waiting, bench.counts(job_id)) == (State.queued, 3, {"done": 6, "rejected": 1})
    assert bench.run_waiting(job_id).state is State.completed_with_errors
    assert bench.counts(job_id) == {"done": 9, "rejected": 1}
    assert bench.kept() == [1, 2, 3, 4, 5, 6, 8, 9, 10]


def test_rows_that_fail_again_have_failed_and_can_be_tried_once_more(bench: Bench) -> None:
    job = bench.run("keep_rows", items(4, r2="error"))
    for tries in (2, 3):
        bench.act(job.id, Action.retry_rows)
        assert bench.run_waiting(job.id).state is State.completed_with_errors
        assert bench.counts(job.id) == {"done": 3, "failed": 1}
        assert [entry.tries for entry in bench.entries(job.id) if entry.outcome is Outcome.failed] == [tries]


@pytest.mark.parametrize("ending", ["cancelled", "given up"])
def test_rows_that_were_not_tried_after_all_keep_what_they_had(ending: str, bench: Bench) -> None:
    job_id = with_failed_rows(bench)
    bench.act(job_id, Action.retry_rows)
    if ending == "cancelled":
        bench.act(job_id, Action.cancel)
    else:
        for _ in range(3):
            take_back(bench.database, bench.data, bench.claim(), lost=True)
    job = bench.job(job_id)
    assert job.state is (State.cancelled if ending == "cancelled" else State.failed)
    assert (job.waiting, bench.counts(job_id)) == (0, {"done": 6, "rejected": 1, "failed": 3})


def test_a_crash_between_the_data_and_the_ledger_counts_a_row_tried_again_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = with_failed_rows(bench)
    bench.act(job_id, Action.retry_rows)
    work = bench.work()

    def crash(*_: object, **__: object) -> None:
        raise GeneratorExit

    with monkeypatch.context() as patch:
        patch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 600)  # all three at once, however slow the machine is
        patch.setattr(type(work.ledger), "_write_again", crash)
        with pytest.raises(GeneratorExit):
            run_claim(work)
    take_back(bench.database, bench.data, work.claim, lost=True)
    assert bench.counts(job_id) == {"done": 9, "rejected": 1}
    assert bench.run_waiting(job_id).state is State.completed_with_errors
    assert bench.kept() == [1, 2, 3, 4, 5, 6, 8, 9, 10]


def test_an_account_of_an_earlier_try_is_not_taken_for_that_of_this_one(bench: Bench) -> None:
    job = bench.run("keep_rows", items(3, r1="error", r2="error", r3="error"))
    bench.act(job.id, Action.retry_rows)
    bench.run_waiting(job.id)
    bench.act(job.id, Action.retry_rows)
    claim = bench.claim()
    release(bench.database, claim, lost=False)
    assert bench.job(job.id).waiting == 3
    bench.run_waiting(job.id)
    assert bench.counts(job.id) == {"failed": 3}


def test_a_worker_of_before_writes_nothing_about_rows_tried_again(bench: Bench) -> None:
    job_id = with_failed_rows(bench)
    bench.act(job_id, Action.retry_rows)
    late = bench.work()
    take_back(bench.database, bench.data, late.claim, lost=True)
    bench.run_waiting(job_id)
    run_claim(late)
    assert bench.counts(job_id) == {"done": 9, "rejected": 1}
    assert bench.kept() == [1, 2, 3, 4, 5, 6, 8, 9, 10]


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_table_hands_out_the_rows_that_failed_and_no_others(size: int, bench: Bench) -> None:
    job = bench.run("fail_in_table", items(20, r3="2", r17="2", r9="9"), size=size)
    assert bench.counts(job.id) == {"done": 17, "failed": 3}
    bench.act(job.id, Action.retry_rows)
    bench.run_waiting(job.id)
    assert bench.counts(job.id) == {"done": 19, "failed": 1}
    assert [message for _, message in bench.log(job.id)] == ["1 to 20", "3, 9, 17"]
    assert bench.kept() == [row for row in range(1, 21) if row != 9]


def test_a_job_that_was_given_up_goes_on_with_the_rows_it_did_not_reach(bench: Bench) -> None:
    job = bench.run("keep_rows", items(10, r4="give up"), once=True)
    assert (job.state, bench.counts(job.id)) == (State.failed, {"done": 3, "failed": 1, "skipped": 6})
    bench.act(job.id, Action.retry)
    assert bench.job(job.id).waiting == 6
    assert bench.run_waiting(job.id).state is State.completed_with_errors
    assert bench.counts(job.id) == {"done": 9, "failed": 1}
    bench.act(job.id, Action.retry_rows)
    assert bench.run_waiting(job.id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def test_a_job_that_was_called_off_in_the_middle_goes_on_there(bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(10))
    work = bench.work()
    bench.act(job_id, Action.cancel)
    work.stop.set()
    run_claim(work)
    assert bench.job(job_id).state is State.cancelled
    bench.act(job_id, Action.retry)
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def test_a_job_that_was_never_started_cannot_go_on(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    bench.act(job_id, Action.cancel)
    with pytest.raises(Refused, match="never began"):
        bench.act(job_id, Action.retry)


def test_rows_that_failed_outside_are_tried_again_by_themselves(bench: Bench) -> None:
    job = bench.run("try_again", items(6, r2="2", r4="3", r5="error"))
    assert (job.state, job.waiting, job.retries) == (State.scheduled, 2, 1)
    assert bench.counts(job.id) == {"done": 3, "failed": 1}
    due(bench, job.id)
    job = bench.run_waiting(job.id)
    assert (job.state, job.waiting, job.retries) == (State.scheduled, 1, 2)
    due(bench, job.id)
    job = bench.run_waiting(job.id)
    assert (job.state, bench.counts(job.id)) == (State.completed_with_errors, {"done": 5, "failed": 1})
    assert bench.kept() == [1, 2, 3, 4, 6]


def test_rows_that_never_work_are_given_up_after_the_tries_that_their_job_type_gives(bench: Bench) -> None:
    job = bench.run("try_again", items(2, r1="99"))
    for _ in range(2):
        assert job.state is State.scheduled
        due(bench, job.id)
        job = bench.run_waiting(job.id)
    assert (job.state, bench.counts(job.id)) == (State.completed_with_errors, {"done": 1, "failed": 1})
    (entry,) = [entry for entry in bench.entries(job.id) if entry.outcome is Outcome.failed]
    assert (entry.tries, job.attempt) == (3, 3), "attempts=3 is three tries in all"
    assert entry.reason == (
        "It was tried 3 times, and was given up: what it called could not be reached. "
        "Tell an administrator: the details are kept for them."
    )


def test_rows_of_a_job_that_begins_anew_say_likewise_how_often_they_were_tried(bench: Bench) -> None:
    job = bench.run("never_works", items(2, r1="x"))
    while job.state is State.scheduled:
        due(bench, job.id)
        job = bench.run_waiting(job.id)
    assert (job.state, job.attempt) == (State.completed_with_errors, 3)
    assert (bench.entries(job.id)[0].reason or "").startswith("It was tried 3 times, and was given up")


def test_a_row_fails_in_its_authors_words_and_the_job_goes_on(bench: Bench) -> None:
    job = bench.run("fail_in_words", items(3, r2="has no stock left"))
    assert (job.state, bench.counts(job.id)) == (State.completed_with_errors, {"done": 2, "failed": 1})
    (entry,) = [entry for entry in bench.entries(job.id) if entry.outcome is Outcome.failed]
    assert (entry.reason, entry.column, entry.found) == ("has no stock left", "do", "has no stock left")
    job = bench.run("fail_whole_in_words")
    assert (job.state, job.problem) == (State.failed, "the shop is closed")


class RateLimitError(Exception):
    """Somebody's own kind."""


class ReadTimeout(OSError):  # noqa: N818 (as others name theirs)
    """Somebody's own kind."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(), "what it called could not be reached"),
        (TimeoutError(), "what it called did not answer in time"),
        (ReadTimeout(), "what it called did not answer in time"),
        (RateLimitError("secret"), "it came to “rate limit error”"),
        (KeyError("secret"), "it came to “key error”"),
    ],
)
def test_the_kind_of_an_error_is_said_in_plain_words_and_its_text_is_not(error: Exception, words: str) -> None:
    assert kind_of(error) == words


def test_a_job_that_waits_to_be_tried_again_is_not_claimed_before_its_time(bench: Bench) -> None:
    bench.run("try_again", items(2, r1="99"))
    with bench.database.write() as session:
        session.execute(update(Job).values(run_at=DatabaseNow(3600)))
    assert bench.try_claim() is None


@pytest.mark.parametrize(("works_at", "ended"), [(2, State.completed), (3, State.completed), (4, State.failed)])
def test_a_job_without_rows_is_tried_again_as_a_whole(works_at: int, ended: State, bench: Bench) -> None:
    job_id = bench.submit("try_whole_again", works_at=works_at)
    while (job := bench.run_waiting(job_id)).state is State.scheduled:
        assert bench.attempts(job_id)[-1].ended == "to be tried again"
        due(bench, job_id)
    assert (job.state, job.attempt) == (ended, min(works_at, 3))
    assert (job.problem or "").startswith("It was tried 3 times" if ended is State.failed else "")
