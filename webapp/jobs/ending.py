"""How a job ends: by what its rows came to, or before its time."""

from typing import Any

from sqlmodel import Session

from webapp.jobs.account import close_account
from webapp.jobs.batch import storable
from webapp.jobs.claims import Claim, Task, close_attempt
from webapp.jobs.lifecycle import Move, move
from webapp.jobs.work import Work, Workshop
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, Outcome, State

ATTEMPT_ENDED = {Move.fail: "failed", Move.cancel: "cancelled"}


def finish(work: Work, detail: str | None, *, read_all: bool) -> None:
    """End a job whose function did its work. It may only end well if every row counted is accounted for.

    Args:
        work: the claim's work.
        detail: what an administrator may read about the attempt.
        read_all: whether the function read its table to the end; if not, the rest is skipped and all is well.
    """
    with work.shop.database.write() as session:
        job = session.get_one(Job, work.job_id, with_for_update=True)
        if job.accounted > job.received or (read_all and job.accounted < job.received):
            ended = _end(session, work.claim, Move.need_attention, _mismatch(job), detail)
            code, reason, outcome = "uncounted", "Nobody can say what became of this row.", Outcome.unknown
        else:
            end = Move.complete_with_errors if job.rejected or job.failed else Move.complete
            ended = _end(session, work.claim, end, None, detail)
            code, reason, outcome = "not_read", "The job ended without asking for this row.", Outcome.skipped
        if ended:
            close_account(session, job, code, reason, outcome)


def fail(work: Work, problem: str, detail: str | None) -> None:
    """End a job that could not do its work. The rows that wait are skipped."""
    if work.claim.task is Task.check:
        stop_check(work.shop.database, work.claim, problem)
    else:
        _fail(work.shop.database, work.claim, problem, detail)


def stop_check(database: Database, claim: Claim, problem: str) -> None:
    """End a check that could not be carried through: the job can't be started as it is."""
    free: dict[str, Any] = {"worker": None, "lease_until": None, "progress": None, "stalls": 0}
    with database.write() as session:
        move(session, claim.job_id, Move.check_stopped, fence=claim.fence, problem=storable(problem), **free)


def end_without_type(shop: Workshop, claim: Claim) -> None:
    """End a job whose code is not there any more."""
    problem = (
        "The job's own code is no longer on the desk, or could not be loaded, so it can't be run. "
        "Tell an administrator, and hand the job in again."
    )
    if claim.task is Task.check:
        stop_check(shop.database, claim, problem)
        return
    detail = "\n".join(f"{broken.file}: {broken.error}\n{broken.traceback}" for broken in shop.registry.broken)
    _fail(shop.database, claim, problem, detail or None)


def _fail(database: Database, claim: Claim, problem: str, detail: str | None) -> None:
    with database.write() as session:
        job = session.get_one(Job, claim.job_id, with_for_update=True)
        end = Move.cancel if job.state is State.cancelling else Move.fail
        if _end(session, claim, end, problem, detail):
            close_account(session, job, "stopped", "The job stopped before this row.")


def _end(session: Session, claim: Claim, end: Move, problem: str | None, detail: str | None) -> bool:
    values: dict[str, Any] = {"finished_at": now(), "worker": None, "lease_until": None}
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
