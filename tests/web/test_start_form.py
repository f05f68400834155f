"""How a start is asked for: times on people's clocks, priorities in words, the first rows alone."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.web.conftest import Browser
from webapp.errors import BadInput
from webapp.jobs.confirming import Confirmed
from webapp.jobs.submission import AT_ONCE, StartAt
from webapp.web import start_form
from webapp.web.start_form import TypedStart, start_of
from webapp.web.start_form import start_form as shown

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def first_of_march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_form, "now", lambda: NOW)


def refusal(**form: str) -> dict[str, str]:
    with pytest.raises(BadInput) as refused:
        start_of(form)
    return refused.value.problems


def test_an_empty_form_starts_at_once() -> None:
    assert start_of({}) == replace(AT_ONCE, priority=0, confirmed=Confirmed())
    assert start_of({"run_at": " ", "zone": "", "priority": "", "first_rows": "", "confirm_rows": ""}) == start_of({})


def test_everything_may_be_said() -> None:
    form = {"run_at": "2026-03-02T09:30", "zone": "Europe/Vienna", "priority": "10", "first_rows": "10"}
    assert start_of(form) == StartAt(10, datetime(2026, 3, 2, 8, 30, tzinfo=UTC), 10, Confirmed())


@pytest.mark.parametrize(("typed", "number"), [("1234", 1234), (" 1,234 ", 1234), ("1.234", 1234), ("1 234", 1234)])
def test_the_number_of_rows_may_be_written_as_people_do(typed: str, number: int) -> None:
    assert start_of({"confirm_rows": typed}).confirmed == Confirmed(number)


@pytest.mark.parametrize("typed", ["all", "-5", "1e3", "9" * 16, "٣"])
def test_what_is_no_number_of_rows_is_refused(typed: str) -> None:
    assert refusal(confirm_rows=typed) == {"confirm_rows": "Type the number of rows in digits."}


def test_without_a_zone_a_time_is_in_utc() -> None:
    assert start_of({"run_at": "2026-03-02T09:30"}).run_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_a_time_that_the_clocks_leave_out_is_refused() -> None:
    assert "put forward" in refusal(run_at="2026-03-29T02:30", zone="Europe/Vienna")["run_at"]
    assert start_of({"run_at": "2026-03-29T02:30", "zone": "UTC"}).run_at is not None


def test_of_a_time_that_occurs_twice_the_first_that_is_to_come_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = {"run_at": "2026-10-25T02:30", "zone": "Europe/Vienna"}
    assert start_of(twice).run_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    monkeypatch.setattr(start_form, "now", lambda: datetime(2026, 10, 25, 1, tzinfo=UTC))
    assert start_of(twice).run_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-03-01T12:00", "2026-02-28T13:00", "2025-12-24T18:00"])
def test_a_time_that_is_over_is_refused(text: str) -> None:
    assert "is over" in refusal(run_at=text)["run_at"]


@pytest.mark.parametrize("text", ["9999-12-31T23:59", "0001-01-01T00:00", "2027-06-01T00:00"])
def test_a_time_that_is_far_away_is_refused(text: str) -> None:
    assert "more than a year away" in refusal(run_at=text, zone="Pacific/Kiritimati")["run_at"]


@pytest.mark.parametrize("text", ["tomorrow", "12:30", "2026-02-30T10:00", "2026-03-02T25:00", "\x00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert "Write a day and a time" in refusal(run_at=text)["run_at"]


@pytest.mark.parametrize("zone", ["Nowhere", "../../etc/passwd", "Europe", "/etc/localtime", "\x00"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    assert "zone" in refusal(run_at="2026-03-02T09:30", zone=zone)


@pytest.mark.parametrize(("name", "value"), [("priority", "11"), ("priority", "high"), ("first_rows", "-1")])
def test_only_what_is_offered_may_be_chosen(name: str, value: str) -> None:
    assert list(refusal(**{name: value})) == [name]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert set(refusal(run_at="soon", priority="much")) == {"run_at", "priority"}


def test_a_refused_form_is_unfolded_as_it_was_typed() -> None:
    typed = {"run_at": "2026-02-01T10:00", "zone": "Europe/Vienna", "priority": "10"}
    form = shown(TypedStart(typed, refusal(**typed)))
    assert form.opened
    assert form.errors == [("start-run_at", f"Start at: {start_form.OVER}")]
    moment, zone, priority = form.fields
    assert moment.value == "2026-02-01T10:00"
    assert [option.value for option in zone.options if option.selected] == ["Europe/Vienna"]
    assert [option.label for option in priority.options if option.selected] == ["High"]


def test_an_empty_form_is_folded_away() -> None:
    assert not shown().opened
    assert not shown(TypedStart({"zone": "Europe/Vienna", "priority": "0"})).opened


def test_within_a_year_every_time_may_be_chosen() -> None:
    assert start_of({"run_at": f"{NOW + timedelta(days=365):%Y-%m-%dT%H:%M}"}).run_at is not None


def test_every_time_zone_is_offered_and_the_usual_one_is_chosen() -> None:
    (zones,) = (field for field in shown(usual_zone="Asia/Tokyo").fields if field.title == "In the time of")
    assert [option.value for option in zones.options if option.selected] == ["Asia/Tokyo"]
    assert {"UTC", "Europe/Berlin", "America/New_York"} < {option.value for option in zones.options}


def test_a_setting_of_the_job_is_not_taken_for_one_of_the_start(ann_browser: Browser) -> None:
    answer = ann_browser.post("/jobs", data={"job_type": "report", "params.zone": "Berlin"})
    said = html.unescape(" ".join(re.sub("<[^>]*>", " ", answer.text).split()))
    assert answer.status_code == 422
    assert "Time zone: “Berlin” is no time zone. Did you mean Europe/Berlin?" in said
    assert "In the time of:" not in said
