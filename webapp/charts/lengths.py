"""Bars that lie below each other, each with its name and figure: who or what has most."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Final

from webapp.charts.drawing import Svg, coloured, nothing, percent, sheet, text, write
from webapp.charts.series import Series, Show, checked, plain

ROW: Final = 40
BAR: Final = 10


def lengths(  # noqa: PLR0913 (what a chart can be told)
    title: str,
    labels: Sequence[str],
    values: Sequence[float],
    *,
    said: str = "",
    show: Show = plain,
    tone: str = "c1",
    width: int | None = None,
) -> Svg:
    """A bar for each label, in the order given. The other arguments are those of `columns`.

    Raises:
        ValueError: there are more or fewer figures than labels, or one is below 0.
    """
    checked(labels, [Series(title, values)])
    root = sheet(title, said, max(ROW, ROW * len(labels)), width)
    most = max(values, default=0)
    if not most:
        return nothing(root)
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        group, top = ET.SubElement(root, "g"), ROW * place
        ET.SubElement(group, "title").text = f"{label}: {show(value)}"
        text(group, label, "0", str(top + 16))
        text(group, show(value), "100%", str(top + 16), "end")
        bar = {"x": "0", "y": str(top + 23), "height": str(BAR), "rx": "3"}
        ET.SubElement(group, "rect", {**bar, "class": "chart-ground", "fill": "#ecedea", "width": "100%"})
        ET.SubElement(group, "rect", {**coloured(tone), **bar, "width": percent(100 * value / most)})
    return write(root)
