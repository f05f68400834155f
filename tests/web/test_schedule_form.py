"""When a schedule runs, as a form asks for it, and the words for it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.jobs.test_timetable import crons
from webapp.errors import BadInput
from webapp.jobs.plan import When
from webapp.kit import new_id
from webapp.store.tables import Missed, Schedule
from webapp.web.format import in_zone, until
from webapp.web.schedule_form import OFTEN, WhenForm
from webapp.web.schedule_words import cron_words, ordinal, strip

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
FORM = WhenForm(date="2027-03-01", time="07:30", weekday="2", day="31", zone=BERLIN)


@pytest.mark.parametrize(
    ("often", "cron", "words"),
    [
        ("daily", "30 7 * * *", "every day at 07:30"),
        ("weekdays", "30 7 * * 1-5", "every weekday at 07:30"),
        ("weekly", "30 7 * * 2", "every Tuesday at 07:30"),
        ("monthly", "30 7 31 * *", "every month on the 31st at 07:30"),
    ],
)
def test_a_choice_is_fields_and_words_and_a_choice_again(often: str, cron: str, words: str) -> None:
    form = replace(FORM, often=often)
    assert form.when() == When(cron=cron, zone=BERLIN)
    assert cron_words(cron) == words
    schedule = Schedule(owner_id=new_id(), name="x", job_type="x", cron=cron, zone=BERLIN)
    again = WhenForm.of(schedule, NOW)
    assert (again.often, again.when()) == (often, form.when())


def test_the_last_day_of_the_month_can_be_chosen() -> None:
    assert replace(FORM, often="monthly", day="L").when().cron == "30 7 L * *"
    assert cron_words("30 7 L * *") == "every month on the last day at 07:30"


def test_once_is_a_moment_in_the_zone_and_comes_back_so() -> None:
    form = replace(FORM, often="once")
    at = datetime(2027, 3, 1, 6, 30, tzinfo=UTC)
    assert form.when() == When(at=at, zone=BERLIN)
    schedule = Schedule(owner_id=new_id(), name="x", job_type="x", next_at=at, zone=BERLIN, missed=Missed.skip)
    again = WhenForm.of(schedule, NOW)
    assert (again.often, again.date, again.time, again.missed) == ("once", "2027-03-01", "07:30", "skip")


def test_what_no_choice_makes_is_shown_as_cron() -> None:
    schedule = Schedule(owner_id=new_id(), name="x", job_type="x", cron="*/20 9-17 * * MON-FRI", zone=BERLIN)
    form = WhenForm.of(schedule, NOW)
    assert (form.often, form.cron, form.when().cron) == ("cron", "*/20 9-17 * * MON-FRI", "*/20 9-17 * * MON-FRI")


@pytest.mark.parametrize(
    ("often", "changes", "field"),
    [
        ("once", {"date": "2027-03-28", "time": "02:30"}, "time"),  # clocks go from 02:00 to 03:00 then
        ("once", {"date": "soon"}, "date"),
        ("once", {"date": "0001-01-01", "time": "00:00"}, "date"),
        ("once", {"date": ""}, "date"),
        ("daily", {"time": ""}, "time"),
        ("daily", {"time": "25:00"}, "time"),
        ("weekly", {"weekday": "7"}, "weekday"),
        ("weekly", {"weekday": "12"}, "weekday"),
        ("monthly", {"day": "0"}, "day"),
        ("monthly", {"day": "32"}, "day"),
        ("daily", {"zone": "Mars/Base"}, "zone"),
        ("often", {}, "often"),
    ],
)
def test_what_is_missing_or_cannot_be_is_said_beside_its_field(often: str, changes: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        replace(FORM, often=often, **changes).when()
    assert list(refused.value.problems) == [field]


def test_a_time_that_occurs_twice_is_the_first() -> None:
    twice = replace(FORM, often="once", date="2027-10-31", time="02:30")
    assert twice.when().at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@given(st.dictionaries(st.sampled_from([*WhenForm.__dataclass_fields__, "x"]), st.text(max_size=300)))
def test_whatever_is_sent_is_understood_or_refused_in_words(sent: dict[str, str]) -> None:
    form = WhenForm.read(sent)
    for often in OFTEN:
        try:
            when = replace(form, often=often).when()
        except BadInput as refused:
            problems = list(refused.problems.values())
        else:
            problems = [] if when.cron is not None or when.at is not None else [""]
        assert all(text.endswith(".") for text in problems)


@given(crons)
def test_all_fields_have_words(cron: str) -> None:
    words = cron_words(cron)
    assert words
    assert words[0].islower()


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (23, "23rd")]
)
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number) == said


def test_a_moment_is_shown_by_the_clock_of_its_zone() -> None:
    assert in_zone(NOW, BERLIN) == "Fri 20 Nov 2026, 11:00 CET"
    assert in_zone(NOW, "Australia/Lord_Howe") == "Fri 20 Nov 2026, 21:00 +11"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW.replace(hour=12), "in 2 hours"),
        (NOW.replace(day=21, hour=22), "tomorrow"),
        (NOW.replace(day=23, hour=6, minute=30), "in 3 days"),
        (NOW.replace(hour=9), ""),
        (NOW.replace(year=2027), ""),
    ],
)
def test_how_far_away_a_time_is_goes_by_the_calendar(moment: datetime, said: str) -> None:
    assert until(moment, BERLIN, NOW) == said


def test_times_stand_on_a_line_from_now_to_the_last() -> None:
    places = [place for place, _ in strip([NOW.replace(hour=11), NOW.replace(hour=12), NOW.replace(hour=14)], NOW)]
    assert places == [26.0, 50.0, 98.0]
    assert strip([], NOW) == []
