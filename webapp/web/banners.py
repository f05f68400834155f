"""What everybody should know about the desk as a whole: shown on top of every page."""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from webapp.jobs.halt import halted
from webapp.store.tables import Role
from webapp.web.desk import Desk


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence, and where an administrator can do something about it."""

    text: str
    url: str | None = None
    link: str = ""


def banners(request: Request) -> list[Banner]:
    """Why jobs do not run at present, if they don't; for people who are signed in."""
    user = getattr(request.state, "user", None)
    if user is None:
        return []
    desk: Desk = request.app.state.desk
    return [*_halt(desk, may_mend=user.role is Role.admin), *_disk(desk)]


def _halt(desk: Desk, *, may_mend: bool) -> list[Banner]:
    try:
        with desk.database.read() as session:
            halt = halted(session)
    except SQLAlchemyError:  # the page itself says what is the matter
        return []
    if halt is None:
        return []
    if may_mend:
        return [Banner(f"{halt.reason} It is paused.", "/admin/restored", "See what to look at, and let it go on")]
    return [Banner(f"{halt.reason} It is paused: jobs run when an administrator lets it go on.")]


def _disk(desk: Desk) -> list[Banner]:
    if desk.files.free() >= desk.settings.least_free:
        return []
    return [
        Banner("The desk's disk is full. Jobs wait, nothing is lost, and they go on by themselves when there is room.")
    ]
