"""How a job ends: by what its rows came to, or before its time."""

import time
from contextlib import suppress
from typing import Any

from sqlalchemy import case
from sqlmodel import Session, col

from webapp.authoring import Retry
from webapp.jobs.account import close_account
from webapp.jobs.again import RETRY, have_tried_again
from webapp.jobs.batch import Batch, storable
from webapp.jobs.claims import FREE, Claim, Task, close_attempt, release
from webapp.jobs.failures import TRIED, kind_of
from webapp.jobs.lifecycle import Move, move
from webapp.jobs.waiting import waiting_for
from webapp.jobs.work import NotWrittenDown, Work, Workshop
from webapp.kit import now
from webapp.services.data import FenceLostError
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.tables import Job, LedgerEntry, Outcome, State
from webapp.store.types import DatabaseNow

UNITS = ((3600, "hours"), (60, "minutes"), (1, "seconds"))
ATTEMPT_ENDED = {Move.fail: "failed", Move.cancel: "cancelled"}


def finish(work: Work, detail: str | None, *, read_all: bool) -> None:
    """End a job whose function did its work. It may only end well if every row counted is accounted for.

    Args:
        work: the claim's work.
        detail: what an administrator may read about the attempt.
        read_all: whether the function read its table to the end; if not, the rest is skipped and all is well.

    Raises:
        JobError: the desk's database refused what the function did last; the job has not ended.
    """
    with work.shop.database.write() as session:
        job = session.get_one(Job, work.job_id, with_for_update=True)
        if job.fence != work.claim.fence:
            return
        work.effects.take(range(0)).execute_all(session, Batch.empty())  # what the function did after its last row
        if _try_rows_later(session, work, job, detail):
            return
        if job.accounted > job.received or (read_all and job.accounted < job.received):
            ended = _end(session, work.claim, Move.need_attention, _mismatch(job), detail)
            code, reason, outcome = "uncounted", "Nobody can say what became of this row.", Outcome.unknown
        else:
            how = Move.need_attention if job.doubt else how_it_went(job)
            ended = _end(session, work.claim, how, job.doubt, detail)
            code, reason, outcome = "not_read", "The job ended without asking for this row.", Outcome.skipped
        if ended:
            close_account(session, job, code, reason, outcome)


def how_it_went(job: Job) -> Move:
    """How a job ends whose rows are all accounted for."""
    if job.unknown:
        return Move.need_attention
    return Move.complete_with_errors if job.rejected or job.failed else Move.complete


def try_later(work: Work, error: BaseException, detail: str | None) -> bool:
    """Have a job tried again after a while whose function raised `error`, if its type wants that and not too often."""
    retry = work.job_type.retry
    if retry is None or not isinstance(error, retry.on) or work.job.retries + 1 >= retry.attempts:
        return False
    work.leave_alone(error)
    with work.shop.database.write() as session:
        return _later(session, work, retry, detail)


def given_up(work: Work, error: BaseException) -> str | None:
    """What is said of a job that was tried again because of such an error, and is not any more."""
    retry = work.job_type.retry
    if retry is None or not isinstance(error, retry.on):
        return None
    return TRIED.format(tries=work.job.retries + 1, what=kind_of(error))


def come_back_later(work: Work, error: BaseException, detail: str | None) -> bool:
    """Have a job wait, however often, if its function asks for that, or what stopped it passes: see `waiting_for`.

    Raises:
        NotWrittenDown: that could not be written down either; the next claim goes on.
    """
    wait = waiting_for(error)
    if wait is None:
        return False
    shop, values = work.shop, {**FREE, "run_at": DatabaseNow(wait.seconds), "problem": storable(wait.reason)}
    try:
        if isinstance(error, NotWrittenDown):
            with suppress(FenceLostError):
                work.settle_again()
        with shop.database.write() as session:
            stalls = case((col(Job.stalls) > 0, col(Job.stalls) - 1), else_=0)  # a claim that waits is no stall
            if move(session, work.job_id, Move.try_later, fence=work.claim.fence, stalls=stalls, **values):
                close_attempt(session, work.claim, "waiting", detail)
                return True
        release(shop.database, work.claim, lost=False, detail=detail)
    except DATABASE_TROUBLE as trouble:
        raise NotWrittenDown from trouble
    return True


