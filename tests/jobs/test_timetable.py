"""When a schedule is due, in zones whose clocks change; and against a walk from minute to minute."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim, CronSimError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webapp.errors import BadInput
from webapp.jobs.timetable import LONGEST_CRON, Timetable
from webapp.jobs.turns import take_turn
from webapp.jobs.zones import zone_names, zones_by_region

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def cron(fields: str, zone: str = "UTC") -> Timetable:
    return Timetable.checked(fields, None, zone, START)


def local(table: Timetable, after: datetime, count: int) -> list[str]:
    """The next times as clocks in the zone show them, with their distance to UTC."""
    zone = ZoneInfo(table.zone)
    return [due.astimezone(zone).strftime("%d %H:%M %z") for due in table.following(after, count)]


# In Berlin clocks go from 02:00 to 03:00 on 28 March 2027 and from 03:00 to 02:00 on 31 October, in New York a little
# earlier and later in the year; on Lord Howe Island they move by half an hour, at 02:00 on 3 October and 4 April.
CHANGES = [
    (BERLIN, "30 2 * * *", "2027-03-27T00:00Z", ["27 02:30 +0100", "28 03:00 +0200", "29 02:30 +0200"]),
    (BERLIN, "0,30 2 * * *", "2027-03-28T00:00Z", ["28 03:00 +0200", "29 02:00 +0200"]),
    (BERLIN, "0 2,3 * * *", "2027-03-28T00:00Z", ["28 03:00 +0200", "29 02:00 +0200"]),
    (BERLIN, "30 * * * *", "2027-03-28T00:00Z", ["28 01:30 +0100", "28 03:30 +0200"]),
    (BERLIN, "30 2 * * *", "2027-10-30T12:00Z", ["31 02:30 +0200", "01 02:30 +0100"]),
    (BERLIN, "30 2 * * *", "2027-10-31T01:15Z", ["01 02:30 +0100"]),  # the clock shows 02:15 for the second time
    (BERLIN, "30 * * * *", "2027-10-31T00:00Z", ["31 02:30 +0200", "31 02:30 +0100", "31 03:30 +0100"]),
    (BERLIN, "*/30 * * * *", "2027-10-31T00:00Z", ["31 02:30 +0200", "31 02:00 +0100", "31 02:30 +0100"]),
    (NEW_YORK, "15 2 * * *", "2027-03-13T12:00Z", ["14 03:00 -0400", "15 02:15 -0400"]),
    (NEW_YORK, "15 1 * * *", "2027-11-06T12:00Z", ["07 01:15 -0400", "08 01:15 -0500"]),
    (LORD_HOWE, "15 2 * * *", "2027-10-02T00:00Z", ["03 02:30 +1100", "04 02:15 +1100"]),
    (LORD_HOWE, "45 1 * * *", "2027-04-03T00:00Z", ["04 01:45 +1100", "05 01:45 +1030"]),
    (LORD_HOWE, "30 * * * *", "2027-04-03T14:00Z", ["04 01:30 +1100", "04 01:30 +1030", "04 02:30 +1030"]),
]


@pytest.mark.parametrize(("zone", "fields", "after", "expected"), CHANGES)
def test_clocks_that_change_are_met(zone: str, fields: str, after: str, expected: list[str]) -> None:
    assert local(cron(fields, zone), datetime.fromisoformat(after), len(expected)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("0 7 31 * *", ["2026-12-31", "2027-01-31", "2027-03-31", "2027-05-31"]),
        ("0 7 L * *", ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
        ("0 7 29 2 *", ["2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]),
        ("0 7 29 2 */7", ["2032-02-29", "2060-02-29"]),
        ("0 7 * 2 MON#5", ["2044-02-29"]),
        ("0 7 * * 1-5", ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]),
    ],
)
def test_days_that_not_every_month_has(fields: str, expected: list[str]) -> None:
    assert [f"{due:%Y-%m-%d}" for due in cron(fields).following(START, len(expected))] == expected


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("0 0 30 2 *", "never run"),
        ("0 0 31 2,4,6,9,11 *", "never run"),
        ("0 0 */30 2 MON#5", "never run"),
        ("61 * * * *", "The minute"),
        ("* 24 * * *", "The hour"),
        ("* * 0 * *", "The day of the month"),
        ("* * * 13 *", "The month"),
        ("* * * * 8", "The day of the week"),
        ("* * * * * *", "once a minute at most"),
        ("* * * *", "five fields"),
        ("@hourly", "five fields"),
        ("", "five fields"),
        ("0" * LONGEST_CRON + " * * * *", "five fields"),
        ("0" * 150 + "1 * * * x", "The day of the week"),
    ],
)
def test_fields_that_are_no_good_are_refused_in_words(fields: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        cron(fields)
    assert words in refused.value.problems["cron"]


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "Europe/Berlin\0", "localtime", "europe/berlin "])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(BadInput) as refused:
        Timetable.checked("0 7 * * *", None, zone, START)
    assert list(refused.value.problems) == ["zone"]


def test_once_is_once_and_not_in_the_past() -> None:
    at = START + timedelta(hours=1)
    table = Timetable.checked(None, at, BERLIN, START)
    assert table.following(START, 3) == [at]
    assert table.last_until(at) == at
    for given_at in (START, START - timedelta(seconds=1)):
        with pytest.raises(BadInput):
            Timetable.checked(None, given_at, BERLIN, START)
    with pytest.raises(BadInput):
        Timetable.checked(None, None, BERLIN, START)
    with pytest.raises(BadInput):
        Timetable.checked("0 7 * * *", at, BERLIN, START)


def test_the_form_offers_zones_of_every_continent_that_are_all_accepted() -> None:
    offered = {name for names in zones_by_region().values() for name in names}
    assert {"UTC", BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kolkata"} <= offered <= zone_names()


FIELDS = (
    ["*", "0", "15", "30", "59", "*/7", "*/30", "5,35", "10-12"],
    ["*", "0", "1", "2", "3", "*/2", "1-3", "2,14", "23"],
    ["*", "1", "3", "4", "28", "31", "L", "LW", "1-7", "*/5"],
    ["*", "3", "4", "10", "11", "3-4", "*/2"],
    ["*", "0", "7", "SUN", "1-5", "SUN#1", "5L", "*/3"],
)


def has_days(fields: str) -> bool:
    """Whether some month has such a day: 31 April is refused."""
    try:
        CronSim(fields, START)
    except CronSimError:
        return False
    return True


crons = st.tuples(*map(st.sampled_from, FIELDS)).map(" ".join).filter(has_days)
zones = st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "UTC", "Africa/Cairo", "Antarctica/Troll", "America/Sao_Paulo"])
near_changes = st.sampled_from(
    [
        datetime(2027, 3, 27, 20, tzinfo=UTC),
        datetime(2027, 10, 30, 20, tzinfo=UTC),
        datetime(2027, 3, 14, 0, tzinfo=UTC),
        datetime(2027, 11, 7, 0, tzinfo=UTC),
        datetime(2027, 4, 3, 10, tzinfo=UTC),
        datetime(2027, 10, 2, 10, tzinfo=UTC),
        datetime(2027, 4, 29, 18, tzinfo=UTC),
        datetime(2026, 12, 31, 20, tzinfo=UTC),
    ]
)
HOURS = 9


def by_the_minute(fields: str, zone: ZoneInfo, after: datetime) -> list[datetime]:
    """What is due within the hours after a moment, found by looking at the clock on the wall every minute.

    The rules are Debian's cron's: with a star first in hours or minutes, every minute that the clock shows counts;
    else one that it shows a second time does not, and those that it leaves out are due when it goes on.
    """
    sets, (minute, hour, *_) = CronSim(fields, START), fields.split()
    every = minute.startswith("*") or hour.startswith("*")
    due, before = [], after.astimezone(zone).replace(tzinfo=None)
    for step in range(1, HOURS * 60 + 1):
        moment = after + timedelta(minutes=step)
        shown = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        repeated = moment.astimezone(zone).fold == 1
        left_out = [before + timedelta(minutes=late) for late in range(1, int((shown - before).total_seconds() // 60))]
        wanted = _matches(sets, shown) and (every or not repeated)
        if wanted or (not every and any(_matches(sets, wall) for wall in left_out)):
            due.append(moment)
        before = shown
    return due


def _matches(sim: CronSim, wall: datetime) -> bool:
    return wall.minute in sim.minutes and wall.hour in sim.hours and wall.month in sim.months and sim.match_day(wall)


@settings(max_examples=30)
@given(crons, zones, near_changes)
@example("0,30 2 * * *", BERLIN, datetime(2027, 3, 27, 20, tzinfo=UTC))
@example("*/30 * * * *", BERLIN, datetime(2027, 10, 30, 20, tzinfo=UTC))
@example("*/10 2 * * *", LORD_HOWE, datetime(2027, 4, 3, 10, tzinfo=UTC))
@example("*/15 0 * * *", "Africa/Cairo", datetime(2027, 4, 29, 18, tzinfo=UTC))
def test_forwards_and_backwards_it_finds_what_a_walk_from_minute_to_minute_finds(
    fields: str, zone: str, after: datetime
) -> None:
    expected = by_the_minute(fields, ZoneInfo(zone), after)
    table, end = Timetable(fields, None, zone), after + timedelta(hours=HOURS)
    found, due = [], table.next_after(after)
    while due is not None and due <= end:
        found.append(due)
        due = table.next_after(due)
    assert found == expected
    backwards, due = [], table.last_until(end)
    while due is not None and due > after:
        backwards.append(due)
        due = table.last_until(due - timedelta(seconds=1))
    assert backwards == expected[::-1]


@given(st.text(alphabet="0123456789*/,-#LWMONFEB @\0٣²", max_size=40), st.sampled_from([BERLIN, "UTC"]))
def test_whatever_is_typed_is_understood_or_refused_in_words(text: str, zone: str) -> None:
    with suppress(BadInput):
        due = cron(text, zone).next_after(START)
        assert due is not None
        assert due > START


NIGHTLY = cron("30 2 * * *", BERLIN)
DUE = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
NEXT = DUE + timedelta(days=1)


@pytest.mark.parametrize("run_missed", [True, False])
def test_a_minute_late_is_on_time(run_missed: bool) -> None:  # noqa: FBT001 (the choice that makes no difference)
    for late in (0, 59, 60):
        turn = take_turn(NIGHTLY, DUE, DUE + timedelta(seconds=late), run_missed=run_missed)
        assert (turn.fire_time, turn.missed, turn.next_at) == (DUE, None, NEXT)


def test_what_was_missed_is_skipped_or_made_up_for_once() -> None:
    days_later = DUE + timedelta(days=3, hours=5)
    last = DUE + timedelta(days=3)
    skipped = take_turn(NIGHTLY, DUE, days_later, run_missed=False)
    assert (skipped.fire_time, skipped.missed, skipped.next_at) == (None, last, last + timedelta(days=1))
    made_up = take_turn(NIGHTLY, DUE, days_later, run_missed=True)
    assert (made_up.fire_time, made_up.missed, made_up.next_at) == (last, None, last + timedelta(days=1))


def test_of_many_missed_times_the_last_may_still_be_on_time() -> None:
    turn = take_turn(cron("* * * * *"), DUE, DUE + timedelta(minutes=10, seconds=20), run_missed=False)
    assert turn.fire_time == DUE + timedelta(minutes=10)


def test_years_without_a_look_take_no_time() -> None:
    turn = take_turn(cron("* * * * *"), DUE, DUE + timedelta(days=3650, seconds=20), run_missed=True)
    assert turn.fire_time == DUE + timedelta(days=3650)


@given(st.lists(st.integers(1, 7 * 3600), max_size=40), st.booleans(), crons)
def test_however_seldom_one_looks_no_time_is_taken_twice_and_the_last_is_not_lost(
    gaps: list[int],
    run_missed: bool,  # noqa: FBT001 (one of two choices)
    fields: str,
) -> None:
    table, now = Timetable(fields, None, BERLIN), datetime(2027, 10, 30, 20, tzinfo=UTC)
    due, taken = table.next_after(now), []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if due is None or due > now:
            continue
        turn = take_turn(table, due, now, run_missed=run_missed)
        assert turn.next_at is None or turn.next_at > now
        last = table.last_until(now)
        assert {turn.fire_time, turn.missed} == {last, None}
        assert turn.missed is None or (not run_missed and now - turn.missed > timedelta(seconds=60))
        taken += [turn.fire_time] if turn.fire_time else []
        due = turn.next_at
    assert taken == sorted(set(taken))
