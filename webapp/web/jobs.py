"""The list of jobs: tabs by state, search, pages; all of it in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from webapp.jobs.bulk_asked import BulkAction
from webapp.store.queries import CALLING, JobFilter, job_page, jobs_version, state_counts
from webapp.store.tables import State, User
from webapp.web.access import Viewer, may_act
from webapp.web.bulk_words import choices
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_line import job_lines
from webapp.web.live import Snapshot
from webapp.web.navigation import Place
from webapp.web.pages import render
from webapp.web.stream import stream

router = APIRouter()

PLACE = Place("Jobs", "/jobs", 20)

TABS: dict[str, tuple[str, frozenset[State]]] = {
    "": ("All", frozenset()),
    "prepare": ("To start", frozenset({State.draft, State.checking, State.ready})),
    "scheduled": ("Scheduled", frozenset({State.scheduled})),
    "waiting": ("Waiting", frozenset({State.queued})),
    "running": ("Running", frozenset({State.running, State.pausing, State.cancelling})),
    "paused": ("Paused", frozenset({State.paused})),
    "attention": ("Needs you", CALLING),
    "completed": ("Completed", frozenset({State.completed})),
    "settled": ("Settled", CALLING),
    "cancelled": ("Cancelled", frozenset({State.cancelled})),
}


ATTENTION = "attention"
"""The tab of jobs that call for somebody: without those that somebody has seen to, or that were undone."""
SETTLED = "settled"
"""The tab of just those."""


class ListQuery(BaseModel, extra="ignore"):
    """What the address of a list says. An unknown tab is the first one: an old bookmark must not be a dead end."""

    tab: str = ""
    type: str = ""
    q: str = ""
    before: UUID | None = None
    after: UUID | None = None

    def filter(self, user: User) -> JobFilter:
        """The same for the store."""
        states = TABS.get(self.tab, TABS[""])[1]
        text = self.q[:200].strip()
        return JobFilter(
            user,
            states,
            unseen=self.tab == ATTENTION,
            settled=self.tab == SETTLED,
            job_type=self.type or None,
            text=text,
            before=self.before,
            after=self.after,
        )

    def url(self, **changes: Any) -> str:  # noqa: ANN401 (whatever goes into an address)
        """The address of the list with some of it changed; from the first page, unless a page is given."""
        values = {"tab": self.tab, "type": self.type, "q": self.q, **changes}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/jobs?{query}" if query else "/jobs"


@router.get("/jobs", response_class=HTMLResponse)
def list_(request: Request, desk: DeskDep, user: Viewer, query: Annotated[ListQuery, Query()]) -> Response:
    return compressed(request, render(request, "jobs.html", _context(desk, user, query)))


@router.get("/jobs/list", response_class=HTMLResponse)
def list_fragment(request: Request, desk: DeskDep, user: Viewer, query: Annotated[ListQuery, Query()]) -> Response:
    return compressed(request, render(request, "jobs.html", _context(desk, user, query), block="list"))


@router.get("/jobs/stream")
def watch(request: Request, desk: DeskDep, user: Viewer) -> Response:  # noqa: ARG001 (declares who may)
    return stream(request, desk, AnyJob(desk), event="jobs", pause_s=1)


@dataclass(frozen=True, slots=True)
class AnyJob:
    """Tells that some job has changed; each list then asks for what it shows."""

    desk: Desk
    key = "jobs"

    def version(self) -> str:
        with self.desk.database.read() as session:
            return jobs_version(session)

    def render(self) -> Snapshot:
        return Snapshot(self.version(), "")


def _context(desk: Desk, user: User, query: ListQuery) -> Mapping[str, object]:
    wanted = query.filter(user)
    with desk.database.read() as session:
        every = JobFilter(user, job_type=wanted.job_type, text=wanted.text)
        counts = state_counts(session, every)
        calling = state_counts(session, replace(every, states=CALLING, unseen=True))
        settled = {state: count - calling.get(state, 0) for state, count in counts.items() if state in CALLING}
        by_tab = {ATTENTION: calling, SETTLED: settled}
        page = job_page(session, wanted)
        lines = job_lines(session, desk.registry, page.jobs)
    tabs = [
        (label, query.url(tab=key), _sum(by_tab.get(key, counts), states), key == query.tab)
        for key, (label, states) in TABS.items()
        if key != SETTLED or query.tab == SETTLED or any(settled.values())
    ]
    counts, states = by_tab.get(query.tab, counts), wanted.states or frozenset(State)
    present = frozenset(state for state in states if counts.get(state))
    fragment = query.url(before=query.before, after=query.after).replace("/jobs", "/jobs/list", 1)
    return {
        "jobs": lines,
        "tabs": tabs,
        "query": query,
        "types": desk.registry.titles(),
        "choices": [
            (action, text)
            for action, text in (choices(present) if may_act(user) else [])
            if (query.tab, action) != (SETTLED, BulkAction.seen)
        ],
        "matching": _sum(counts, states),
        "fragment": fragment,
        "newer": query.url(after=page.newer) if page.newer else None,
        "older": query.url(before=page.older) if page.older else None,
        "filtered": bool(query.tab or query.type or query.q),
    }


def _sum(counts: Mapping[State, int], states: frozenset[State]) -> int:
    """How many jobs are in any of the states; in any at all if none is named."""
    return sum(counts.get(state, 0) for state in states or State)
