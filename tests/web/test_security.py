"""What holds for every request: hosts, methods, other sites, headers, the log line."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import Message

from tests.web.conftest import HERE, Browser, guarded
from webapp.resources import static_digest
from webapp.settings import Settings
from webapp.web.security import HEADERS, UNSAFE

CSP = HEADERS["content-security-policy"]
EVIL = "https://evil.example"
NOBODYS = "00000000-0000-7000-8000-000000000000"
STREAMING = {
    ("POST", "/jobs"),
    ("POST", "/jobs/{job_id:uuid}/start"),
    ("POST", "/api/v1/jobs"),
    ("POST", "/uploads"),
    ("PATCH", "/uploads/{upload_id:uuid}"),
}


# from which site


@pytest.mark.parametrize("method", sorted(UNSAFE))
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "SAME-ORIGIN", ""])
@pytest.mark.parametrize("origin", [None, HERE, EVIL, "null"])
def test_a_browser_that_says_it_comes_from_elsewhere_is_refused(
    plain: Browser, method: str, site: str, origin: str | None
) -> None:
    answer = plain.request(method, "/", headers={"Sec-Fetch-Site": site, "Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("method", sorted(UNSAFE))
@pytest.mark.parametrize(
    "origin", [None, EVIL, "null", HERE + ".evil.example", "http://127.0.0.1:8001", "https://127.0.0.1:8000"]
)
def test_without_that_the_origin_decides(plain: Browser, method: str, origin: str | None) -> None:
    assert plain.request(method, "/", headers={"Sec-Fetch-Site": None, "Origin": origin}).status_code == 403
    assert plain.request(method, "/", headers={"Sec-Fetch-Site": None, "Origin": HERE}).status_code == 200


def test_a_page_of_ours_may_send(plain: Browser) -> None:
    assert plain.post("/").status_code == 200
    assert plain.post("/", headers={"Origin": None}).status_code == 200


def test_looking_and_the_api_are_open_from_anywhere(plain: Browser) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": EVIL}
    assert plain.get("/", headers=foreign).status_code == 200
    assert plain.post("/api/things", headers=foreign).status_code == 200


def test_every_unsafe_page_route_refuses_other_sites(app: FastAPI, ann_browser: Browser) -> None:
    routes = [
        (route.path or "", method)
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) & UNSAFE
        if not (route.path or "").startswith("/api/")
    ]
    assert len(routes) > 5
    for path, method in routes:
        for headers in (
            {"Sec-Fetch-Site": "cross-site", "Origin": EVIL},
            {"Sec-Fetch-Site": "same-site", "Origin": None},
            {"Sec-Fetch-Site": None, "Origin": "null", "Content-Type": "text/plain"},
            {"Sec-Fetch-Site": None, "Origin": None},
        ):
            assert ann_browser.request(method, path, headers=headers).status_code == 403, (method, path, headers)


def test_no_answer_invites_other_origins(plain: Browser) -> None:
    for answer in (
        plain.get("/", headers={"Origin": EVIL}),
        plain.request("OPTIONS", "/", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


# to which host


def asked(settings: Settings, host: str, path: str = "/") -> int:
    return Browser(guarded(settings)).get(path, headers={"Host": host}).status_code


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "127.0.0.1:51234"])
def test_on_loopback_its_names_are_ours(tmp_path: Path, host: str) -> None:
    assert asked(Settings(data=tmp_path), host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "evil.example/healthz?",
        "127.0.0.1/api/?",
        "10.0.0.1",
        "",
        "127.0.0.1:x",
    ],
)
def test_on_loopback_other_names_are_refused(tmp_path: Path, host: str) -> None:
    assert asked(Settings(data=tmp_path), host) == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000/api/", "127.0.0.1:8000/healthz?", "x/api/"])
def test_a_host_that_poses_as_a_path_opens_nothing(plain: Browser, host: str) -> None:
    answer = plain.post("/", headers={"Host": host, "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")


def test_behind_a_proxy_the_public_name_is_ours_and_no_other(tmp_path: Path) -> None:
    public = Settings(data=tmp_path, host="0.0.0.0", base_url="https://desk.example")
    assert asked(public, "desk.example") == 200
    assert asked(public, "Desk.Example") == 200
    assert asked(public, "evil.example") == 400
    assert asked(public, "10.0.0.1") == 400
    assert asked(public.model_copy(update={"host": "127.0.0.1"}), "127.0.0.1:8000") == 200


def test_without_a_public_name_an_address_is_ours_but_no_unknown_name(tmp_path: Path) -> None:
    office = Settings(data=tmp_path, host="0.0.0.0")
    assert asked(office, "192.168.1.5:8000") == 200
    assert asked(office, "[fd00::5]:8000") == 200
    assert asked(office, "rebound.evil.example:8000") == 400


def test_two_hosts_are_refused(tmp_path: Path) -> None:
    app = guarded(Settings(data=tmp_path))
    twice = [("Host", "127.0.0.1:8000"), ("Host", "evil.example")]

    async def send() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE) as client:
            return (await client.send(httpx.Request("GET", HERE, headers=twice))).status_code

    assert asyncio.run(send()) == 400


def test_probes_may_use_any_name(tmp_path: Path) -> None:
    assert asked(Settings(data=tmp_path), "10.1.2.3:8000", "/healthz") == 200


def test_behind_a_proxy_the_public_origin_is_ours(tmp_path: Path) -> None:
    public = Browser(guarded(Settings(data=tmp_path, base_url="https://desk.example")), "http://desk.example")
    told = {"Sec-Fetch-Site": None}
    assert public.post("/", headers=told | {"Origin": "https://desk.example"}).status_code == 200
    assert public.post("/", headers=told | {"Origin": "https://desk.example.evil.example"}).status_code == 403


# methods and bodies


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "QUERY"])
def test_unknown_methods_are_refused(plain: Browser, method: str) -> None:
    answer = plain.request(method, "/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_hidden_in_a_header_is_refused(plain: Browser, name: str) -> None:
    assert plain.post("/", headers={name: "DELETE"}).status_code == 405


def test_a_form_that_would_fill_the_memory_is_refused(plain: Browser) -> None:
    assert plain.post("/", data={"name": "x" * 3_000_000}).status_code == 413
    assert plain.post("/", json={"name": "x" * 3_000_000}).status_code == 413
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": None}
    assert plain.post("/", headers=kind, content=iter_bytes()).status_code == 411


def test_only_the_routes_that_take_files_are_sent_more_than_a_form(app: FastAPI) -> None:
    held = {(method, path) for method, path in unsafe_routes(app) if (method, path) not in STREAMING}
    assert len(held) > 8
    assert len(held) + len(STREAMING) == len(unsafe_routes(app)), "a streaming route is gone or has moved"
    for method, path in held:
        address = re.sub(r"{[^}]+}", NOBODYS, path)
        for length, status in (({"content-length": str(3 * 1024**2)}, 413), ({"transfer-encoding": "chunked"}, 411)):
            assert asyncio.run(refused_unread(app, method, address, length)) == status, (method, path)


def test_routes_that_take_files_may_be_sent_more(app: FastAPI, ann_browser: Browser) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=b", "Tus-Resumable": "1.0.0"}
    for method, path in STREAMING:
        if not path.startswith("/api/"):
            address = re.sub(r"{[^}]+}", NOBODYS, path)
            answer = ann_browser.request(method, address, headers=form, content=b"x" * (3 * 1024**2))
            assert answer.status_code not in {411, 413}, (method, path)
    assert unsafe_routes(app) >= STREAMING


def test_a_button_without_fields_needs_no_length(plain: Browser) -> None:
    assert plain.post("/", headers={"Content-Length": None}).status_code == 200


def unsafe_routes(app: FastAPI) -> set[tuple[str, str]]:
    contexts = iter_route_contexts(app.routes)
    return {(method, route.path or "") for route in contexts for method in (route.methods or set()) & UNSAFE}


async def refused_unread(app: FastAPI, method: str, path: str, length: dict[str, str]) -> int:
    """The status of the answer to a multipart body that nobody may read."""
    own = {"host": "127.0.0.1:8000", "sec-fetch-site": "same-origin", "content-type": "multipart/form-data; boundary=b"}
    headers = [(name.encode(), value.encode()) for name, value in (own | length).items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    connection = {"headers": headers, "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("203.0.113.7", 4)}
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError(f"{method} {path} reads the body")

    async def send(message: Message) -> None:
        sent.append(message)

    await app({**scope, **connection, "http_version": "1.1", "root_path": ""}, receive, send)
    return int(sent[0]["status"])


async def iter_bytes() -> AsyncIterator[bytes]:
    yield b"name=x"


# headers


@pytest.mark.parametrize("path", ["/", "/nothing", "/broken", "/api/things", "/api/nothing", "/static/app.css"])
def test_every_answer_carries_the_protecting_headers(plain: Browser, path: str) -> None:
    headers = plain.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert len(headers["x-request-id"]) == 32
    assert headers.get_list("content-security-policy") == [CSP]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-HTTP-Method": "PUT"}])
def test_refusals_carry_them_too(plain: Browser, headers: dict[str, str]) -> None:
    answer = plain.get("/", headers=headers)
    assert answer.status_code >= 400
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["cache-control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_no_frame() -> None:
    assert "unsafe" not in CSP
    assert "default-src 'none'" in CSP
    assert "frame-ancestors 'none'" in CSP
    assert "base-uri 'none'" in CSP


def test_https_is_remembered_only_where_there_is_https(tmp_path: Path, plain: Browser) -> None:
    secure = Browser(guarded(Settings(data=tmp_path, base_url="https://desk.example")), "https://desk.example")
    assert secure.get("/").headers["strict-transport-security"] == "max-age=63072000"
    assert "strict-transport-security" not in plain.get("/").headers


def test_only_static_files_are_kept_by_browsers(plain: Browser) -> None:
    assert plain.get("/").headers["cache-control"] == "no-store"
    assert plain.get("/jobs/1/x.css").headers["cache-control"] == "no-store"
    assert plain.get("/static/nothing").headers["cache-control"] == "no-store"
    assert plain.get("/static/app.css").headers["cache-control"] == "no-cache"
    assert "immutable" in plain.get(f"/static/app.css?v={static_digest()}").headers["cache-control"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcd-1234.x_Y", True), ("short", False), ("x" * 65, False), ("a b c d e f", False), ("<script>alert", False)],
)
def test_a_sane_request_id_is_passed_on(plain: Browser, given: str, kept: bool) -> None:  # noqa: FBT001
    assert (plain.get("/", headers={"X-Request-ID": given}).headers["x-request-id"] == given) is kept
