"""A table split into several files in a ZIP: one for each value of a column, or for so many rows each."""

import csv
import re
import shutil
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from webapp.authoring import JobError
from webapp.services.outputs.formats import Format, open_output
from webapp.services.outputs.xlsx import LONGEST_CELL

MOST_PARTS = 1_000
LONGEST_NAME = 60
_ROWS_AT_ONCE = 5_000
_NO_NAME = re.compile(r"[^\w .-]+")


class Parts:
    """Rows put aside by part, as plain CSV on disk: by the values of a column, or so many `rows` to each."""

    def __init__(self, folder: Path, *, column: int | None, rows: int, longest_cell: int | None) -> None:
        self.longest_cell = longest_cell
        self.files: dict[str, Path] = {}
        self._folder = folder
        self._column = column
        self._rows = rows
        self._written = 0

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Add rows.

        Raises:
            JobError: there would be too many files.
        """
        parts: dict[str, list[Sequence[str]]] = defaultdict(list)
        for number, row in enumerate(rows, self._written):
            value = str(number // self._rows + 1) if self._column is None else row[self._column]
            parts[value].append(row)
        self._written += len(rows)
        for value, those in parts.items():
            with self._file(value).open("a", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(those)

    def _file(self, value: str) -> Path:
        if value not in self.files:
            if len(self.files) == MOST_PARTS:
                raise JobError(
                    f"The table would be split into more than {MOST_PARTS:,} files. "
                    "Choose a column with fewer values, or more rows to a file."
                )
            self.files[value] = self._folder / f"{len(self.files)}.csv"
        return self.files[value]


@contextmanager
def open_parts(  # noqa: PLR0913 (what a table and its parts are told by)
    target: BinaryIO,
    columns: Sequence[str],
    stem: str,
    format_: Format,
    made_at: datetime,
    *,
    protect: bool,
    column: int | None,
    rows: int,
    delimiter: str = ",",
) -> Iterator[Parts]:
    """Write a ZIP of tables into `target`; the same rows and the same time make the same bytes.

    Raises:
        JobError: there would be too many files.
    """
    with tempfile.TemporaryDirectory() as name:
        longest = LONGEST_CELL if format_ == "xlsx" else None
        parts = Parts(Path(name), column=column, rows=rows, longest_cell=longest)
        yield parts
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, path in zip(_names(parts.files), parts.files.values(), strict=True):
                info = zipfile.ZipInfo(f"{stem}-{part}.{format_}", made_at.timetuple()[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=True) as file, tempfile.TemporaryFile() as made:
                    with open_output(format_, made, columns, made_at, protect=protect, delimiter=delimiter) as output:
                        for some in _read(path):
                            output.write(some)
                    made.seek(0)
                    shutil.copyfileobj(made, file)


def _read(path: Path) -> Iterator[list[list[str]]]:
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8", newline="") as file:
        rows: list[list[str]] = []
        for row in csv.reader(file):
            rows.append(row)
            if len(rows) == _ROWS_AT_ONCE:
                yield rows
                rows = []
        yield rows


def _names(values: Sequence[str] | dict[str, Path]) -> Iterator[str]:
    """A name for each value, as every system takes it; no two differ in case only."""
    taken: set[str] = set()
    for value in values:
        base = _NO_NAME.sub("_", value).strip(" .")[:LONGEST_NAME] or "blank"
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        yield name
