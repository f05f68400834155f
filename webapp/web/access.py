"""Who may call a route. Every route names one of these types in its signature; a test walks all routes.

A page says `user: Viewer` and is never reached by anybody else. The dependencies are plain functions, so that
their look into the database happens in a thread.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext
from starlette.routing import BaseRoute

from webapp.accounts import find_session, find_token
from webapp.errors import NotAllowed, SignInRequired
from webapp.settings import Settings
from webapp.store.tables import Role, User
from webapp.web.desk import Desk, DeskDep

RANK = {Role.viewer: 0, Role.operator: 1, Role.admin: 2}


def cookie_name(settings: Settings) -> str:
    """The session's cookie: bound to this very host by its prefix where people come over https."""
    return "__Host-batchdesk" if settings.https else "batchdesk"


def signed_in(request: Request, desk: Desk) -> User | None:
    """Who is signed in with this browser, if anybody. Remembered for the page and the log line."""
    secret = request.cookies.get(cookie_name(desk.settings))
    user = find_session(desk.database, secret, note=not _is_automatic(request)) if secret else None
    request.state.user = user
    return user


def still_signed_in(request: Request, desk: Desk) -> bool:
    """Look again, for what outlives its request's beginning: a stream ends when its user may not watch any more.

    It also ends for somebody with another role by now: the page asks for it again, and gets what they may see.
    """
    secret = request.cookies.get(cookie_name(desk.settings))
    user = find_session(desk.database, secret, note=False) if secret else None
    return user is not None and user.role == request.state.user.role


def may_act(user: User) -> bool:
    """Whether somebody may run jobs: others are shown no buttons for it."""
    return RANK[user.role] >= RANK[Role.operator]


def anyone(request: Request, desk: DeskDep) -> User | None:
    """Open to all; knows who is signed in."""
    return signed_in(request, desk)


def probe() -> None:
    """Open to all, and touches nothing: for what watches the server."""


def viewer(request: Request, desk: DeskDep) -> User:
    """Somebody who is signed in."""
    return _need(Role.viewer, signed_in(request, desk))


def operator(request: Request, desk: DeskDep) -> User:
    """Somebody who may run jobs."""
    return _need(Role.operator, signed_in(request, desk))


def admin(request: Request, desk: DeskDep) -> User:
    """An administrator."""
    return _need(Role.admin, signed_in(request, desk))


def api_viewer(request: Request, desk: DeskDep) -> User:
    """A program that acts as a user; a cookie doesn't count here."""
    return _need(Role.viewer, _known(_bearer(request, desk)))


def api_operator(request: Request, desk: DeskDep) -> User:
    """A program that acts as a user who may run jobs."""
    return _need(Role.operator, _known(_bearer(request, desk)))


def api_admin(request: Request, desk: DeskDep) -> User:
    """A program that acts as an administrator."""
    return _need(Role.admin, _known(_bearer(request, desk)))


Anyone = Annotated[User | None, Depends(anyone)]
Probe = Annotated[None, Depends(probe)]
Viewer = Annotated[User, Depends(viewer)]
Operator = Annotated[User, Depends(operator)]
Admin = Annotated[User, Depends(admin)]
ApiViewer = Annotated[User, Depends(api_viewer)]
ApiOperator = Annotated[User, Depends(api_operator)]
ApiAdmin = Annotated[User, Depends(api_admin)]

KINDS: dict[Callable[..., object], str] = {
    kind: kind.__name__ for kind in (anyone, probe, viewer, operator, admin, api_viewer, api_operator, api_admin)
}


def declared(route: BaseRoute | RouteContext) -> set[str]:
    """Who may call the route, by the names of the functions above; empty if it doesn't say."""
    dependant = getattr(route, "dependant", None)
    return _kinds(dependant) if isinstance(dependant, Dependant) else set()


def _kinds(dependant: Dependant) -> set[str]:
    own = {KINDS[dependant.call]} if dependant.call in KINDS else set()
    return own.union(*(_kinds(part) for part in dependant.dependencies))


def _is_automatic(request: Request) -> bool:
    """Whether an open page asked by itself, which doesn't mean that somebody sits before it."""
    return request.method == "GET" and "hx-request" in request.headers


def _need(role: Role, user: User | None) -> User:
    if user is None:
        raise SignInRequired
    if RANK[user.role] < RANK[role]:
        raise NotAllowed
    return user


def _known(user: User | None) -> User:
    if user is None:
        raise SignInRequired("Send a token that is known here: Authorization: Bearer TOKEN.")
    return user


def _bearer(request: Request, desk: Desk) -> User | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    user = find_token(desk.database, secret.strip()) if scheme.lower() == "bearer" else None
    request.state.user = user
    return user
