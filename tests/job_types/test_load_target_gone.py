"""A job whose database is gone for good, and its worker too: it can be called off, and says what is in doubt."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.elsewhere import NAME, Elsewhere
from tests.job_types.desk import Desk
from webapp.authoring import ComeBackLater
from webapp.jobs.claims import Claim
from webapp.jobs.deeds import Action
from webapp.jobs.recovery import stop, take_back
from webapp.jobs.run import run_claim
from webapp.kit import now
from webapp.services.data import DataDatabase
from webapp.services.databases import UnknownTarget
from webapp.store.tables import Job, LedgerEntry, Outcome, State

Csv = Callable[..., Path]


class Killed(BaseException):
    """The process is gone, as far as one that lives can play it."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    shop = Elsewhere(f"sqlite:///{tmp_path / 'shop.db'}")
    desk = Desk(tmp_path / "desk", targets=shop.setting)
    yield desk
    desk.close()
    shop.close()


@pytest.fixture
def left(desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch) -> Claim:
    """A claim whose worker died after a batch was in the database and before the ledger had it."""
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)
    file = csv_file("id\n" + "".join(f"{number}\n" for number in range(1, 3001)))
    desk.submit("load_table", file, database=NAME, table="people")
    work = desk.claim()

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    work.ledger.commit = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        run_claim(work)
    return work.claim


def set_job(desk: Desk, job_id: UUID, **values: object) -> None:
    with desk.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == job_id).values(**values))


def test_a_job_whose_database_is_named_no_more_ends_once_it_is_called_off_and_its_lease_is_over(
    desk: Desk, left: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = desk.shop.data
    data.close()
    monkeypatch.setattr(data, "_named", {})
    monkeypatch.setattr(data, "_targets", {})
    set_job(desk, left.job_id, lease_until=now())
    with pytest.raises(UnknownTarget):
        take_back(desk.database, data, left, lost=True)  # it may be named again, and nobody has called it off
    set_job(desk, left.job_id, lease_until=now().replace(year=2999))
    desk.control.act(desk.user, left.job_id, Action.cancel)
    with pytest.raises(UnknownTarget):
        take_back(desk.database, data, left, lost=True)  # its worker may live
    set_job(desk, left.job_id, lease_until=now())
    take_back(desk.database, data, left, lost=True)
    ran = desk.result(left.job_id)
    assert (ran.job.state, ran.counts) == (State.cancelled, {"unknown": 3000})
    assert (ran.job.worker, ran.job.lease_until) == (None, None)
    assert f"The database “{NAME}” is not among those that the desk knows any more" in (ran.job.problem or "")
    with desk.database.read() as session:
        entry = session.exec(select(LedgerEntry)).one()
    assert (entry.first_row, entry.last_row, entry.outcome) == (1, 3000, Outcome.unknown)
    assert "nobody can tell" in (entry.reason or "")


def test_a_database_that_may_come_back_is_waited_for_unless_the_job_ends_by_force(
    desk: Desk, left: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ComeBackLater("The database does not answer.", 15)

    monkeypatch.setattr(DataDatabase, "take", away)
    desk.control.act(desk.user, left.job_id, Action.cancel)
    set_job(desk, left.job_id, lease_until=now())
    with pytest.raises(ComeBackLater):
        take_back(desk.database, desk.shop.data, left, lost=True)
    set_job(desk, left.job_id, forced=True)
    stop(desk.database, desk.shop.data, left, "It took too long.")
    ran = desk.result(left.job_id)
    assert (ran.job.state, ran.counts) == (State.cancelled, {"unknown": 3000})


def test_a_database_that_is_there_is_asked_and_nothing_is_in_doubt(desk: Desk, left: Claim) -> None:
    desk.control.act(desk.user, left.job_id, Action.cancel)
    set_job(desk, left.job_id, lease_until=now())
    take_back(desk.database, desk.shop.data, left, lost=True)
    ran = desk.result(left.job_id)
    assert ran.job.state is State.cancelled
    assert ran.job.done > 0
    assert ran.job.unknown == 0
