"""Parquet: every column a text, a blank cell no value; made by DuckDB from a CSV on disk."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from webapp.services.outputs.csv import CsvOutput

READ = """
    FROM read_csv(
        $source, columns = $columns, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
        max_line_size = $longest, buffer_size = $buffer
    )
"""
MIB = 2**20


class LostRowsError(Exception):
    """DuckDB did not read back every row: the file must not be handed out."""


@contextmanager
def open_parquet(target: BinaryIO, columns: Sequence[str]) -> Iterator[CsvOutput]:
    """Write a Parquet file into `target`; the same rows make the same bytes.

    Raises:
        LostRowsError: the file does not hold every row; nothing was written.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "table.csv").open("wb") as file:
            output = CsvOutput(file, columns)
            yield output
        _convert(folder, columns, output)
        with (folder / "table.parquet").open("rb") as made:
            shutil.copyfileobj(made, target)


def _convert(folder: Path, columns: Sequence[str], output: CsvOutput) -> None:
    import duckdb  # noqa: PLC0415 (heavy: only who writes Parquet waits for it)

    longest = max(output.longest_write, 2 * MIB)
    options: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,  # several threads would write row groups of other sizes each time
        "memory_limit": f"{128 + 12 * longest // MIB}MiB",
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=options) as connection:
        parameters = {
            "source": str(folder / "table.csv"),
            "columns": dict.fromkeys(_apart(columns), "VARCHAR"),
            "longest": longest,
            "buffer": 2 * longest,
        }
        connection.sql(READ, params=parameters).write_parquet(str(folder / "table.parquet"), compression="zstd")
        found = connection.read_parquet(str(folder / "table.parquet")).count("*").fetchall()[0][0]
    if found != output.rows:
        raise LostRowsError(f"wrote {output.rows} rows, read back {found}")


def _apart(columns: Sequence[str]) -> list[str]:
    """Names that differ in more than their case, as DuckDB needs them."""
    taken: dict[str, str] = {}
    for column in columns:
        name, number = column, 2
        while name.casefold() in taken:
            name, number = f"{column} {number}", number + 1
        taken[name.casefold()] = name
    return list(taken.values())
