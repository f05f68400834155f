"""How large an image becomes, and which part of it is kept: reckoned before any pixel is decoded."""

from dataclasses import dataclass

from webapp.authoring import Rejected
from webapp.services.images.words import LONGEST_SIDE, MOST_PIXELS, Wanted

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """The size to come to, of the largest part in the middle that has the ratio `of`."""

    size: Size
    of: tuple[float, float]

    def box(self, size: Size) -> Box:
        """That part of an image which has this size by now."""
        width, height = _inside(size, self.of)
        left, top = (size[0] - width) / 2, (size[1] - height) / 2
        return left, top, left + width, top + height


def plan(size: Size, wanted: Wanted) -> Plan:
    """What becomes of an image of this size.

    Raises:
        Rejected: it would become larger than images may be.
    """
    of = _ratio(size, wanted)
    width, height = _inside(size, of)
    target = _target(width, height, wanted)
    if max(target) > LONGEST_SIDE or target[0] * target[1] > MOST_PIXELS:
        raise Rejected(f"would become {target[0]:,} × {target[1]:,} pixels, which is too large")
    return Plan(target, of)


def _ratio(size: Size, wanted: Wanted) -> tuple[float, float]:
    if wanted.resize == "fill" and wanted.width and wanted.height:
        return wanted.width, wanted.height
    if wanted.crop == "no":
        return size
    across, down = wanted.crop.split(":")
    return float(across), float(down)


def _inside(size: Size, of: tuple[float, float]) -> tuple[float, float]:
    scale = min(size[0] / of[0], size[1] / of[1])
    return min(of[0] * scale, size[0]), min(of[1] * scale, size[1])


def _target(width: float, height: float, wanted: Wanted) -> Size:
    most = float("inf") if wanted.enlarge else 1.0
    across = wanted.width / width if wanted.width else None
    down = wanted.height / height if wanted.height else None
    if wanted.resize == "no" or (across is None and down is None):
        return _whole(width, height)
    if wanted.resize == "exact":
        across, down = min(across or 1.0, most), min(down or 1.0, most)
        return _whole(width * across, height * down)
    scale = min(*(each for each in (across, down, most) if each is not None), most)
    return _whole(width * scale, height * scale)


def _whole(width: float, height: float) -> Size:
    return max(1, round(width)), max(1, round(height))
