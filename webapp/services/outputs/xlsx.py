"""XLSX: one sheet, every cell a text, so that 007 stays 007 and =1+1 is no formula."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from webapp.authoring import JobError

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575  # and the header: 2**20
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767


class XlsxOutput:
    """Rows of one sheet, each on disk as soon as the next one begins."""

    longest_cell: int | None = LONGEST_CELL

    def __init__(self, sheet: "Worksheet", columns: Sequence[str]) -> None:
        self._sheet = sheet
        self._next = 0
        self.write([[name[:LONGEST_CELL] for name in columns]])

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Add rows.

        Raises:
            JobError: the sheet is full.
        """
        if self._next + len(rows) > MOST_ROWS + 1:
            raise JobError(
                f"An Excel sheet keeps {MOST_ROWS:,} rows, and this table has more. Choose CSV or Parquet instead."
            )
        for row, cells in enumerate(rows, self._next):
            for column, cell in enumerate(cells):
                if cell:
                    self._sheet.write_string(row, column, cell)
        self._next += len(rows)


@contextmanager
def open_xlsx(target: BinaryIO, columns: Sequence[str], made_at: datetime) -> Iterator[XlsxOutput]:
    """Write a workbook into `target`; the same rows and the same time make the same bytes.

    Raises:
        JobError: a sheet cannot keep so many columns, or so many rows.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 (heavy: only who writes a workbook waits for it)

    if len(columns) > MOST_COLUMNS:
        raise JobError(f"An Excel sheet keeps {MOST_COLUMNS:,} columns, and this table has {len(columns):,}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        workbook = Workbook(str(path), {"constant_memory": True, "tmpdir": folder})
        workbook.use_zip64()
        workbook.set_properties({"created": made_at.replace(tzinfo=None)})
        sheet = workbook.add_worksheet("Table")
        try:
            yield XlsxOutput(sheet, columns)
        except BaseException:
            sheet.row_data_fh.close()  # to close the workbook would write it all out, which nobody waits for any more
            raise
        workbook.close()
        with path.open("rb") as made:
            shutil.copyfileobj(made, target)
