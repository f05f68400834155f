"""Which column fed which field the last time a file with this header came: for all users, apart for each job type."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from webapp.intake import Drift, Match, Remembered, carried_over, drift, fingerprint
from webapp.jobs.mended import ADDED, columns_of
from webapp.kit import now
from webapp.store.locks import hold
from webapp.store.tables import Job, RememberedMatch, User

MOST_KEPT: Final = 100
"""Headers of one job type; the oldest is forgotten for the next."""

LONGEST_HEADER: Final = 20_000  # characters of all names together; a longer one is not remembered
_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered for a header: what it settles, by whom and when, and how the header differs from that one."""

    remembered: Remembered
    drift: Drift
    by: str
    at: datetime


def recall(session: Session, job_type: str, columns: Sequence[str]) -> Memory | None:
    """What is remembered for a job type and a header, or for the one that is closest to it; None if none is close."""
    known = _of_type(job_type)
    same = session.exec(known.where(RememberedMatch.fingerprint == fingerprint(columns))).one_or_none()
    if same is not None:
        return _memory(session, same, columns)
    newest_first = session.exec(known.order_by(col(RememberedMatch.remembered_at).desc())).all()
    names = set(columns)
    likely = sorted(newest_first, key=lambda each: -len(names.intersection(each.columns)))[:_COMPARED]
    memories = [memory for each in likely if (memory := _memory(session, each, columns)).drift.is_close]
    return max(memories, key=lambda memory: memory.drift.same, default=None)


def remember(session: Session, user: User, job: Job) -> None:
    """Keep which column feeds which field of a job that this user starts: they have seen it, so it is right.

    Also that a field is to have no column. A job whose columns feed nothing has nothing to remember.
    """
    columns = columns_of(job)
    if job.match is None or sum(map(len, columns)) > LONGEST_HEADER:
        return
    match = Match.from_json(job.match)
    pairs = {name: match.pairs[name] for name in match.how}
    mark = fingerprint(columns)
    hold(session.connection(), "remembered columns")
    kept = session.exec(_of_type(job.job_type).where(RememberedMatch.fingerprint == mark)).one_or_none()
    if kept is None:
        kept = RememberedMatch(job_type=job.job_type, fingerprint=mark, columns=[], pairs={}, user_id=user.id)
    kept.columns, kept.pairs, kept.user_id, kept.remembered_at = list(columns), pairs, user.id, now()
    session.add(kept)
    session.flush()
    _forget_oldest(session, job.job_type)


def _of_type(job_type: str) -> SelectOfScalar[RememberedMatch]:
    return select(RememberedMatch).where(RememberedMatch.job_type == job_type)


def _memory(session: Session, known: RememberedMatch, columns: Sequence[str]) -> Memory:
    found = _without_ours(drift(known.columns, columns, known.pairs))
    user = session.get_one(User, known.user_id)
    return Memory(carried_over(known.columns, columns, known.pairs, found), found, user.name, known.remembered_at)


def _without_ours(found: Drift) -> Drift:
    """A file of failed rows is no other kind of file because of what the desk has added to it."""
    new, gone = (tuple(name for name in names if name not in ADDED) for names in (found.new, found.gone))
    return replace(found, new=new, gone=gone)


def _forget_oldest(session: Session, job_type: str) -> None:
    newest_first = _of_type(job_type).order_by(
        col(RememberedMatch.remembered_at).desc(), col(RememberedMatch.id).desc()
    )
    for too_old in session.exec(newest_first.offset(MOST_KEPT)).all():
        session.delete(too_old)
