"""The cells that a record with broken quotes may have: every way to take its quotes, the likelier ways first."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from webapp.intake.reading import Reading

_MOST_STEPS = 2_000
_MOST_CLOSINGS = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two delimiters. `stray` says what was odd about its quotes: "inside", "open" or "after" it.

    `literal` has the marks that quote nothing, `text` is without those at its beginning and end.
    """

    text: str
    literal: str
    quoted: bool = False
    stray: str = ""


def pieces_of(text: str, reading: Reading, most: int) -> Iterator[tuple[int, list[Piece]]]:
    """Each way to read the text of one record in up to `most` pieces, and how many of its quotes are not taken as such.

    Those that take more of them as quotes come first.
    """
    splitter = _Splitter(reading, text)
    order = count()
    ways: list[tuple[int, int, int, tuple[Piece, ...]]] = [(0, next(order), 0, ())]
    for _ in range(_MOST_STEPS):
        if not ways:
            return
        cost, _, at, pieces = heappop(ways)
        if at > len(text):
            yield cost, list(pieces)
            continue
        if len(pieces) == most:
            continue
        for more, end, piece in splitter.next_pieces(at):
            # The likelier way is followed to its end before the next is begun.
            heappush(ways, (cost + more, -next(order), end, (*pieces, piece)))


class _Splitter:
    def __init__(self, reading: Reading, text: str) -> None:
        self._text = text
        self._delimiter = reading.delimiter or "\0"
        self._quote = reading.quote
        self._spaces = reading.skipinitialspace

    def next_pieces(self, at: int) -> Iterator[tuple[int, int, Piece]]:
        """The pieces that may begin at `at`, each with its price and the index after the delimiter that ends it."""
        while self._spaces and self._text.startswith(" ", at):
            at += 1
        end = self._end_of_plain(at)
        plain = self._text[at:end]
        if not self._quote or not plain.startswith(self._quote):
            yield 0, end + len(self._delimiter), Piece(plain, plain)
            return
        yield 1, end + len(self._delimiter), Piece(plain.removeprefix(self._quote), plain, stray="open")
        # The likeliest comes last, see `pieces_of`.
        for price, (closing, end) in reversed(list(enumerate(self._closings(at + 1)))):
            yield min(price, 1), end + len(self._delimiter), self._quoted_piece(at + 1, closing, end)

    def _quoted_piece(self, start: int, closing: int, end: int) -> Piece:
        inside = self._text[start:closing]
        whole = inside.replace(self._quote * 2, self._quote)
        if self._quote in inside.replace(self._quote * 2, ""):
            return Piece(whole.strip(self._quote), whole, quoted=True, stray="inside")
        return Piece(whole, whole, quoted=True, stray="after" if closing + 1 < end else "")

    def _end_of_plain(self, at: int) -> int:
        found = self._text.find(self._delimiter, at)
        return len(self._text) if found < 0 else found

    def _closings(self, at: int) -> Iterator[tuple[int, int]]:
        """The quote that closes the cell beginning at `at`; if it is followed by text, those that stand at an end.

        With each the index of the delimiter after it: blanks may stand between.
        """
        quote = self._quote
        found = self._text.find(quote, at)
        while found >= 0 and self._text.startswith(quote, found + 1):
            found = self._text.find(quote, found + 2)
        if found >= 0 and (end := self._end_after(found + 1)) >= 0:
            yield found, end
            return
        found, closings = at - 1, 0
        while closings < _MOST_CLOSINGS and (found := self._text.find(quote, found + 1)) >= 0:
            if (end := self._end_after(found + 1)) >= 0:
                yield found, end
                closings += 1

    def _end_after(self, at: int) -> int:
        """The index of the delimiter or the end after a closing quote, or -1 where text follows."""
        while self._text.startswith(" ", at) and not self._text.startswith(self._delimiter, at):
            at += 1
        return at if at == len(self._text) or self._text.startswith(self._delimiter, at) else -1
