"""The rows of a job that takes any columns: each readable record passes the check as it stands."""

from collections.abc import Sequence

from webapp.authoring import Row
from webapp.intake import BrokenRecord, Slice


class RawRows:
    """Makes a `Row` of each record. Stands where a `RowChecker` does for a job with a row model."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._places = {name: place for place, name in enumerate(columns)}

    def check(self, slice_: Slice) -> tuple[list[tuple[int, Row]], list[BrokenRecord]]:
        """The rows, each with its number, and the records that are none."""
        places = self._places
        pairs = zip(slice_.rows, slice_.cells, strict=True)
        return [(row, Row.of(places, cells)) for row, cells in pairs], slice_.broken
