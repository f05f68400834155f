from datetime import UTC, datetime, timedelta

import pytest

from webapp.web import format as words

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_number_has_thousands_separators() -> None:
    assert words.number(1_234_567) == "1,234,567"
    assert words.number(-1_000) == "-1,000"


@pytest.mark.parametrize(("count", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1_000_000, "1,000,000 rows")])
def test_a_count_agrees_with_its_word(count: int, said: str) -> None:
    assert words.plural(count, "row") == said


def test_an_irregular_plural_is_given() -> None:
    assert words.plural(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (1_234, "1.2 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (98_000_000, "98 MB"),
        (1_500_000_000, "1.5 GB"),
        (1_500_000_000_000_000, "1,500 TB"),
    ],
)
def test_a_size_is_short(count: int, said: str) -> None:
    assert words.size(count) == said


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [(0, 8, "0 %"), (1, 1_000, "under 1 %"), (1_234, 5_000, "25 %"), (999_999, 1_000_000, "99 %"), (8, 8, "100 %")],
)
def test_a_percentage_says_neither_nothing_nor_all_too_soon(done: int, total: int, said: str) -> None:
    assert words.percent(done, total) == said


def test_a_percentage_is_never_100_before_the_end() -> None:
    assert words.percent(8, 8, ended=False) == "99 %"
    assert words.percent(9, 8, ended=False) == "99 %"
    assert words.percent(0, 0, ended=False) == "0 %"
    assert words.percent(0, 0) == "100 %"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "under a second"),
        (0.4, "under a second"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (120, "2 minutes"),
        (3_600, "1 hour"),
        (3_900, "1 hour 5 minutes"),
        (90_000, "1 day 1 hour"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said
    assert words.duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=40), "11 Oct 2026"),
        (timedelta(seconds=-5), "in under a minute"),
        (timedelta(hours=-2), "in 2 hours"),
    ],
)
def test_a_moment_is_told_by_its_distance(gap: timedelta, said: str) -> None:
    assert words.ago(NOW - gap, NOW) == said


def test_the_distance_is_from_now_unless_told() -> None:
    assert words.ago(datetime.now(UTC) - timedelta(minutes=5, seconds=1)) == "5 minutes ago"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        words.ago(NOW.replace(tzinfo=None), NOW)


def test_the_exact_moment_is_told_in_utc() -> None:
    assert words.exact(datetime.fromisoformat("2026-11-05T06:15:09+02:00")) == "5 Nov 2026, 04:15:09 UTC"


def test_the_parts_of_a_bar_fill_it() -> None:
    assert words.stack([1, 1, 2]) == [(0, 25), (25, 25), (50, 50)]


def test_a_part_of_three_rows_in_a_million_is_still_seen() -> None:
    parts = words.stack([999_997, 3, 0], least=1)
    assert parts == [(0, 99), (99, 1), (100, 0)]


def test_an_empty_bar_has_no_parts() -> None:
    assert words.stack([0, 0]) == [(0, 0), (0, 0)]