def _try_rows_later(session: Session, work: Work, job: Job, detail: str | None) -> bool:
    """The same for rows that failed by such an error."""
    retry = work.job_type.retry
    if retry is None or job.state not in {State.running, State.pausing}:
        return False
    if work.job_type.restart and work.job.retries + 1 >= retry.attempts:
        return False  # its rows begin anew each time, and so do their tries
    wanted = (col(LedgerEntry.code) == RETRY, col(LedgerEntry.tries) < retry.attempts)
    return bool(have_tried_again(session, job, Outcome.failed, *wanted)) and _later(session, work, retry, detail)


def _later(session: Session, work: Work, retry: Retry, detail: str | None) -> bool:
    wait = max(retry.wait_seconds(work.job.retries + 1), work.not_before - time.monotonic())
    values = {**FREE, "run_at": DatabaseNow(wait), "retries": Job.retries + 1, "stalls": 0, "problem": None}
    moves = (Move.try_later, Move.pause)  # one that was to pause does that, and tries again once it goes on
    if not any(move(session, work.job_id, each, fence=work.claim.fence, **values) for each in moves):
        return False
    close_attempt(session, work.claim, "to be tried again", detail)
    return True


def fail(work: Work, problem: str, detail: str | None) -> None:
    """End a job that could not do its work. The rows that wait are skipped."""
    if work.claim.task is Task.check:
        stop_check(work.shop.database, work.claim, problem)
    else:
        _fail(work.shop.database, work.claim, problem, detail)


def stop_check(database: Database, claim: Claim, problem: str) -> None:
    """End a check that could not be carried through: the job can't be started as it is."""
    free: dict[str, Any] = {**FREE, "progress": None, "stalls": 0}
    with database.write() as session:
        move(session, claim.job_id, Move.check_stopped, fence=claim.fence, problem=storable(problem), **free)


def end_without_type(shop: Workshop, claim: Claim) -> None:
    """End a job whose code is not there any more."""
    problem = (
        "The job's own code is no longer on the desk, or could not be loaded, so it can't be run. "
        "Tell an administrator, and hand the job in again."
    )
    detail = "\n".join(f"{broken.file}: {broken.error}\n{broken.traceback}" for broken in shop.registry.broken)
    end_before_its_begin(shop, claim, problem, detail or None)


def end_before_its_begin(shop: Workshop, claim: Claim, problem: str, detail: str | None = None) -> None:
    """End a job that can't even be begun."""
    if claim.task is Task.check:
        stop_check(shop.database, claim, problem)
    else:
        _fail(shop.database, claim, problem, detail)


def _fail(database: Database, claim: Claim, problem: str, detail: str | None) -> None:
    with database.write() as session:
        job = session.get_one(Job, claim.job_id, with_for_update=True)
        end = Move.cancel if job.state is State.cancelling else Move.fail
        if _end(session, claim, end, problem, detail):
            close_account(session, job, "stopped", "The job stopped before this row.")


def _end(session: Session, claim: Claim, end: Move, problem: str | None, detail: str | None) -> bool:
    values: dict[str, Any] = {**FREE, "finished_at": now(), "pause_after": None}
    said = None if problem is None else storable(problem)
    if not move(session, claim.job_id, end, fence=claim.fence, problem=said, **values):
        return False
    close_attempt(session, claim, ATTEMPT_ENDED.get(end, "completed"), detail)
    return True


def _mismatch(job: Job) -> str:
    return (
        f"The file has {job.received:,} rows, but {job.accounted:,} were accounted for. "
        "The difference must be looked into: tell an administrator."
    )


def took_too_long(seconds: float) -> str:
    """Why a job was stopped that may take so many seconds."""
    size, unit = next(each for each in UNITS if seconds >= 2 * each[0] or each is UNITS[-1])
    return (
        f"The job took longer than the {seconds / size:,.4g} {unit} that it is allowed, and was stopped. "
        "What it did until then is kept. Hand in a smaller file, or ask the job's developer for more time."
    )
