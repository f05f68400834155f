"""The formats that an operator may choose for a table, and the name of the file."""

from codecs import BOM_UTF8
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO, Literal

from webapp.intake import defuse
from webapp.services.outputs.base import Output
from webapp.services.outputs.csv import CsvOutput
from webapp.services.outputs.parquet import open_parquet
from webapp.services.outputs.xlsx import open_xlsx

Format = Literal["csv", "xlsx", "parquet"]
FORMAT_LABELS = {"csv": "CSV", "xlsx": "Excel (XLSX)", "parquet": "Parquet"}


def open_output(  # noqa: PLR0913 (what a table is written by)
    format_: Format,
    file: BinaryIO,
    columns: Sequence[str],
    made_at: datetime,
    *,
    protect: bool,
    delimiter: str = ",",
) -> AbstractContextManager[Output]:
    """A table in the chosen format; `protect` makes a CSV safe for spreadsheets, `delimiter` is that of a CSV."""
    if format_ == "xlsx":
        return open_xlsx(file, columns, made_at)
    if format_ == "parquet":
        return open_parquet(file, columns)
    if protect:
        return nullcontext(CsvOutput(file, columns, defuse, begin=BOM_UTF8, delimiter=delimiter))
    return nullcontext(CsvOutput(file, columns, delimiter=delimiter))


def stem_of(file_name: str) -> str:
    """The name without what tells the kind of file, as in goods.csv.gz."""
    path = PurePath(file_name)
    return PurePath(path.stem).stem if path.suffix.lower() == ".gz" else path.stem
