"""What the desk's database says of an ended job's rows is gone once they are removed, wherever it was said."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.jobs.bench import Bench
from tests.jobs.whole import everything
from webapp.errors import Refused
from webapp.jobs.activity import record
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action
from webapp.jobs.removal import Removals
from webapp.kit import now
from webapp.store.queries import SEEN
from webapp.store.tables import Attempt, Channel, Delivery, Job, Message, State, User

pytestmark = pytest.mark.both_databases
CANARY = "canary@example.com"
WRONG = f"id,do\n1,\n2,reject\n{CANARY},\n4,error\n"


def cite(bench: Bench, job: Job, user: User) -> None:
    """Have all that can cite something of a job do so."""
    told = f"Row 3: {CANARY} is wrong."
    channels = [(Channel.mail, None), (Channel.webhook, now())]
    with bench.database.write() as session:
        ours = update(Job).where(col(Job.id) == job.id)
        session.execute(ours.values(doubt=told, problem=told, only_one=told, shown={"told": told}))
        session.execute(
            update(Attempt).where(col(Attempt.job_id) == job.id).values(steps=[{"name": told}], detail=told)
        )
        session.add(Message(job_id=job.id, title="Job 1", text=told))
        for channel, ended_at in channels:
            said: dict[str, Any] = {"said": told, "body": {"told": told}} if ended_at else {}
            whom: dict[str, Any] = {"user_id": user.id, "address": "x", "event": "end", "title": "Job 1"}
            session.add(Delivery(job_id=job.id, channel=channel, text=told, ended_at=ended_at, **whom, **said))
        record(session, user, "decide", job.id, decision=Decision.seen, problem=told)


def test_nothing_of_its_rows_is_left_in_any_table(
    bench: Bench, removals: Removals, admin: User, tmp_path: Path
) -> None:
    entries: dict[str, Any] = {"folder": str(tmp_path / CANARY), "rows": 2}
    (tmp_path / CANARY).mkdir()
    job = bench.run("undoable", WRONG, **entries)
    undo = bench.control().undo(bench.user, job.id)
    bench.run_waiting(undo.id)
    cite(bench, job, admin)
    removals.remove(admin, job.id)
    assert CANARY not in everything(bench)
    assert bench.job(job.id).doubt, "what has to be looked at has to be, whatever it was"


def test_that_somebody_has_seen_to_it_stays(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("keep_rows", WRONG)
    bench.control().decide(bench.user, job.id, Decision.seen)
    removals.remove(admin, job.id)
    assert bench.job(job.id).doubt == SEEN


def test_what_somebody_has_written_themselves_stays(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("keep_rows", WRONG)
    with bench.database.write() as session:
        session.add(Message(job_id=job.id, author_id=admin.id, title="Hello", text="All is well."))
    removals.remove(admin, job.id)
    assert "All is well." in everything(bench)


def test_an_undo_of_it_that_failed_is_not_tried_again(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("undoable", WRONG, folder="/does/not/exist")
    undo = bench.control().undo(bench.user, job.id)
    assert bench.run_waiting(undo.id).state is State.failed
    removals.remove(admin, job.id)
    with pytest.raises(Refused, match="was removed"):
        bench.act(undo.id, Action.retry)
