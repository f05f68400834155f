"""Files to take away: whatever they are called and whatever is asked of them, they are saved and never shown."""

import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import Response

from tests.web.conftest import Browser
from webapp.settings import Settings
from webapp.web.downloads import _send
from webapp.web.security import Security

NAMES = (
    'a"; filename="b.html',
    "a\r\nSet-Cookie: stolen=1",
    "a\0b.csv",
    "../../etc/passwd",
    "Zoë – Übersicht 名簿.csv",
    "\u202egnp.exe",
    "a;b,c%41.csv",
    "x" * 5_000 + ".csv",
    "",
)


CONTENT = b"<script>alert(1)</script>" * 40


def taken(folder: Path, name: str, **headers: str) -> httpx.Response:
    """The answer to somebody who takes a file of this name away."""
    app, file = FastAPI(), folder / "content"
    app.add_middleware(Security, settings=Settings(data=folder))
    file.write_bytes(CONTENT)

    @app.get("/file")
    def send() -> Response:
        return _send(file, name)

    return Browser(app).get("/file", headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_adds_a_header_or_leaves_its_quotes(tmp_path: Path, name: str) -> None:
    answer = taken(tmp_path, name)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert "set-cookie" not in answer.headers
    shown = answer.headers["content-disposition"]
    found = re.fullmatch(r"""attachment; filename="([^"\\\r\n]*)"; filename\*=UTF-8''([\w.%~-]*)""", shown, re.ASCII)
    assert found
    assert unquote(found[2]) == name


def test_it_is_never_run_or_kept_where_the_desk_is(tmp_path: Path) -> None:
    headers = taken(tmp_path, "page.html").headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=0-9", 206),
        ("bytes=-10", 206),
        ("bytes=990-", 206),
        ("bytes=5000-", 416),
        ("bytes=9-0", 400),
        ("lines=0-9", 400),
        ("bytes=" + ",".join(["0-999"] * 1_000), 200),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 999, 2)), 200),
    ],
)
def test_parts_of_it_are_sent_and_never_more_than_the_whole(tmp_path: Path, asked: str, status: int) -> None:
    answer = taken(tmp_path, "a.csv", Range=asked)
    assert answer.status_code == status
    assert len(answer.content) <= len(CONTENT)
