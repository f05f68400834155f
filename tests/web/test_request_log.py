"""One line for each request, that nobody can forge; and the net below what nobody foresaw."""

import json
import logging

import pytest

from tests.web.conftest import Browser


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "batchdesk.request"]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_an_error_that_nobody_foresaw_is_a_plain_page_and_a_trace_in_the_log(
    plain: Browser, log: pytest.LogCaptureFixture
) -> None:
    answer = plain.get("/broken")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "secret inside" in log.text
    assert lines(log)[0]["status"] == 500


def test_an_answer_that_breaks_in_the_middle_is_broken_off(plain: Browser, log: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ZeroDivisionError):
        plain.get("/broken-off")
    assert len(lines(log)) == 1


def test_a_request_is_one_line_that_nobody_can_forge(plain: Browser, log: pytest.LogCaptureFixture) -> None:
    plain.get("/a%0D%0A%1B%5B2J%7F%E2%80%A8%22%7D?link=secret-in-the-query", headers={"User-Agent": "canary"})
    written = next(record.getMessage() for record in log.records if record.name == "batchdesk.request")
    assert written.isprintable()
    assert written.isascii()
    assert "secret-in-the-query" not in written
    assert "canary" not in written
    line = json.loads(written)
    assert line["path"] == '/a\r\n\x1b[2J\x7f\u2028"}'
    assert set(line) == {"at", "request_id", "method", "path", "status", "ms", "source"}


def test_a_refusal_says_why_in_the_log(plain: Browser, log: pytest.LogCaptureFixture) -> None:
    plain.post("/", headers={"Sec-Fetch-Site": "cross-site"})
    plain.get("/", headers={"Host": "evil.example"})
    assert [line["event"] for line in lines(log)] == ["cross_site", "wrong_host"]


def test_a_long_path_does_not_fill_the_log(plain: Browser, log: pytest.LogCaptureFixture) -> None:
    plain.get("/" + "x" * 60_000)
    assert len(json.dumps(lines(log)[0])) < 1000
