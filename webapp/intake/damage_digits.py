"""Digits that a spreadsheet took for a number: zeros before them are lost, and all beyond the fifteenth."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from webapp.intake.code_names import has_one_length
from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_watch import Cells, Pattern, Tally
from webapp.intake.guess.codes import has_check_digit

KEPT_DIGITS: Final = 15
_LONGEST = 40
_SHORTEST = 4
_MOSTLY = 0.7
_NONE_TO_SPEAK_OF = 0.02
_LOST_AT_MOST = 2
_ARTICLES = frozenset({8, 13, 14})
# Of numbers with 16 digits one in ten ends in 0 by chance, of those with 17 one in a hundred ends in 00, and so on.
_ROUNDED_AT_LEAST = {16: (5, 0.5), 17: (2, 0.1)}
_ROUNDED_LONGER = (1, 0.02)


@dataclass(slots=True)
class _Length:
    """What is known of the numbers with so many digits."""

    all: Tally = field(default_factory=Tally)
    checked: Tally = field(default_factory=Tally)
    rounded: Tally = field(default_factory=Tally)
    with_zero: int = 0


class DigitCells:
    """Watches a column of codes by how many digits they have."""

    def __init__(self, column: Pattern) -> None:
        self._name = column.name
        self._lengths: defaultdict[int, _Length] = defaultdict(_Length)

    def look(self, cells: Cells) -> None:
        lengths = self._lengths
        for line, text in zip(cells.lines, cells.texts, strict=True):
            if not text.isdecimal() or (size := len(text)) > _LONGEST:
                continue
            length = lengths[size]
            length.all.add(line, text)
            if text[0] == "0":
                length.with_zero += 1
            if size > KEPT_DIGITS and text.endswith("0" * (size - KEPT_DIGITS)):
                length.rounded.add(line, text)
            if size + 1 in _ARTICLES and has_check_digit(text):
                length.checked.add(line, text)

    def found(self) -> Iterator[Damage]:
        yield from self._lost_zeros()
        yield from self._rounded()

    def _lost_zeros(self) -> Iterator[Damage]:
        """Codes of one length but for some that are a little shorter; none of the shorter begins with a zero."""
        total = sum(length.all.count for length in self._lengths.values())
        usual = max(self._lengths, key=lambda size: self._lengths[size].all.count, default=0)
        shorter = [size for size in self._lengths if usual - _LOST_AT_MOST <= size < usual]
        short = sum(self._lengths[size].all.count for size in shorter)
        regular = self._lengths[usual].all.count + short if usual >= _SHORTEST else 0
        if not short or self._lengths[usual].all.count < _MOSTLY * total or regular < (1 - _NONE_TO_SPEAK_OF) * total:
            return
        if any(self._lengths[size].with_zero for size in shorter) or not self._had_zeros(usual):
            return
        lost = Tally()
        for size in shorter:
            tally = self._lengths[size].checked if usual in _ARTICLES else self._lengths[size].all
            lost.count += tally.count
            lost.examples += tally.examples
        lost.examples = sorted(lost.examples, key=lambda example: example.line)[:3]
        if lost.count:
            yield lost.damage(DamageKind.LOST_ZEROS, self._name, f"Fill them up with zeros to {usual} digits")

    def _had_zeros(self, usual: int) -> bool:
        """Either all zeros are lost where there must have been some, or the others have theirs.

        Postcodes of which some begin with a zero may be those of two countries.
        """
        others_have = self._lengths[usual].with_zero > 0
        return others_have != has_one_length(self._name) or usual in _ARTICLES

    def _rounded(self) -> Iterator[Damage]:
        for size in sorted(self._lengths):
            length = self._lengths[size]
            least, share = _ROUNDED_AT_LEAST.get(size, _ROUNDED_LONGER)
            if length.rounded.count >= max(least, share * length.all.count) and size > KEPT_DIGITS:
                yield length.rounded.damage(DamageKind.ROUNDED, self._name)
