"""Time zones by the names that people know, and the moments that a wall clock's time stands for."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

MINUTE: Final = timedelta(minutes=1)
LARGEST_SHIFT: Final = timedelta(hours=3)  # more than any clock is set forward or back in our days
CONTINENTS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
ODD_ONES: Final = frozenset({"Factory", "localtime"})


@cache
def zone_names() -> frozenset[str]:
    """Every time zone that a schedule may be in."""
    return frozenset(name for name in available_timezones() if name not in ODD_ONES)


@cache
def zones_by_region() -> Mapping[str, tuple[str, ...]]:
    """Those that a form offers, by continent or ocean."""
    regions: dict[str, list[str]] = {}
    for name in sorted(zone_names()):
        region, _, place = name.partition("/")
        if place and region in CONTINENTS:
            regions.setdefault(region, []).append(name)
    return {"World": ("UTC",), **{region: tuple(names) for region, names in regions.items()}}


def desk_zone() -> str:
    """The time zone that the desk's machine is set to; UTC if it can't be told."""
    _, _, linked = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    offered = {name for names in zones_by_region().values() for name in names}
    return next((name for name in (os.environ.get("TZ", ""), linked) if name in offered), "UTC")


def wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows at a moment, without its zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def disorder(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How far apart, on the wall, two times near a moment may stand in the wrong order; none where no clock changes."""
    offsets = {(moment + side * 2 * LARGEST_SHIFT).astimezone(zone).utcoffset() for side in (-1, 1)}
    return LARGEST_SHIFT if len(offsets) > 1 else timedelta(0)


def moments_of(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When a clock on the wall shows this: never, once, or twice. In UTC, the earlier one first."""
    both = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(moment for moment in both if wall_clock(moment, zone) == wall))


def first_after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks go on, for a time that they leave out."""
    while not (found := moments_of(wall, zone)):
        wall = wall.replace(second=0, microsecond=0) + MINUTE
    return found[0]
