"""The parts of a drawing. Elements are built and written by the library, so that no text can be markup."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from itertools import count
from typing import Final

from webapp.charts.series import Series, Show
from webapp.resources import static_folder

PLAIN: Final = {
    "done": "#2f8f5b",
    "rejected": "#d9912b",
    "failed": "#c8372b",
    "unknown": "#8a63c9",
    "skipped": "#8b9396",
    "c1": "#0b6470",
    "c2": "#d9912b",
    "c3": "#8a63c9",
    "c4": "#2f8f5b",
    "c5": "#c8372b",
    "c6": "#4d5558",
}
"""Colours where no stylesheet is, as in a picture or on paper."""

TOP: Final = 12
BOTTOM: Final = 24
NEAR_EDGE: Final = 8  # percent
TEXT: Final = {"font-size": "12", "font-family": "inherit, sans-serif", "fill": "#59615f"}
EDGE: Final = {
    "class": "chart-text chart-scale",
    "stroke": "#fff",
    "stroke-width": "3",
    "stroke-linejoin": "round",
    "paint-order": "stroke",
}
NOTHING: Final = "Nothing to show yet."


class Svg(str):
    """Markup that a page may take as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell templates so."""
        return str(self)


def style() -> str:
    """What a file's stylesheet needs for the charts in it, in light and dark."""
    return (static_folder() / "css" / "87-charts.css").read_text("utf-8")


def sheet(title: str, said: str, height: int, width: int | None) -> ET.Element:
    """The drawing as a whole: as wide as its place unless a width is given, and read out as one picture."""
    size = {"width": "100%" if width is None else str(width), "height": str(height)}
    box = {} if width is None else {"viewBox": f"0 0 {width} {height}"}
    root = ET.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img", "aria-label": title, **size, **box},
    )
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "desc").text = said
    return root


def write(root: ET.Element) -> Svg:
    """The markup."""
    return Svg(ET.tostring(root, encoding="unicode", short_empty_elements=True))


def nothing(root: ET.Element) -> Svg:
    """A chart of no figures says so."""
    text(root, NOTHING, "50%", "50%", "middle")
    return write(root)


def text(root: ET.Element, words: str, x: str, y: str, anchor: str = "start") -> ET.Element:
    """A few words at a place."""
    made = ET.SubElement(root, "text", {"class": "chart-text", "x": x, "y": y, "text-anchor": anchor, **TEXT})
    made.text = words
    return made


def grid(root: ET.Element, height: int, ticks: Sequence[float]) -> None:
    """Lines across at round figures."""
    for tick in ticks:
        y = level(tick, ticks[-1], height)
        line = {"class": "chart-grid", "x1": "0", "x2": "100%", "y1": y, "y2": y, "stroke": "#e3e3dd"}
        ET.SubElement(root, "line", line)


def scale(root: ET.Element, height: int, ticks: Sequence[float], show: Show) -> None:
    """The figures of the lines, above them; drawn last, with an edge that keeps them readable on what is drawn."""
    for tick in ticks[1:]:
        y = float(level(tick, ticks[-1], height)) - 3
        text(root, show(tick), "0", f"{y:g}").attrib.update(EDGE)


def names(root: ET.Element, labels: Sequence[str], written: Sequence[int], height: int) -> None:
    """Labels below the drawing, each in the middle of its place, but for those that would stand out at its ends."""
    for place in written:
        middle = 100 * (place + 0.5) / len(labels)
        anchor = "start" if middle < NEAR_EDGE else "end" if middle > 100 - NEAR_EDGE else "middle"
        edge = {"middle": middle, "start": 100 * place / len(labels), "end": 100 * (place + 1) / len(labels)}[anchor]
        text(root, labels[place], percent(edge), str(height - 6), anchor)


def level(value: float, top: float, height: int) -> str:
    """How far down a figure is."""
    return f"{height - BOTTOM - (height - BOTTOM - TOP) * value / top:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """A place from the left."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def coloured(tone: str, *, line: bool = False) -> dict[str, str]:
    """The class of a colour, and the colour itself for where there is no stylesheet."""
    colour = PLAIN.get(tone, PLAIN["c1"])
    return (
        {"class": f"chart-line chart-{tone}", "fill": "none", "stroke": colour}
        if line
        else {
            "class": f"chart-{tone}",
            "fill": colour,
        }
    )


def legend(root: ET.Element, series: Sequence[Series], height: int) -> None:
    """Which colour is which, in rows below the labels; a single series needs none."""
    for row, each in zip(count(), series, strict=False):
        y = height + 16 * (row // 2) + 10
        x = percent(100 * (row % 2) / 2)
        ET.SubElement(
            root, "rect", {**coloured(each.tone), "x": x, "y": str(y - 9), "width": "10", "height": "10", "rx": "2"}
        )
        label = text(root, each.name, x, str(y))
        label.set("dx", "16")


def legend_height(series: Sequence[Series]) -> int:
    """How much room `legend` takes."""
    return 16 * ((len(series) + 1) // 2) + 6 if len(series) > 1 else 0
