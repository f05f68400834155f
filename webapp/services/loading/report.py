"""What a dry run says: counts in a sentence, the first differences as a table, and all of them as a CSV file."""

import csv
import io
from typing import BinaryIO

from webapp.intake import defuse
from webapp.services.datatables.compare import Counts, Difference
from webapp.services.datatables.incoming import MOST_WIDE

HEADER = ("what", "row", "column", "before", "after")
MOST_SHOWN = 20


class Differences:
    """Takes in the differences as they are found: the first are kept, all are written."""

    def __init__(self, file: BinaryIO, key: tuple[str, ...]) -> None:
        self.first: list[tuple[str, ...]] = []
        self._key = key
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text)
        self._csv.writerow(HEADER)

    def note(self, found: Difference) -> None:
        """Take in one."""
        line = (found.what, self._named(found.row), found.column, _said(found.before), _said(found.after))
        self._csv.writerow([defuse(cell) for cell in line])
        if len(self.first) < MOST_SHOWN:
            self.first.append(line)

    def end(self) -> None:
        """All were found; the file is the caller's again."""
        self._text.detach()

    def _named(self, row: tuple[object, ...]) -> str:
        if not self._key:
            return ", ".join(_said(value) for value in row)
        return ", ".join(f"{name} {_said(value)}" for name, value in zip(self._key, row, strict=True))


def sentence(table: str, counts: Counts | None, refused: int) -> str:
    """What a dry run has come to; without `counts` if rows can't be compared."""
    if counts is None:
        rows = "1 row" if refused == 1 else f"{refused:,} rows"
        return (
            f"Dry run: nothing was changed. {rows} would be refused. What the others would change can’t be compared: "
            f"table {table} has no rowid, or more than {MOST_WIDE:,} columns."
        )
    parts = [
        f"{counts.new:,} new",
        f"{counts.changed:,} changed",
        f"{counts.unchanged:,} unchanged",
        *([f"{counts.removed:,} removed"] if counts.removed else []),
        f"{refused:,} refused",
    ]
    return f"Dry run: nothing was changed. Rows of table {table} would be: {', '.join(parts)}."


def _said(value: object) -> str:
    return "" if value is None else str(value)
