"""From what went wrong to the answer: a page for people, problem+json (RFC 9457) for programs.

Never a trace, a statement or a path: those are in the log, under the request id that the answer shows.
"""

import errno
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.routing import iter_route_contexts
from jinja2 import TemplateError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from webapp import errors
from webapp.web.pages import render

log = logging.getLogger("batchdesk.error")

STATUS: Final[dict[type[errors.DeskError], int]] = {
    errors.DeskError: 400,
    errors.SignInRequired: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.TooLarge: 413,
    errors.BadInput: 422,
    errors.TooMany: 429,
    errors.BadBackup: 422,
    errors.StorageTrouble: 503,
    errors.NoSpace: 507,
}

WORDS: Final[dict[int, tuple[str, str]]] = {
    400: ("That request was not understood", "Go back, reload the page and try again."),
    401: ("Sign in to go on", "You are not signed in, or were signed out after a while."),
    403: ("You may not do this", "Your account may not do this. An administrator can change that."),
    404: ("Nothing here", "There is nothing at this address, or it is not yours to see."),
    405: ("That is not possible here", "This address does not do what was asked of it."),
    409: ("Something has changed", "This is not possible any more. Reload the page to see how it stands."),
    411: ("That request was not understood", "It does not say how long it is."),
    413: ("That is too large", "This is larger than the desk accepts."),
    415: ("This is not sent as a form", "Send a form (multipart/form-data) with its fields and files."),
    422: ("Something needs changing", "Some of what you entered needs changing."),
    429: ("Too many tries", "Wait a little and try again."),
    500: ("Something went wrong on our side", "Nothing you did caused this. Try again in a moment."),
    503: ("The desk is busy", "Nothing is lost. Try again in a few seconds."),
    507: ("The disk is nearly full", "An administrator needs to make room before this can go on."),
}
BUSY_S: Final = 5
NOT_WRITABLE: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})
NOT_WRITABLE_WORDS: Final = ("readonly", "read-only", "unable to open", "disk i/o")
"""What SQLite and PostgreSQL say of it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What an answer says. `fields` maps the name of a field to a sentence about it."""

    status: int
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """A heading in plain words."""
        return WORDS[self.status][0] if self.status in WORDS else HTTPStatus(self.status).phrase


def install(app: FastAPI) -> None:
    """Answer everything that goes wrong in a route; what goes wrong elsewhere, `security` answers by `answer`."""
    for kind in (errors.DeskError, HTTPException, RequestValidationError, OperationalError, PoolTimeoutError):
        app.add_exception_handler(kind, answer)


def answer(request: Request, error: Exception) -> Response:
    """The page or JSON for an error; what nobody foresaw goes to the log with its trace."""
    problem = describe(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem = replace(problem, headers={**problem.headers, "Allow": _allowed(request)})
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR or problem.detail == errors.ReadOnly().message:
        log.error("Request %s failed", request_id(request), exc_info=error)
    if _is_api(request):
        return _json(request, problem)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return _ask_to_sign_in(request, problem)
    return _page(request, problem)


def describe(error: Exception) -> Problem:
    """What to say about an error."""
    if isinstance(error, errors.DeskError):
        return _foreseen(error)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _plain(error.status_code, error.headers)
    if isinstance(error, OperationalError | PoolTimeoutError):
        return _database(error)
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        return _foreseen(errors.ReadOnly())
    return _plain(500)


def request_id(request: Request) -> str:
    """The id under which the log knows this request."""
    return str(getattr(request.state, "request_id", "-"))


def _foreseen(error: errors.DeskError) -> Problem:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    fields = error.problems if isinstance(error, errors.BadInput) else {}
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, errors.TooMany) else {}
    return Problem(status, error.message, fields, headers)


def _plain(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    sentence = WORDS[status][1] if status in WORDS else "This could not be done."
    return Problem(status, sentence, headers=headers or {})


def _invalid(error: RequestValidationError) -> Problem:
    faults = error.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        return _plain(404)
    fields = {".".join(str(part) for part in fault["loc"][1:]): sentence(fault["msg"]) for fault in faults}
    return Problem(422, WORDS[422][1], fields)


def sentence(message: str) -> str:
    """What Pydantic says about a field, as a sentence."""
    if message == "Field required":
        return "This is missing."
    return message.removeprefix("Value error, ").removesuffix(".") + "."


def _database(error: OperationalError | PoolTimeoutError) -> Problem:
    words = str(getattr(error, "orig", "busy"))
    if "locked" in words or "busy" in words:
        return _plain(503, {"Retry-After": str(BUSY_S)})
    if any(each in words.lower() for each in NOT_WRITABLE_WORDS):
        return _foreseen(errors.ReadOnly())
    return _plain(507 if "full" in words else 500)


def _allowed(request: Request) -> str:
    """All methods that an address knows: each is a route of its own, and the first one to match tells only its own."""
    routes = (route for route in iter_route_contexts(request.app.routes) if route.methods)
    here = (route for route in routes if route.path_regex.match(request.scope["path"]))
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


def _is_api(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return str(request.scope["path"]).startswith("/api/") or ("json" in accepted and "html" not in accepted)


def _json(request: Request, problem: Problem) -> Response:
    body = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "request_id": request_id(request),
    }
    if problem.fields:
        body["problems"] = [{"field": name, "message": text} for name, text in problem.fields.items()]
    headers = dict(problem.headers)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="batchdesk"'
    return JSONResponse(body, problem.status, headers, "application/problem+json")


def _ask_to_sign_in(request: Request, problem: Problem) -> Response:
    wants_page = request.headers.get("sec-fetch-dest", "document") == "document"
    is_stream = "text/event-stream" in request.headers.get("accept", "")
    if request.method in {"GET", "HEAD"} and wants_page and not is_stream and not _is_fragment(request):
        query = request.scope["query_string"].decode("latin-1")
        here = request.scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"/sign-in?next={quote(here, safe='/')}", 303)
    response = _page(request, problem)
    if request.method == "GET" and _is_fragment(request):
        response.headers["HX-Refresh"] = "true"  # the page that the fragment is part of leads to the sign-in
    return response


def _page(request: Request, problem: Problem) -> Response:
    text, address = _next_step(request, problem)
    context = {"problem": problem, "step": text, "address": address, "request_id": request_id(request)}
    block = "content" if _is_fragment(request) else None
    try:
        response = render(request, "error.html", context, status=problem.status, block=block)
    except TemplateError:
        log.exception("The error page of request %s failed", request_id(request))
        return PlainTextResponse(f"{problem.title}. {problem.detail}", problem.status)
    response.headers.update({"Vary": "HX-Request", **problem.headers})
    return response


def _next_step(request: Request, problem: Problem) -> tuple[str, str]:
    before = _page_before(request)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return "Sign in", f"/sign-in?next={quote(before, safe='/')}" if before else "/sign-in"
    return ("Back to the page before", before) if before else ("Go to the start page", "/")


def _page_before(request: Request) -> str:
    """The page of ours that a form was sent from, or nothing."""
    came_from = urlsplit(request.headers.get("referer", ""))
    if request.method != "POST" or came_from.netloc != request.url.netloc or not came_from.path.startswith("/"):
        return ""
    return "/" + came_from.path.lstrip("/") + (f"?{came_from.query}" if came_from.query else "")


def _is_fragment(request: Request) -> bool:
    return "hx-request" in request.headers
