"""Figures for what watches the desk, as Prometheus and OpenMetrics' readers take them. No figure is about a person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from webapp.jobs.lifecycle import ENDED, WORKING
from webapp.jobs.workers import alive
from webapp.store.database import log_bytes
from webapp.store.tables import Job, State
from webapp.store.types import DatabaseNow
from webapp.web.access import ApiAdmin
from webapp.web.desk import Desk, DeskDep

router = APIRouter(prefix="/api/v1/metrics")

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
GOING: Final = tuple(state for state in State if state not in ENDED)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure that goes up and down, and what it says; by a label's values if it has any."""

    name: str
    about: str
    values: Sequence[tuple[str, float]] = field(default=())

    def lines(self) -> Iterator[str]:
        """As they are read."""
        yield f"# HELP batchdesk_{self.name} {self.about}"
        yield f"# TYPE batchdesk_{self.name} gauge"
        for label, value in self.values:
            yield f"batchdesk_{self.name}{label} {value:.15g}"


@router.get("")
def show(desk: DeskDep, user: ApiAdmin) -> PlainTextResponse:  # noqa: ARG001 (declares who may)
    """The figures as they are now: of the whole desk, and of the process that answers."""
    lines = [line for gauge in _gauges(desk) for line in gauge.lines()]
    return PlainTextResponse("\n".join(lines) + "\n", media_type=TEXT)


def _gauges(desk: Desk) -> Iterator[Gauge]:
    with desk.database.read() as session:
        present = session.exec(select(DatabaseNow())).one()
        yield Gauge("jobs", "Jobs that have not ended, by their state.", _by_state(session))
        yield _seconds(
            "oldest_queued_seconds", "How long the first of the queued jobs has waited.", present, _queued(session)
        )
        yield _seconds("lease_overdue_seconds", "How long a job's worker has been overdue.", present, _lease(session))
    yield _one("workers", "Worker processes that were heard of lately, on all machines.", alive(desk.database))
    health = desk.engine.health()
    yield _one("slots", "Jobs that this process may run at once.", health.slots)
    yield _one("slots_busy", "Jobs that this process runs.", health.busy)
    yield _one("streams", "Live pages that this process serves.", desk.hub.watchers)
    yield _one("disk_free_bytes", "Bytes that are free for files.", desk.files.free())
    about = "Bytes in the log beside SQLite's file, which can't be emptied while something reads for long."
    yield _one("database_log_bytes", about, log_bytes(desk.database))
    yield _one("disk_reserve_bytes", "Bytes that stay free: uploads stop there.", desk.settings.disk_reserve)


def _by_state(session: Session) -> Sequence[tuple[str, float]]:
    found = session.execute(
        select(col(Job.state), func.count()).where(col(Job.state).in_(GOING)).group_by(col(Job.state))
    )
    counts = {state: count for state, count in found}  # noqa: C416 (rows are no pairs)
    return [(f'{{state="{state}"}}', counts.get(state, 0)) for state in GOING]


def _queued(session: Session) -> datetime | None:
    return session.exec(select(func.min(Job.queued_at)).where(col(Job.state) == State.queued)).one()


def _lease(session: Session) -> datetime | None:
    return session.exec(select(func.min(Job.lease_until)).where(col(Job.state).in_(WORKING))).one()


def _seconds(name: str, about: str, present: datetime, since: datetime | None) -> Gauge:
    return _one(name, about, max(0.0, (present - since).total_seconds()) if since else 0)


def _one(name: str, about: str, value: float) -> Gauge:
    return Gauge(name, about, [("", value)])
