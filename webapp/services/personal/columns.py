"""Which columns of a table hold personal data, by their names and by counting what their cells hold."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from webapp.services.personal.kinds import Kind
from webapp.services.personal.names import LIKELY, kind_of_name
from webapp.services.personal.national import share_of_ids
from webapp.services.personal.search import CONTENTS, Searcher

REMEMBERED = 10_000
SAMPLED = 500
"""Different cells of a column by which numbers of people are told from numbers out of the blue."""
NUMBERS = 0.9
"""In a column of so many numbers none of them is taken for a phone number or the like; other cells are looked into."""

BY_NAME, BY_CONTENTS, BY_BOTH, INSIDE = "by its name", "by its contents", "by its name and contents", "inside its texts"
_NUMBER = re.compile(r"[\W\d_]*")
_PROVABLE: Final = frozenset({Kind.EMAIL, Kind.IBAN, Kind.CARD, Kind.IP})
_SURE_INSIDE: Final = {Kind.EMAIL: 0.95, Kind.IBAN: 0.99, Kind.CARD: 0.9, Kind.PHONE: 0.9}
_LESS_SURE: Final = 0.8


def is_number(cell: str) -> bool:
    """Whether a cell has no letter."""
    return _NUMBER.fullmatch(cell) is not None


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind of personal data in a column. `whole` says that all its cells are that; else it stands in some of them.

    `cells` of the `filled` ones show it by what they hold, which names and dates do not.
    """

    column: str
    kind: Kind
    found_by: str
    confidence: float
    cells: int
    filled: int
    whole: bool


class Look:
    """Looks through rows, and says what was found."""

    def __init__(self, columns: Sequence[str], searcher: Searcher) -> None:
        self._columns = [_ColumnLook(name, searcher) for name in columns]

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Look at some more rows."""
        for column, cells in zip(self._columns, zip(*rows, strict=True), strict=False):
            column.add(cells)

    def findings(self, threshold: float) -> list[Finding]:
        """What there is, column by column; a column is all of a kind from this share of its cells on."""
        return [finding for column in self._columns for finding in column.findings(threshold)]

    def clean_columns(self) -> frozenset[str]:
        """The columns in which no cell holds anything that is looked for."""
        return frozenset(column.name for column in self._columns if not column.holds_something)

    def columns_with_local(self) -> list[str]:
        """The columns with phone numbers that are not looked for, because their country is not known."""
        return [column.name for column in self._columns if column.holds_local]

    def columns_of_text(self) -> frozenset[str]:
        """The columns that are not of numbers: in those only cells with letters are looked into."""
        return frozenset(column.name for column in self._columns if not column.has_numbers)


class _ColumnLook(dict[str, tuple[Kind | None, frozenset[Kind]]]):
    """What the texts of a column are, or hold; one that was seen before is a look-up."""

    def __init__(self, name: str, searcher: Searcher) -> None:
        super().__init__()
        self.name = name
        self._searcher = searcher
        self._filled = self._numbers = 0
        self._whole: Counter[Kind] = Counter()
        self._inside: Counter[Kind] = Counter()
        self._in_words: Counter[Kind] = Counter()
        self._sample: dict[str, None] = {}
        self.holds_local = False

    def __missing__(self, text: str) -> tuple[Kind | None, frozenset[Kind]]:
        found = self._searcher.look(text)
        self.holds_local = self.holds_local or self._searcher.holds_local(text)
        if len(self) < REMEMBERED:
            self[text] = found
        return found

    def add(self, cells: Sequence[str]) -> None:
        """Count some more cells."""
        for cell in cells:
            if not cell or cell.isspace():
                continue
            self._filled += 1
            number = is_number(cell)
            self._numbers += number
            if len(self._sample) < SAMPLED:
                self._sample[cell.strip()] = None
            whole, inside = self[cell]
            if whole:
                self._whole[whole] += 1
            elif inside:
                self._inside.update(inside)
            if not number:
                self._in_words.update({whole} if whole else inside)

    @property
    def holds_something(self) -> bool:
        """Whether something was found in any of the cells."""
        return bool(self._whole or self._inside)

    @property
    def has_numbers(self) -> bool:
        """Whether hardly any cell has a letter."""
        return self._numbers > NUMBERS * self._filled

    def findings(self, threshold: float) -> Iterator[Finding]:
        """What the column is, or else what stands in its cells."""
        if not self._filled:
            return
        is_all = self._by_name(threshold) or self._by_contents(threshold)
        if is_all:
            yield is_all
        else:
            found = self._in_words if self.has_numbers else self._whole + self._inside
            for kind in CONTENTS:
                if cells := found[kind]:
                    yield self._finding(kind, INSIDE, _SURE_INSIDE.get(kind, _LESS_SURE), cells, whole=False)

    def _by_name(self, threshold: float) -> Finding | None:
        named = kind_of_name(self.name)
        if named is None:
            return None
        kind, confidence = named
        cells = self._whole[kind] + self._inside[kind]
        if kind in _PROVABLE and not cells:
            confidence = LIKELY  # an e-mail column without a single address may be about something else
        if confidence < threshold:
            return None
        return self._finding(kind, BY_BOTH if cells else BY_NAME, confidence, cells, whole=True)

    def _by_contents(self, threshold: float) -> Finding | None:
        kind = max(CONTENTS, key=lambda each: self._whole[each])
        share = self._whole[kind] / self._filled
        ids = share_of_ids([*self._sample])
        if ids > share:
            kind, share = Kind.NATIONAL_ID, ids
        if share < threshold:
            return None
        return self._finding(kind, BY_CONTENTS, share, max(self._whole[kind], round(ids * self._filled)), whole=True)

    def _finding(self, kind: Kind, found_by: str, confidence: float, cells: int, *, whole: bool) -> Finding:
        return Finding(self.name, kind, found_by, confidence, cells, self._filled, whole)
