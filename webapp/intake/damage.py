"""What a spreadsheet, or a wrong encoding, has done to the cells of a file: the kinds, and how each is said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

MOST_EXAMPLES: Final = 3
EXAMPLE_CHARACTERS: Final = 60


class DamageKind(StrEnum):
    """What happened to the cells. Kinds from `UNCACHED_FORMULAS` on are told by a workbook only."""

    SCIENTIFIC = "scientific"
    LOST_ZEROS = "lost_zeros"
    DATED = "dated"
    MIXED_DAYS = "mixed_days"
    MOJIBAKE = "mojibake"
    ERROR_CELLS = "error_cells"
    ROUNDED = "rounded"
    CUT = "cut"
    HASHES = "hashes"
    TRUTH_WORDS = "truth_words"
    INVISIBLE = "invisible"
    APOSTROPHES = "apostrophes"
    UNCACHED_FORMULAS = "uncached_formulas"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    HIDDEN_SHEETS = "hidden_sheets"


@dataclass(frozen=True, slots=True)
class Example:
    """A damaged cell: the physical line its record begins on (in a workbook the row of the sheet), and its text."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Damage:
    """One kind of damage to one column, or to the whole file where `column` is None.

    `count` is exact over all rows that were looked at, `examples` are the first few. `offer` says in words how it can
    be repaired; None where only the source has the right text.
    """

    kind: DamageKind
    column: str | None
    count: int
    examples: tuple[Example, ...] = ()
    offer: str | None = None

    @property
    def sentence(self) -> str:
        """What is wrong, where, how often, and one example: for the operator."""
        one, many = _WHAT[self.kind]
        what = f"1 {one}" if self.count == 1 else f"{self.count:,} {many}"
        where = f"{self.column}: " if self.column else ""
        return f"{where}{what}{self._shown()}."

    def to_json(self) -> dict[str, Any]:
        """The damage as JSON values, with its sentence."""
        return {
            "kind": self.kind.value,
            "column": self.column,
            "count": self.count,
            "examples": [{"line": example.line, "text": example.text} for example in self.examples],
            "offer": self.offer,
            "sentence": self.sentence,
        }

    def _shown(self) -> str:
        if not self.examples:
            return ""
        first = self.examples[0]
        where = f"line {first.line:,}" if first.line else ""
        text = f"“{first.text}”" if first.text else ""
        named = ": ".join(part for part in (where, text) if part)
        return f", first {named}" if self.count > 1 else f", {named}"


_WHAT: Final[dict[DamageKind, tuple[str, str]]] = {
    DamageKind.SCIENTIFIC: (
        "number is written as 1.2E+11 where the others have all their digits",
        "numbers are written as 1.2E+11 where the others have all their digits",
    ),
    DamageKind.LOST_ZEROS: ("cell has lost its leading zeros", "cells have lost their leading zeros"),
    DamageKind.DATED: ("cell was turned into a date", "cells were turned into dates"),
    DamageKind.MIXED_DAYS: (
        "date has day and month the other way round than the rest",
        "dates have day and month the other way round than the rest",
    ),
    DamageKind.MOJIBAKE: (
        "cell has garbled letters, from text read in a wrong encoding",
        "cells have garbled letters, from text read in a wrong encoding",
    ),
    DamageKind.ERROR_CELLS: (
        "cell holds a spreadsheet's error instead of a value",
        "cells hold a spreadsheet's error instead of a value",
    ),
    DamageKind.ROUNDED: (
        "long number ends in zeros, as a spreadsheet keeps 15 digits only",
        "long numbers end in zeros, as a spreadsheet keeps 15 digits only",
    ),
    DamageKind.CUT: ("text looks cut off at a round length", "texts look cut off at a round length"),
    DamageKind.HASHES: (
        "cell shows ##### instead of its value: its column was too narrow",
        "cells show ##### instead of their values: the column was too narrow",
    ),
    DamageKind.TRUTH_WORDS: ("code was turned into TRUE or FALSE", "codes were turned into TRUE or FALSE"),
    DamageKind.INVISIBLE: (
        "cell begins or ends with a character that cannot be seen",
        "cells begin or end with a character that cannot be seen",
    ),
    DamageKind.APOSTROPHES: (
        "number has an apostrophe before it, which makes it text",
        "numbers have an apostrophe before them, which makes them text",
    ),
    DamageKind.UNCACHED_FORMULAS: (
        "formula was saved without its result, and is read as it is written",
        "formulas were saved without their results, and are read as they are written",
    ),
    DamageKind.HIDDEN_ROWS: ("row is hidden in the sheet, and is read", "rows are hidden in the sheet, and are read"),
    DamageKind.HIDDEN_COLUMNS: (
        "column is hidden in the sheet, and is read",
        "columns are hidden in the sheet, and are read",
    ),
    DamageKind.HIDDEN_SHEETS: ("sheet is hidden, and is not read", "sheets are hidden, and are not read"),
}
