"""The inbox: what the desk and its people have to say to somebody, and what of it they have read."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.jobs.news import inbox
from webapp.jobs.submit import own_job
from webapp.store.tables import User
from webapp.web.access import Viewer
from webapp.web.compression import compressed
from webapp.web.desk import Desk, DeskDep
from webapp.web.pages import render

router = APIRouter()


class Page(BaseModel, extra="ignore"):
    """Which messages are shown: those before, or after, the one of this id."""

    before: UUID | None = None
    after: UUID | None = None

    def url(self, path: str = "/inbox") -> str:
        """The address of this page."""
        given = {name: value for name, value in self.model_dump().items() if value}
        return f"{path}?{urlencode(given)}" if given else path


class Until(BaseModel):
    """The newest message that somebody saw when they pressed the button."""

    model_config = ConfigDict(extra="forbid")

    until: UUID | None = None


@router.get("/inbox", response_class=HTMLResponse)
def list_(request: Request, desk: DeskDep, user: Viewer, page: Annotated[Page, Query()]) -> Response:
    return compressed(request, render(request, "inbox/list.html", _context(desk, user, page)))


@router.get("/inbox/list", response_class=HTMLResponse)
def list_fragment(request: Request, desk: DeskDep, user: Viewer, page: Annotated[Page, Query()]) -> Response:
    """The messages alone, asked for now and then by an open page."""
    return compressed(request, render(request, "inbox/list.html", _context(desk, user, page), block="list"))


@router.post("/inbox/read")
def read_all(desk: DeskDep, user: Viewer, form: Annotated[Until, Form()]) -> Response:
    """Mark all as read, as far as they were seen."""
    with desk.database.write() as session:
        inbox.mark_all_read(session, user, form.until)
    return RedirectResponse("/inbox", status_code=303)


@router.post("/inbox/{entry_id:uuid}/read")
def read_one(desk: DeskDep, user: Viewer, entry_id: UUID, page: Annotated[Page, Query()]) -> Response:
    """Mark one as read."""
    with desk.database.write() as session:
        inbox.mark_read(session, user, entry_id)
    return RedirectResponse(page.url(), status_code=303)


@router.post("/inbox/{entry_id:uuid}/opening")
def open_(desk: DeskDep, user: Viewer, entry_id: UUID) -> Response:
    """Go where a message leads; whoever does has read it."""
    with desk.database.write() as session:
        inbox.mark_read(session, user, entry_id)
        link = inbox.one(session, user, entry_id).message.link
    return RedirectResponse(link or "/inbox", status_code=303)


@router.post("/jobs/{job_id:uuid}/news")
def read_of_job(desk: DeskDep, user: Viewer, job_id: UUID, *, back: bool = False) -> Response:
    """Whoever looks at a job has read what the desk told them of it; its page asks for this, `back` by a button."""
    with desk.database.write() as session:
        own_job(session, user, job_id)
        inbox.mark_job_read(session, user.id, job_id)
    return RedirectResponse(f"/jobs/{job_id}", status_code=303) if back else Response(status_code=204)


def _context(desk: Desk, user: User, page: Page) -> Mapping[str, object]:
    with desk.database.read() as session:
        found = inbox.page_of(session, user, before=page.before, after=page.after)
        unread = inbox.unread(session, user.id)
    return {
        "letters": found.letters,
        "unread": unread,
        "query": page.url("").removeprefix("?"),
        "fragment": page.url("/inbox/list"),
        "newer": Page(after=found.newer).url() if found.newer else None,
        "older": Page(before=found.older).url() if found.older else None,
    }
