"""Charts: every figure is drawn, no text is markup, and each can be read without being seen."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from webapp.charts import Series, Svg, columns, lengths, lines, style
from webapp.charts.drawing import PLAIN
from webapp.charts.series import axis, plain

NS = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert(1)</script>\"'&"
DAYS = ["1 Nov", "2 Nov", "3 Nov"]


def parts(svg: str, name: str) -> list[ET.Element]:
    """The elements of that name; the markup is well-formed, or this raises."""
    return list(ET.fromstring(svg).iter(NS + name))


def heights(svg: str, tone: str) -> list[float]:
    return [float(each.attrib["height"]) for each in parts(svg, "rect") if each.get("class") == f"chart-{tone}"]


def test_columns_are_as_tall_as_their_figures() -> None:
    svg = columns("Rows", DAYS, [Series("done", [4, 2, 0], "done"), Series("failed", [0, 2, None], "failed")])
    *drawn, legend = heights(svg, "done")
    assert drawn == [pytest.approx(184), pytest.approx(92)], "nothing is drawn for 0"
    assert heights(svg, "failed")[:-1] == [pytest.approx(92)]
    assert legend == 10
    told = [each.text for each in parts(svg, "title")]
    assert told == ["Rows", "1 Nov: done 4", "2 Nov: done 2, failed 2"]


def test_a_line_is_broken_where_there_is_no_figure() -> None:
    svg = lines("Waiting", [str(n) for n in range(5)], [Series("median", [1, 2, None, 4, 3])])
    (path,) = parts(svg, "path")
    assert path.attrib["d"].count("M") == 2
    lonely = lines("Waiting", DAYS, [Series("median", [None, 2, None])])
    assert parts(lonely, "path")[0].attrib["d"].count("L") == 1, "one figure alone is seen too"


def test_bars_are_as_long_as_their_figures() -> None:
    svg = lengths("Jobs", ["Ann", "Bob"], [10, 5])
    assert [each.attrib["width"] for each in parts(svg, "rect")] == ["100%", "100%", "100%", "50%"]
    assert [each.text for each in parts(svg, "text")] == ["Ann", "10", "Bob", "5"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda words: columns(words, [words], [Series(words, [1]), Series(words, [2])], said=words),
        lambda words: lines(words, [words], [Series(words, [1]), Series(words, [2])], said=words),
        lambda words: lengths(words, [words], [1], said=words),
    ],
)
def test_no_name_is_markup_and_the_picture_has_one(draw: Callable[[str], Svg]) -> None:
    svg = draw(NASTY)
    assert "<script" not in svg
    root = ET.fromstring(svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", NASTY)
    assert [each.text for each in parts(svg, "desc")] == [NASTY]
    assert NASTY in [each.text for each in parts(svg, "text")]
    assert "style=" not in svg, "the content security policy would refuse it"


@pytest.mark.parametrize(
    "svg", [columns("x", [], []), lines("x", DAYS, [Series("a", [0, None, 0])]), lengths("x", [], [])]
)
def test_nothing_to_show_is_said(svg: Svg) -> None:
    assert [each.text for each in parts(svg, "text")] == ["Nothing to show yet."]


@pytest.mark.parametrize("values", [[1.0, 2.0], [1, 2, -1], [1, 2, float("nan")], [1, 2, float("inf")]])
def test_figures_that_cannot_be_drawn_are_refused(values: list[float]) -> None:
    for draw in (columns, lines):
        with pytest.raises(ValueError, match=r"^rows has"):
            draw("x", DAYS, [Series("rows", values)])


@pytest.mark.parametrize(
    ("greatest", "whole", "ticks"),
    [
        (0, True, [0, 1]),
        (1, True, [0, 1]),
        (3, True, [0, 1, 2, 3]),
        (7, True, [0, 2, 4, 6, 8]),
        (480, True, [0, 200, 400, 600]),
        (0.3, False, [0, 0.1, 0.2, 0.3]),
        (1_000_000, True, [0, 250_000, 500_000, 750_000, 1_000_000]),
    ],
)
def test_an_axis_has_round_figures(greatest: float, whole: bool, ticks: list[float]) -> None:  # noqa: FBT001
    assert axis(greatest, whole=whole) == pytest.approx(ticks)


def test_figures_are_shown_as_people_read_them() -> None:
    assert [plain(each) for each in (0, 1234, 12.5, 1234567.0)] == ["0", "1,234", "12.5", "1,234,567"]


def test_every_colour_is_in_the_stylesheet_for_light_and_dark() -> None:
    for tone, colour in PLAIN.items():
        rule = re.search(rf"\.chart-{tone}\b[^{{]*{{([^}}]*)}}", style())
        assert rule, tone
        assert f"fill: light-dark({colour}, " in rule[1], tone


def test_a_chart_for_paper_has_a_size_of_its_own() -> None:
    root = ET.fromstring(lines("x", DAYS, [Series("a", [1, 2, 3])], width=600))
    assert (root.get("width"), root.get("viewBox")) == ("600", "0 0 600 220")
