"""What is compressed, and what never is."""

import gzip

import pytest
from fastapi import Request
from fastapi.responses import Response

from tests.web.conftest import Browser
from webapp.web.compression import compressed

LONG = b"row " * 500


def answered(accepts: str, body: bytes) -> Response:
    headers = [(b"accept-encoding", accepts.encode())]
    request = Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})
    return compressed(request, Response(body))


def test_a_long_page_is_compressed_for_a_browser_that_can_read_it() -> None:
    response = answered("br, gzip", LONG)
    assert gzip.decompress(bytes(response.body)) == LONG
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-length"] == str(len(response.body))
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("accepts", "body"), [("identity", LONG), ("gzip", b"short")])
def test_others_are_sent_as_they_are(accepts: str, body: bytes) -> None:
    response = answered(accepts, body)
    assert response.body == body
    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("path", "small"), [("/", True), ("/jobs", True), ("/static/app.js", True), ("/account", False)]
)
def test_pages_that_may_show_a_secret_are_not(ann_browser: Browser, path: str, small: bool) -> None:  # noqa: FBT001
    answer = ann_browser.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) is small
