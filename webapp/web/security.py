"""What holds for every request, whatever its route: refuse what can't be meant, and send the protecting headers.

Plain ASGI, so that streams pass through untouched, and outside of all else, so that nothing is answered without.
"""

import re
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webapp.errors import DeskError, NotAllowed, TooLarge
from webapp.kit import new_id
from webapp.resources import static_digest
from webapp.settings import Settings
from webapp.store.activity import asked_by
from webapp.web.errors import answer
from webapp.web.facts import request_facts
from webapp.web.request_log import Line, note

METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
UNSAFE: Final = METHODS - {"GET", "HEAD", "OPTIONS"}
OVERRIDES: Final = ("x-http-method-override", "x-http-method", "x-method-override")
PROBES: Final = frozenset({"/healthz", "/readyz"})  # asked by machines, under whatever address they know
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
HOST: Final = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?", re.IGNORECASE)
SANE_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
STREAMED: Final = re.compile(r"POST (/jobs|/jobs/[^/]+/start|/api/v1/jobs|/uploads)/?|PATCH /uploads/[^/]+/?")
BODY: Final = frozenset({"content-length", "content-type", "transfer-encoding"})  # without these there is none
LONGEST_READ_WHOLE: Final = 2 * 1024**2

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS: Final = "max-age=63072000"
FOR_GOOD: Final = "public, max-age=31536000, immutable"


class Security:
    """Wraps the application. Also the net below it: an error that nobody caught becomes a plain page."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI wants it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.request_id = _request_id(request)
        line = Line(request)

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                line.status = message["status"]
                self._protect(request, message)
            await send(message)

        try:
            with asked_by(request_facts(request)):
                await self._serve(request, line, send_protected)
        finally:
            line.write()

    async def _serve(self, request: Request, line: Line, send: Send) -> None:
        try:
            refuse(request, self._settings)
            await self._app(request.scope, request.receive, send)
        except ClientDisconnect:
            return
        except Exception as error:
            response = answer(request, error)
            if line.status is not None:  # half an answer is out: only breaking off says that it isn't whole
                raise
            await response(request.scope, request.receive, send)

    def _protect(self, request: Request, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("cache-control", _caching(request, message["status"]))
        headers["x-request-id"] = request.state.request_id
        if self._settings.https:
            headers["strict-transport-security"] = HSTS


def refuse(request: Request, settings: Settings) -> None:
    """Refuse what no browser of ours and no honest program sends.

    Raises:
        DeskError: the host isn't ours.
        HTTPException: the method is unknown, or hidden in a header.
        NotAllowed: another site sent it.
        TooLarge: it would be read whole before anybody is asked who sent it, and is too much for that.
    """
    if request.method not in METHODS or any(name in request.headers for name in OVERRIDES):
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(sorted(METHODS))})
    if request.scope["path"] not in PROBES and not _is_our_host(request, settings):
        note(request, "wrong_host")
        raise DeskError(
            "This desk does not answer under this address. An administrator can set BATCHDESK_BASE_URL to it."
        )
    if request.method in UNSAFE and not _is_api(request) and not _is_same_origin(request, settings):
        note(request, "cross_site")
        raise NotAllowed("This came from another site, so it was not done. Do it from a page of the desk.")
    _refuse_long_body(request)


def _is_our_host(request: Request, settings: Settings) -> bool:
    given = request.headers.getlist("host")
    match = HOST.fullmatch(given[0]) if len(given) == 1 else None
    if match is None:
        return False
    name = match["name"].strip("[]").lower()
    if settings.base_url and _origin(settings.base_url) in {
        f"http://{given[0].lower()}",
        f"https://{given[0].lower()}",
    }:
        return True
    if settings.host.strip("[]") in LOOPBACK:
        return name in LOOPBACK
    # without a known name: an address can't be rebound to us by a stranger's name server, a name can
    return settings.base_url is None and (name in {"localhost", settings.host.lower()} or _is_address(name))


def _is_same_origin(request: Request, settings: Settings) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    # browsers that reach us over plain http tell only the origin
    ours = {f"{request.url.scheme}://{request.headers['host']}".lower(), _origin(settings.base_url or "")}
    return request.headers.get("origin", "").lower() in ours - {""}


def _refuse_long_body(request: Request) -> None:
    """All but the routes that take files piece by piece: the framework reads what others are sent, whoever sent it."""
    if request.method not in UNSAFE or STREAMED.fullmatch(f"{request.method} {request.scope['path']}"):
        return
    if not BODY & set(request.headers.keys()):
        return
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(HTTPStatus.LENGTH_REQUIRED)
    if int(length) > LONGEST_READ_WHOLE:
        raise TooLarge


def _caching(request: Request, status: int) -> str:
    if not request.scope["path"].startswith("/static/") or status not in {200, 206, 304}:
        return "no-store"
    return FOR_GOOD if request.query_params.get("v") == static_digest() else "no-cache"


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if SANE_ID.fullmatch(given) else new_id().hex


def _is_api(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/api/")  # not `request.url`: the Host header is part of that


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _origin(url: str) -> str:
    """Scheme, host and port as browsers write them: in lower case, without the usual port."""
    parts = urlsplit(url.lower())
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}" if parts.netloc else ""
