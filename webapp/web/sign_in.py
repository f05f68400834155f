"""In and out: signing in, the one-time link, signing out."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.accounts import authenticate, close_session, find_link, nobody_yet, open_session, redeem_link
from webapp.accounts.sessions import LONGEST
from webapp.errors import BadInput, TooMany
from webapp.store.tables import User
from webapp.web.access import Anyone, cookie_name
from webapp.web.desk import Desk, DeskDep
from webapp.web.pages import render
from webapp.web.request_log import note

router = APIRouter()

LOCAL: Final = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f]{0,2000}")
WRONG: Final = "The name or the password is not right."


class SignInForm(BaseModel):
    """What the sign-in page sends."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    password: str = ""
    next: str = "/"


class WelcomeForm(BaseModel):
    """What the page behind a one-time link sends."""

    model_config = ConfigDict(extra="forbid")

    link: str = ""
    name: str = ""
    password: str = ""


@router.get("/sign-in")
def show_sign_in(request: Request, desk: DeskDep, user: Anyone, next: str = "/") -> Response:  # noqa: A002 (the word in the address)
    """The form; who is signed in already goes on."""
    if user:
        return RedirectResponse(local_path(next), 303)
    return _sign_in_page(request, desk, SignInForm(next=next), None, 200)


@router.post("/sign-in")
def sign_in(request: Request, desk: DeskDep, _: Anyone, form: Annotated[SignInForm, Form()]) -> Response:
    """Check the password, and go on to where they wanted to go."""
    try:
        user = authenticate(desk.database, desk.throttle, form.name, form.password, source(request))
    except TooMany as error:
        note(request, "sign_in_throttled")
        response = _sign_in_page(request, desk, form, error.message, 429)
        response.headers["Retry-After"] = str(error.wait_s)
        return response
    if user is None:
        note(request, "sign_in_failed")
        return _sign_in_page(request, desk, form, WRONG, 422)
    return let_in(request, desk, user, form.next)


@router.post("/sign-out")
def sign_out(request: Request, desk: DeskDep, _: Anyone) -> Response:
    """End this browser's session."""
    note(request, "signed_out")
    close_session(desk.database, request.cookies.get(cookie_name(desk.settings), ""))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(cookie_name(desk.settings), secure=desk.settings.https, httponly=True)
    return response


@router.get("/welcome")
def show_welcome(request: Request, desk: DeskDep, _: Anyone, link: str = "") -> Response:
    """What a one-time link leads to. Looking doesn't use it up: mail scanners and previews look too."""
    return _welcome_page(request, WelcomeForm(link=link, name=find_link(desk.database, link).name), {}, 200)


@router.post("/welcome")
def redeem(request: Request, desk: DeskDep, _: Anyone, form: Annotated[WelcomeForm, Form()]) -> Response:
    """Use the link up: take the name and the password, and let them in."""
    desk.throttle.take_from(source(request))
    try:
        user = redeem_link(desk.database, form.link, form.name, form.password)
    except BadInput as error:
        return _welcome_page(request, form, error.problems, 422)
    return let_in(request, desk, user, "/")


def let_in(request: Request, desk: Desk, user: User, to: str, *, anew: bool = True) -> Response:
    """A new session under a new id; one that this browser had before ends. See `open_session` for `anew`."""
    note(request, "signed_in")
    request.state.user = user
    before = request.cookies.get(cookie_name(desk.settings))
    if before:
        close_session(desk.database, before)
    response = RedirectResponse(local_path(to), 303)
    response.set_cookie(
        cookie_name(desk.settings),
        open_session(desk.database, user.id, anew=anew),
        max_age=int(LONGEST.total_seconds()),
        secure=desk.settings.https,
        httponly=True,
        samesite="lax",
    )
    return response


def local_path(address: str) -> str:
    """The address if it is one of ours, else the start page: nobody is sent elsewhere by a link to us."""
    return address if LOCAL.fullmatch(address) and not address.startswith("/sign-") else "/"


def source(request: Request) -> str:
    """The address that the request comes from, as the server has it: a proxy's header counts only if trusted."""
    return request.client.host if request.client else "unknown"


def _sign_in_page(request: Request, desk: Desk, form: SignInForm, problem: str | None, status: int) -> Response:
    context = {
        "name": form.name,
        "next": local_path(form.next),
        "problem": problem,
        "nobody_yet": nobody_yet(desk.database),
    }
    return render(request, "sign_in.html", context, status=status)


def _welcome_page(request: Request, form: WelcomeForm, problems: dict[str, str], status: int) -> Response:
    context = {"link": form.link, "name": form.name, "problems": problems}
    return render(request, "welcome.html", context, status=status)
