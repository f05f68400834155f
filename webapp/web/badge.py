"""The number beside the inbox, on each page: how many messages are new. It moves by itself."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from webapp.jobs.news import inbox
from webapp.web.access import Viewer
from webapp.web.badge_view import badge_for
from webapp.web.desk import Desk, DeskDep
from webapp.web.live import Snapshot
from webapp.web.pages import environment, render
from webapp.web.stream import stream

router = APIRouter()

TEMPLATE = "inbox/_badge.html"


@router.get("/inbox/badge", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """The badge alone, for a page that nobody sees: it keeps no stream open."""
    with desk.database.read() as session:
        return render(request, TEMPLATE, {"badge": badge_for(session, user.id)})


@router.get("/inbox/watch")
def watch(request: Request, desk: DeskDep, user: Viewer) -> Response:
    return stream(request, desk, Inbox(desk, user.id), pause_s=0.5)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The inbox of somebody, watched from each of their pages."""

    desk: Desk
    user_id: UUID

    @property
    def key(self) -> str:
        return f"inbox/{self.user_id}"

    def version(self) -> str:
        with self.desk.database.read() as session:
            return self._version(session)

    def render(self) -> Snapshot:
        with self.desk.database.read() as session:
            version, badge = self._version(session), badge_for(session, self.user_id)
        return Snapshot(version, environment().get_template(TEMPLATE).render(badge=badge))

    def _version(self, session: Session) -> str:
        return f"{inbox.newest(session, self.user_id)}.{inbox.unread(session, self.user_id)}"
