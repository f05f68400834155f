"""Lines over time: how long jobs wait, how many of them."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from webapp.charts.drawing import (
    BOTTOM,
    TOP,
    Svg,
    coloured,
    grid,
    legend,
    legend_height,
    names,
    nothing,
    percent,
    scale,
    sheet,
    write,
)
from webapp.charts.series import Series, Show, axis, checked, few, plain

SMOOTH: Final = 1000  # units across where the width is that of the place


def lines(  # noqa: PLR0913 (what a chart can be told)
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    said: str = "",
    show: Show = plain,
    height: int = 220,
    width: int | None = None,
) -> Svg:
    """A line for each series, broken where a figure is missing.

    The arguments are those of `columns`.

    Raises:
        ValueError: there are more or fewer figures than labels, or one is below 0.
    """
    drawn = checked(labels, series)
    shown_legend = legend_height(drawn)
    root = sheet(title, said, height + shown_legend, width)
    values = [value for each in drawn for value in each.values if value is not None]
    if not any(values):
        return nothing(root)
    ticks = axis(max(values), whole=all(float(value).is_integer() for value in values))
    grid(root, height, ticks)
    tall, wide = height - BOTTOM - TOP, width or SMOOTH
    box = {"y": str(TOP), "width": "100%", "height": str(tall), "viewBox": f"0 0 {wide} {tall}"}
    inner = ET.SubElement(root, "svg", {**box, "preserveAspectRatio": "none", "overflow": "visible"})
    for each in drawn:
        path = " ".join(_pieces(each, ticks[-1], wide, tall))
        stroke = {"stroke-width": "2", "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke"}
        ET.SubElement(inner, "path", {**coloured(each.tone, line=True), **stroke, "d": path})
    _points(root, labels, drawn, show, height)
    scale(root, height, ticks, show)
    names(root, labels, few(labels), height)
    if shown_legend:
        legend(root, drawn, height + 6)
    return write(root)


def _pieces(series: Series, top: float, wide: float, tall: float) -> Iterator[str]:
    """The parts of the line between missing figures; one that stands alone is a short dash."""
    room = wide / len(series.values)
    for there, run in groupby(enumerate(series.values), key=lambda pair: pair[1] is not None):
        if there:
            points = [(room * (place + 0.5), tall * (1 - (value or 0) / top)) for place, value in run]
            if len(points) == 1:
                points = [(points[0][0] - room / 4, points[0][1]), (points[0][0] + room / 4, points[0][1])]
            yield "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _points(root: ET.Element, labels: Sequence[str], series: Sequence[Series], show: Show, height: int) -> None:
    """What a pointer over a place is told: all figures there."""
    room = 100 / len(labels)
    for place, label in enumerate(labels):
        told = ", ".join(f"{each.name} {show(value)}" for each in series if (value := each.values[place]) is not None)
        if told:
            over = {"x": percent(room * place), "width": percent(room), "y": "0", "height": str(height - BOTTOM)}
            hover = ET.SubElement(root, "rect", {**over, "fill": "none", "pointer-events": "all"})
            ET.SubElement(hover, "title").text = f"{label}: {told}"
