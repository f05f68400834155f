"""A user's own account: password, tokens for programs, signing out everywhere."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.accounts import (
    authenticate,
    close_sessions,
    create_token,
    list_tokens,
    revoke_token,
    set_password,
)
from webapp.errors import BadInput, TooMany
from webapp.store.tables import User
from webapp.web.access import Viewer
from webapp.web.desk import Desk, DeskDep
from webapp.web.pages import render
from webapp.web.request_log import note
from webapp.web.sign_in import let_in, source

router = APIRouter(prefix="/account")

DONE: Final = {
    "password": "Your password is changed. Everywhere else you are signed out.",
    "token": "The token is revoked. Programs that use it are refused from now on.",
}


class PasswordForm(BaseModel):
    """What the form for another password sends."""

    model_config = ConfigDict(extra="forbid")

    current: str = ""
    password: str = ""


@router.get("")
def show_account(request: Request, desk: DeskDep, user: Viewer, done: str = "") -> Response:
    """The account page."""
    notice = {"text": DONE[done], "tone": "ok"} if done in DONE else None
    return _page(request, desk, user, {"said": notice})


@router.post("/password")
def change_password(request: Request, desk: DeskDep, user: Viewer, form: Annotated[PasswordForm, Form()]) -> Response:
    """Another password, for who knows the present one. All sessions end; this browser gets a new one."""
    try:
        _check_current(request, desk, user, form.current)
        set_password(desk.database, user.id, form.password, by=user)
    except BadInput as error:
        return _page(request, desk, user, {"problems": error.problems}, 422)
    response = let_in(request, desk, user, "/account?done=password", anew=False)
    note(request, "password_changed")
    return response


@router.post("/tokens")
def create_token_(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """A new token, shown this once."""
    secret = create_token(desk.database, user.name, by=user)
    note(request, "token_created")
    return _page(request, desk, user, {"secret": secret}, 201)


@router.get("/tokens")
def show_tokens(_: Viewer) -> Response:
    """Where a token was shown there is the account page: so that the address can be opened again."""
    return RedirectResponse("/account", 303)


@router.post("/tokens/{token}/revocation")
def revoke_token_(request: Request, desk: DeskDep, user: Viewer, token: str) -> Response:
    """End a token."""
    revoke_token(desk.database, user.id, token)
    note(request, "token_revoked")
    return RedirectResponse("/account?done=token", 303)


@router.post("/sessions/revocation")
def sign_out_everywhere(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """End all of the user's sessions, this one too."""
    close_sessions(desk.database, user.id, by=user)
    note(request, "signed_out_everywhere")
    return RedirectResponse("/sign-in", 303)


def _check_current(request: Request, desk: Desk, user: User, current: str) -> None:
    try:
        known = authenticate(desk.database, desk.throttle, user.name, current, source(request), deed="password_refused")
    except TooMany as error:
        raise BadInput({"current": error.message}) from error
    if known is None:
        note(request, "password_refused")
        raise BadInput({"current": "This is not your present password."})


def _page(request: Request, desk: Desk, user: User, extra: dict[str, object], status: int = 200) -> Response:
    context = {"tokens": list_tokens(desk.database, user.id), "problems": {}, "secret": None, **extra}
    return render(request, "account.html", context, status=status)
