"""A real application on a real database in a folder of its own, and a browser's manners to talk to it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from tests.browser.people import Person
from tests.mail_server import MailSink
from tests.running import Program, RunningDesk
from tests.schema import bring_schema
from webapp.accounts import add_user, passwords
from webapp.app import create_app
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Role, User
from webapp.web import errors
from webapp.web.desk import Desk
from webapp.web.security import Security

HERE = "http://127.0.0.1:8000"
PASSWORD = "seven small boats"
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class Browser:
    """Keeps cookies, says where a request comes from, and doesn't follow redirects by itself."""

    def __init__(self, app: FastAPI, base: str = HERE, source: str = "203.0.113.7") -> None:
        self._transport = httpx.ASGITransport(app, client=(source, 40000))
        self.cookies = httpx.Cookies()
        self.base = base

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request; `headers` override the browser's own, and None leaves one out."""
        own: dict[str, str | None] = {"Accept": "text/html"}
        if method in UNSAFE:
            own |= {"Sec-Fetch-Site": "same-origin", "Origin": self.base}
        headers = {name: value for name, value in (own | more.pop("headers", {})).items() if value is not None}
        with ThreadPoolExecutor(1) as thread:  # the tests' own thread may have a loop running: a browser's
            return thread.submit(asyncio.run, self._send(method, path, headers=headers, **more)).result()

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Look at a page."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Send a form."""
        return self.request("POST", path, **more)

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Fill in the sign-in form."""
        return self.post("/sign-in", data={"name": name, "password": password})

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=self.base, cookies=self.cookies) as client:
            response = await client.request(method, path, **more)
            self.cookies = client.cookies
            return response


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords that are hashed in a millisecond: how hard they are to guess is not what these tests are about."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


def guarded(settings: Settings) -> FastAPI:
    """An application of a few lines behind the guard: what it lets through says yes."""
    app = FastAPI(openapi_url=None)
    errors.install(app)
    app.add_middleware(Security, settings=settings)

    async def yes() -> Response:
        return PlainTextResponse("yes")

    async def broken() -> Response:
        raise ZeroDivisionError("secret inside")

    async def broken_off() -> Response:
        async def half() -> AsyncIterator[bytes]:
            yield b"half"
            raise ZeroDivisionError

        return StreamingResponse(half())

    for path in ("/", "/api/things", "/healthz", "/static/app.css", "/jobs/1/x.css"):
        app.add_api_route(path, yes, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    app.add_api_route("/broken", broken)
    app.add_api_route("/broken-off", broken_off)
    return app


@pytest.fixture
def plain(tmp_path: Path) -> Browser:
    return Browser(guarded(Settings(data=tmp_path)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings.database)
    bring_schema(made)
    yield made
    made.close()


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[FastAPI]:  # noqa: ARG001 (the tables must be there)
    made = create_app(settings)
    yield made
    made.state.desk.database.close()


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    made: Desk = app.state.desk
    return made


@pytest.fixture
def browser(app: FastAPI) -> Browser:
    """Nobody is signed in."""
    return Browser(app)


@pytest.fixture
def ann(database: Database) -> User:
    """An operator."""
    return add_user(database, "Ann", Role.operator, PASSWORD)


@pytest.fixture
def ann_browser(browser: Browser, ann: User) -> Browser:
    """The browser of an operator who is signed in."""
    assert browser.sign_in(ann.name).status_code == 303
    return browser


@pytest.fixture
def ada_browser(app: FastAPI, database: Database) -> Browser:
    """Signed in as an administrator."""
    browser = Browser(app, source="203.0.113.8")
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser.sign_in("Ada")
    return browser


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    """The mail server of the desk that sends mails."""
    sink = MailSink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def mail_desk(tmp_path_factory: pytest.TempPathFactory, sink: MailSink) -> Iterator[RunningDesk]:
    """A desk in a process of its own that sends mails; the tests of a file share it."""
    folder = tmp_path_factory.mktemp("desk") / "data"
    desk = RunningDesk(folder, mail_server=sink.address, mail_from="Desk <desk@example.org>").start()
    desk.add_user("Olga")
    yield desk
    desk.kill_quietly()


@pytest.fixture(scope="module")
def olga(mail_desk: RunningDesk) -> Person:
    """An operator there."""
    return Person(mail_desk, "Olga")


@pytest.fixture(scope="module")
def mail_program(mail_desk: RunningDesk) -> Program:
    """A program that may run jobs there."""
    return mail_desk.program()
