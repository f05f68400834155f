"""People who may sign in, for administrators: add, let do more or less, disable, sign out. The command line can too."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.accounts import add_user, close_sessions, disable, enable, list_users, new_link, set_role
from webapp.errors import BadInput, Refused
from webapp.store.tables import Role, User
from webapp.web.access import Admin
from webapp.web.desk import Desk, DeskDep
from webapp.web.navigation import Place
from webapp.web.pages import render
from webapp.web.request_log import note

router = APIRouter(prefix="/users")

PLACE = Place("Users", "/users", 80, least=Role.admin, folded=True)

ROLES: Final = (
    (Role.operator, "Operator: hands in jobs, sees and controls their own"),
    (Role.viewer, "Viewer: looks at what is theirs, and changes nothing"),
    (Role.admin, "Administrator: sees all jobs, looks after the desk"),
)
DONE: Final = {
    "role": "The role is changed. It counts from their next page on.",
    "disabled": "The account is disabled and signed out everywhere. What it did and has stays.",
    "enabled": "The account may sign in again.",
    "sessions": "Signed out everywhere.",
}


class NewUser(BaseModel):
    """What the form for another person sends."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    role: Role = Role.operator


class RoleForm(BaseModel):
    """What the choice of a role sends."""

    model_config = ConfigDict(extra="forbid")

    role: Role


@router.get("", response_class=HTMLResponse)
def list_(request: Request, desk: DeskDep, user: Admin, done: str = "") -> Response:
    said = {"text": DONE[done], "tone": "ok"} if done in DONE else None
    return _page(request, desk, user, {"said": said})


@router.get("/{user_id:uuid}/link")
@router.get("/{user_id:uuid}/role")
@router.get("/{user_id:uuid}/disabling")
@router.get("/{user_id:uuid}/enabling")
@router.get("/{user_id:uuid}/sessions/revocation")
def show_again(user: Admin, user_id: UUID) -> Response:  # noqa: ARG001 (declares who may)
    """Where a refused form leaves the browser: its address must not be a dead end."""
    return RedirectResponse("/users", 303)


@router.post("")
def add(request: Request, desk: DeskDep, user: Admin, form: Annotated[NewUser, Form()]) -> Response:
    """Add somebody, and show the link by which they choose a password, this once."""
    try:
        made = add_user(desk.database, form.name, form.role, None, by=user)
    except BadInput as error:
        return _page(request, desk, user, {"problems": error.problems, "name": form.name, "role": form.role}, 422)
    note(request, "user_added")
    return _with_link(request, desk, user, made.id, 201)


@router.post("/{user_id:uuid}/link")
def make_link(request: Request, desk: DeskDep, user: Admin, user_id: UUID) -> Response:
    """A link for somebody who has no password, or forgot it; shown this once."""
    return _with_link(request, desk, user, user_id, 201)


@router.post("/{user_id:uuid}/role")
def change_role(
    request: Request, desk: DeskDep, user: Admin, user_id: UUID, form: Annotated[RoleForm, Form()]
) -> Response:
    try:
        set_role(desk.database, user_id, form.role, by=user)
    except Refused as error:
        return _refused(request, desk, user, error)
    return _done("role")


@router.post("/{user_id:uuid}/disabling")
def disable_(request: Request, desk: DeskDep, user: Admin, user_id: UUID) -> Response:
    try:
        disable(desk.database, user_id, by=user)
    except Refused as error:
        return _refused(request, desk, user, error)
    return _done("disabled")


@router.post("/{user_id:uuid}/enabling")
def enable_(desk: DeskDep, user: Admin, user_id: UUID) -> Response:
    enable(desk.database, user_id, by=user)
    return _done("enabled")


@router.post("/{user_id:uuid}/sessions/revocation")
def sign_out(desk: DeskDep, user: Admin, user_id: UUID) -> Response:
    close_sessions(desk.database, user_id, by=user)
    return _done("sessions")


def _with_link(request: Request, desk: Desk, user: User, user_id: UUID, status: int) -> Response:
    try:
        secret = new_link(desk.database, user_id, by=user)
    except Refused as error:
        return _refused(request, desk, user, error)
    note(request, "sign_in_link_made")
    base = desk.settings.base_url or str(request.base_url)
    link = {"url": f"{base.rstrip('/')}/welcome?link={secret}", "user_id": user_id}
    return _page(request, desk, user, {"link": link}, status)


def _refused(request: Request, desk: Desk, user: User, error: Refused) -> Response:
    return _page(request, desk, user, {"said": {"text": error.message, "tone": "warn"}}, 409)


def _done(what: str) -> Response:
    return RedirectResponse(f"/users?done={what}", 303)


def _page(request: Request, desk: Desk, user: User, extra: Mapping[str, object], status: int = 200) -> HTMLResponse:
    context = {"people": list_users(desk.database), "roles": ROLES, "me": user.id, "link": None, "problems": {}}
    return render(request, "users.html", {**context, "name": "", "role": Role.operator, **extra}, status=status)
