"""What jobs came to, by day, kind and person: for the days in the address, of all that one may see."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from webapp.kit import now
from webapp.store.activity_list import people
from webapp.store.statistics import Wanted, figures
from webapp.store.tables import Role, User
from webapp.web.access import Viewer
from webapp.web.compression import compressed
from webapp.web.days import Days, Span, read_days
from webapp.web.desk import Desk, DeskDep
from webapp.web.navigation import Place
from webapp.web.pages import render
from webapp.web.statistics_view import by_size, charts, key_figures, named, titled

router = APIRouter()

PLACE = Place("Statistics", "/statistics", 70, folded=True)

USUAL: Final = 30
MOST: Final = 3660
SPANS: Final = ((7, "7 days"), (USUAL, "30 days"), (90, "90 days"), (365, "1 year"))
TOO_LONG: Final = "These are more than ten years. Choose fewer days."


class StatisticsQuery(BaseModel, extra="ignore"):
    """What the address says, as it was typed."""

    first: Annotated[str, Field(alias="from")] = ""
    last: Annotated[str, Field(alias="to")] = ""
    person: str = ""
    type: str = ""

    def url(self, **changes: Any) -> str:  # noqa: ANN401 (whatever goes into an address)
        """The address with some of it changed."""
        values = {"from": self.first, "to": self.last, "person": self.person, "type": self.type, **changes}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/statistics?{query}" if query else "/statistics"


def whole_days(days: Days) -> tuple[Span, dict[str, str]]:
    """Days with a beginning and an end: the last 30 unless something is said; and what is wrong with them."""
    last = days.last or now().date()
    if days.first and days.first > last:
        last = days.first
    first = days.first or last - timedelta(days=USUAL - 1)
    if (last - first).days >= MOST:
        return Span(first, last), {"from": TOO_LONG}
    return Span(first, last), {}


@router.get("/statistics", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, query: Annotated[StatisticsQuery, Query()]) -> Response:
    typed, problems = read_days(query.first, query.last)
    days, too_long = whole_days(typed)
    problems |= too_long
    person = _uuid(query.person, problems)
    context = {
        "query": query,
        "days": days,
        "problems": problems,
        "types": desk.registry.titles(),
        "spans": _spans(query, days),
        **(_shown(desk, user, days, person, query.type[:200]) if not problems else {"total": None, "people": []}),
    }
    status = 422 if problems else 200
    return compressed(request, render(request, "statistics.html", context, status=status))


def _shown(desk: Desk, user: User, days: Span, person: UUID | None, job_type: str) -> Mapping[str, object]:
    wanted = Wanted(user, days.since, days.until, person, job_type)
    with desk.database.read() as session:
        found = figures(session, wanted, desk.remembered)
        known = people(session, user)
    kinds, kinds_chart = by_size(titled(found.types, desk.registry))
    owners, owners_chart = by_size(named(found.owners, dict(known)))
    return {
        "total": found.total,
        "key_figures": key_figures(found.total),
        "charts": charts(found) if found.total.jobs or any(each.jobs for each in found.depth) else [],
        "kinds": kinds,
        "kinds_chart": kinds_chart,
        "owners": owners if user.role is Role.admin else [],
        "owners_chart": owners_chart,
        "people": [(str(each), name) for each, name in known],
    }


def _spans(query: StatisticsQuery, days: Span) -> list[tuple[str, str, None, bool]]:
    """Links to the days that are asked for most."""
    today = now().date()
    shown = []
    for count, words in SPANS:
        first = today - timedelta(days=count - 1)
        current = (days.first, days.last) == (first, today)
        shown.append(
            (f"Last {words}", query.url(**{"from": first.isoformat(), "to": today.isoformat()}), None, current)
        )
    return shown


def _uuid(text: str, problems: dict[str, str]) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        problems["person"] = "There is nobody like that here."
        return None
