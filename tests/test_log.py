"""Each event is one line of JSON, whatever is in it."""

import json
import logging
import sys

from webapp.log import JsonLines


def line(message: str, *values: object, name: str = "batchdesk.test", trace: bool = False) -> str:
    info = sys.exc_info() if trace else None
    return JsonLines().format(logging.LogRecord(name, logging.ERROR, "", 0, message, values, info))


def test_an_event_says_when_how_grave_who_and_what() -> None:
    event = json.loads(line("%s of %d", "one", 2))
    assert event.pop("at").endswith("+00:00")
    assert event == {"level": "error", "logger": "batchdesk.test", "message": "one of 2"}


def test_what_is_logged_cannot_forge_a_line() -> None:
    forged = line('a\r\n{"level": "info"}\u2028\x1b[2J')
    assert len(forged.splitlines()) == 1
    assert forged.isprintable()


def test_a_trace_stays_in_its_line() -> None:
    try:
        int("by\nzero")
    except ValueError:
        written = line("failed", trace=True)
    assert len(written.splitlines()) == 1
    assert "ValueError: " in json.loads(written)["trace"]


def test_the_line_of_a_request_is_json_already() -> None:
    assert line("%s", '{"path": "/"}', name="batchdesk.request") == '{"path": "/"}'
