"""Who did what and when: a list to look through and, for administrators, a file; the filter is in the address."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from webapp.errors import BadInput
from webapp.intake import BOM, csv_line, defuse
from webapp.store.activity import record
from webapp.store.activity_list import ActivityFilter, activity_page, all_activity, people
from webapp.store.tables import User
from webapp.web.access import Admin, Viewer
from webapp.web.activity_line import ActivityLine, activity_lines
from webapp.web.activity_view import CHOICES, choice_of
from webapp.web.compression import compressed
from webapp.web.days import read_days
from webapp.web.desk import Desk, DeskDep
from webapp.web.downloads import attachment
from webapp.web.navigation import Place
from webapp.web.pages import render

router = APIRouter()

PLACE = Place("Activity", "/activity", 60, folded=True)

SIZE: Final = 50
THE_DESK: Final = "desk"
LAST_ID: Final = 2**62
LONGEST: Final = 200
ACTIONS: Final = sorted(((action, choice_of(action)) for action in CHOICES), key=itemgetter(1))
HEADER: Final = (
    *("time", "person", "action", "what", "job", "kind of job"),
    *("method", "path", "query", "address", "browser", "request"),
)


class ActivityQuery(BaseModel, extra="ignore"):
    """What the address says, as it was typed."""

    person: str = ""
    type: str = ""
    action: str = ""
    first: Annotated[str, Field(alias="from")] = ""
    last: Annotated[str, Field(alias="to")] = ""
    request: str = ""
    before: Annotated[int | None, Field(ge=0, le=LAST_ID)] = None
    after: Annotated[int | None, Field(ge=0, le=LAST_ID)] = None

    def url(self, path: str = "/activity", **changes: Any) -> str:  # noqa: ANN401 (whatever goes into an address)
        """The address with some of it changed; from the first page, unless a page is given."""
        kept = {name: getattr(self, name) for name in ("person", "type", "action", "request")}
        values = {**kept, "from": self.first, "to": self.last, **changes}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{path}?{query}" if query else path

    def filter(self, user: User) -> tuple[ActivityFilter, dict[str, str]]:
        """The same for the store, and what is wrong with it, by the names of the address."""
        days, problems = read_days(self.first, self.last)
        person = _uuid(self.person)
        if self.person and self.person != THE_DESK and person is None:
            problems["person"] = "There is nobody like that here."
        wanted = ActivityFilter(
            user,
            person=person,
            by_desk=self.person == THE_DESK,
            job_type=self.type[:LONGEST],
            action=self.action[:LONGEST],
            request_id=self.request.strip()[:LONGEST],
            since=days.since,
            until=days.until,
            before=self.before,
            after=self.after,
        )
        return wanted, problems


@router.get("/activity", response_class=HTMLResponse)
def list_(request: Request, desk: DeskDep, user: Viewer, query: Annotated[ActivityQuery, Query()]) -> Response:
    wanted, problems = query.filter(user)
    status = 422 if problems else 200
    return compressed(request, render(request, "activity.html", _context(desk, query, wanted, problems), status=status))


@router.get("/activity/activity.csv")
def download(desk: DeskDep, user: Admin, query: Annotated[ActivityQuery, Query()]) -> Response:
    """All that the filter shows, not only the page."""
    wanted, problems = query.filter(user)
    if problems:
        raise BadInput(problems)
    with desk.database.write() as session:
        record(session, user, "download_activity")
    headers = attachment("activity.csv")
    return StreamingResponse(_pieces(desk, wanted), headers=headers, media_type="text/csv; charset=utf-8")


def _context(
    desk: Desk, query: ActivityQuery, wanted: ActivityFilter, problems: Mapping[str, str]
) -> Mapping[str, object]:
    with desk.database.read() as session:
        page = activity_page(session, wanted, SIZE) if not problems else None
        return {
            "lines": activity_lines(session, desk.registry, page.deeds) if page else [],
            "query": query,
            "problems": problems,
            "people": [(str(each), name) for each, name in people(session, wanted.user)],
            "types": desk.registry.titles(),
            "actions": ACTIONS,
            "newer": query.url(after=page.newer) if page and page.newer else None,
            "older": query.url(before=page.older) if page and page.older else None,
            "file": query.url("/activity/activity.csv"),
            "filtered": query.url() != "/activity",
        }


def _pieces(desk: Desk, wanted: ActivityFilter) -> Iterator[str]:
    yield BOM + csv_line(HEADER)
    for session, deeds in all_activity(desk.database, wanted):
        yield "".join(
            csv_line([defuse(cell) for cell in _cells(line)]) for line in activity_lines(session, desk.registry, deeds)
        )


def _cells(line: ActivityLine) -> list[str]:
    facts = [line.request.get(name, "") for name in ("method", "path", "query", "client", "user_agent", "request_id")]
    job = [str(line.job.number), line.job.job_type] if line.job else ["", ""]
    return [line.at.isoformat(timespec="milliseconds"), line.who, line.action, line.what, *job, *facts]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
