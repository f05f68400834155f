"""The same asked of many jobs at once: each is one conditional step, and those that refuse it are named, with why.

A few jobs share a transaction, so that thousands hold nobody up; what takes too long for one request is gone on with.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col

from webapp.errors import NotFound, Refused
from webapp.jobs.bulk_asked import ACTIONS, Bulk, BulkAction, all_of, applies, require_possible
from webapp.jobs.control import Control
from webapp.jobs.deciding import Decision, decide
from webapp.jobs.lifecycle import PREPARING
from webapp.jobs.submit import own_job
from webapp.store.tables import Activity, Job, User

ASKED: Final = "bulk"
"""The activity that says what came of it."""

CHUNK: Final = 25
SECONDS: Final = 10.0
MOST_NAMED: Final = 100
NOT_STARTED: Final = "This job has not been started, and only those are cancelled here that were."
STARTED: Final = "This job was started already, and only those are cancelled here that were not."
GONE: Final = "There is no such job, or it is not yours."


@dataclass(frozen=True, slots=True)
class Meant:
    """How many jobs it can be done with, how many others match, the newest of all, and some of the first ones."""

    count: int
    others: int
    newest: UUID | None
    first: Sequence[Job]


@dataclass(frozen=True, slots=True)
class NotDone:
    """A job with which it could not be done, and why."""

    id: UUID
    number: int | None
    why: str


@dataclass(slots=True)
class Outcome:
    """What came of it. `not_done` names the first of the `refused` ones; `left` were not asked, for want of time."""

    asked: Bulk
    done: int = 0
    refused: int = 0
    others: int = 0
    left: int = 0
    not_done: list[NotDone] = field(default_factory=list)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Bulks:
    """The use-cases of asking many jobs."""

    control: Control
    seconds: float = SECONDS

    def meant(self, user: User, asked: Bulk, examples: int = 0) -> Meant:
        """Which jobs are meant."""
        every = all_of(user, asked)
        fitting = every.where(applies(asked.action))
        newest_first = col(Job.id).desc()
        with self.control.database.read() as session:
            matching = session.execute(every.with_only_columns(func.count())).scalar_one()
            newest = session.execute(every.with_only_columns(col(Job.id)).order_by(newest_first).limit(1)).scalar()
            count = session.execute(fitting.with_only_columns(func.count())).scalar_one()
            first = session.execute(fitting.order_by(newest_first).limit(examples)).scalars().all()
            session.expunge_all()
        return Meant(count, matching - count, newest, first)

    def do(self, user: User, asked: Bulk, confirmed: int) -> Outcome:
        """Ask each of them, for as long as a request may take.

        Args:
            user: who asks; it is written down for each job, and once for all of them.
            asked: what, and of which jobs.
            confirmed: how many jobs the user has been told of; of fewer it may be, not of more.

        Raises:
            BadInput: there is no such priority, or too many ids.
            Refused: more jobs match by now.
        """
        require_possible(asked)
        meant = self.meant(user, asked)
        outcome = Outcome(replace(asked, upto=asked.upto or meant.newest), others=0 if asked.ids else meant.others)
        if not asked.ids and meant.count > confirmed:
            raise Refused(_more(meant.count, confirmed))
        deadline = time.monotonic() + self.seconds
        while (jobs := self._next(user, outcome.asked)) and time.monotonic() < deadline:
            self._ask(user, outcome, jobs)
            outcome.asked = replace(outcome.asked, after=jobs[-1])
        outcome.left = self._left(user, outcome.asked) if jobs else 0
        self._note(user, outcome)
        return outcome

    def outcome(self, user: User, outcome_id: int) -> Outcome:
        """What came of it, as it was written down.

        Raises:
            NotFound: this user has asked for no such thing.
        """
        with self.control.database.read() as session:
            kept = session.get(Activity, outcome_id)
            if kept is None or kept.action != ASKED or kept.user_id != user.id:
                raise NotFound
            said = dict(kept.detail)
        not_done = [NotDone(UUID(each["id"]), each["number"], each["why"]) for each in said.pop("not_done")]
        return Outcome(Bulk.from_json(said.pop("asked")), not_done=not_done, id=outcome_id, **said)

    def _next(self, user: User, asked: Bulk) -> list[UUID]:
        """The jobs that are asked next. Those that were named are asked in any case, so that each has its answer."""
        if asked.ids:
            return [each for each in sorted(set(asked.ids)) if asked.after is None or each > asked.after][:CHUNK]
        query = all_of(user, asked).where(applies(asked.action)).order_by(col(Job.id)).limit(CHUNK)
        with self.control.database.read() as session:
            return list(session.execute(query.with_only_columns(col(Job.id))).scalars())

    def _left(self, user: User, asked: Bulk) -> int:
        if asked.ids:
            return sum(asked.after is None or each > asked.after for each in set(asked.ids))
        return self.meant(user, asked).count

    def _ask(self, user: User, outcome: Outcome, jobs: list[UUID]) -> None:
        done = []
        with self.control.database.write() as session:
            for job_id in jobs:
                try:
                    self._act(session, user, outcome.asked, job_id)
                except (Refused, NotFound) as error:
                    outcome.refused += 1
                    if len(outcome.not_done) < MOST_NAMED:
                        outcome.not_done.append(_not_done(session, job_id, error))
                else:
                    done.append(job_id)
        outcome.done += len(done)
        if outcome.asked.action in ACTIONS:
            for job_id in done:
                self.control.hint(job_id, ACTIONS[outcome.asked.action])

    def _act(self, session: Session, user: User, asked: Bulk, job_id: UUID) -> None:
        if asked.action is BulkAction.priority:
            self.control.set_priority_in(session, user, job_id, asked.priority or 0)
            return
        job = own_job(session, user, job_id)
        session.refresh(job, with_for_update=True)
        if asked.action is BulkAction.seen:
            decide(session, user, job, Decision.seen)
            return
        prepared = job.state in PREPARING
        if asked.action is BulkAction.cancel and prepared:
            raise Refused(NOT_STARTED)
        if asked.action is BulkAction.discard and not prepared:
            raise Refused(STARTED)
        self.control.act_in(session, user, job_id, ACTIONS[asked.action])

    def _note(self, user: User, outcome: Outcome) -> None:
        not_done = [{"id": str(each.id), "number": each.number, "why": each.why} for each in outcome.not_done]
        counts = {name: getattr(outcome, name) for name in ("done", "refused", "others", "left")}
        detail = {"asked": outcome.asked.to_json(), "not_done": not_done, **counts}
        with self.control.database.write() as session:
            kept = Activity(user_id=user.id, action=ASKED, detail=detail)
            session.add(kept)
            session.flush()
            outcome.id = kept.id


def _more(count: int, confirmed: int) -> str:
    jobs = "one job matches" if count == 1 else f"{count:,} jobs match"
    return f"By now {jobs}, not {confirmed:,}. Nothing was done. Look at them, and confirm this number."


def _not_done(session: Session, job_id: UUID, error: Refused | NotFound) -> NotDone:
    if isinstance(error, NotFound):
        return NotDone(job_id, None, GONE)
    job = session.get(Job, job_id)
    return NotDone(job_id, job.number if job else None, error.message)
