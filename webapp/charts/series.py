"""What a chart shows: named figures, and the round numbers of their axis."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

Show = Callable[[float], str]

STEPS: Final = (1, 2, 2.5, 5, 10)
LINES: Final = 4
TONES: Final = ("c1", "c2", "c3", "c4", "c5", "c6")


@dataclass(frozen=True, slots=True)
class Series:
    """Figures of one kind, one for each label of the chart; None where there is none.

    Attributes:
        name: What they are, for the legend.
        values: From 0 up.
        tone: Their colour: done, rejected, failed, unknown, skipped, or c1 to c6; by their place unless said.
    """

    name: str
    values: Sequence[float | None]
    tone: str = ""


def checked(labels: Sequence[str], series: Sequence[Series]) -> list[Series]:
    """The series, each with its tone.

    Raises:
        ValueError: there are more or fewer figures than labels, or one that can't be drawn.
    """
    for each in series:
        if len(each.values) != len(labels):
            raise ValueError(f"{each.name} has {len(each.values)} figures for {len(labels)} labels")
        if any(value is not None and not (math.isfinite(value) and value >= 0) for value in each.values):
            raise ValueError(f"{each.name} has a figure that is below 0 or none")
    return [
        each if each.tone else Series(each.name, each.values, TONES[place % len(TONES)])
        for place, each in enumerate(series)
    ]


def axis(greatest: float, *, whole: bool) -> list[float]:
    """Round numbers from 0 to at least the greatest figure; `whole` ones if parts of one mean nothing."""
    if greatest <= 0:
        return [0.0, 1.0]
    rough = greatest / LINES
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in STEPS if size * each >= rough * (1 - 1e-9))
    if whole:
        step = max(1.0, math.ceil(step))
    return [step * number for number in range(math.ceil(greatest / step - 1e-9) + 1)]


def plain(value: float) -> str:
    """A figure as people read it: ``1,234``, ``12.5``."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def few(labels: Sequence[str], most: int = 5) -> list[int]:
    """The places of the labels that are written: evenly apart, the first one always."""
    return list(range(0, len(labels), max(1, math.ceil(len(labels) / most))))
