"""Statements name a limited number of rows: many are taken piece by piece."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

PIECE: Final = 500  # rows or keys named in one statement

T = TypeVar("T")


def pieces(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in their order, as many at a time as one statement may name."""
    left = iter(items)
    while piece := list(islice(left, PIECE)):
        yield piece
