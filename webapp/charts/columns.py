"""Columns that stand side by side, each put together from its parts: jobs of a day, rows by what became of them."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Final

from webapp.charts.drawing import (
    Svg,
    coloured,
    grid,
    legend,
    legend_height,
    level,
    names,
    nothing,
    percent,
    scale,
    sheet,
    write,
)
from webapp.charts.series import Series, Show, axis, checked, few, plain

SHARE: Final = 0.72  # of its place that a column takes
WIDEST: Final = 12  # percent


def columns(  # noqa: PLR0913 (what a chart can be told)
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    said: str = "",
    show: Show = plain,
    height: int = 220,
    width: int | None = None,
) -> Svg:
    """A column for each label, its series upon each other.

    Args:
        title: what it shows, read out as the picture's name.
        labels: one for each column; as many are written as there is room for.
        series: the parts.
        said: a sentence for those who can't see it.
        show: a figure in words.
        height: in pixels, without the legend.
        width: in pixels; None to be as wide as its place.

    Raises:
        ValueError: there are more or fewer figures than labels, or one is below 0.
    """
    parts = checked(labels, series)
    shown_legend = legend_height(parts)
    root = sheet(title, said, height + shown_legend, width)
    totals = [sum(each.values[place] or 0 for each in parts) for place in range(len(labels))]
    if not any(totals):
        return nothing(root)
    ticks = axis(max(totals), whole=all(float(total).is_integer() for total in totals))
    grid(root, height, ticks)
    room = 100 / len(labels)
    wide = min(SHARE * room, WIDEST)
    for place, label in enumerate(labels):
        group, below = ET.SubElement(root, "g"), 0.0
        for each in parts:
            if value := each.values[place]:
                left = room * (place + 0.5) - wide / 2
                upper, lower = (level(end, ticks[-1], height) for end in (below + value, below))
                size = {"y": upper, "width": percent(wide), "height": f"{float(lower) - float(upper):.2f}"}
                ET.SubElement(group, "rect", {**coloured(each.tone), "x": percent(left), **size})
                below += value
        if below:
            told = ", ".join(f"{each.name} {show(each.values[place] or 0)}" for each in parts if each.values[place])
            ET.SubElement(group, "title").text = f"{label}: {told}"
    scale(root, height, ticks, show)
    names(root, labels, few(labels), height)
    if shown_legend:
        legend(root, parts, height + 6)
    return write(root)
