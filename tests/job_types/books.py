"""The same table as a spreadsheet program or a compressor writes it."""

import gzip
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import openpyxl

Cell = str | int | float | date | None
Rows = Sequence[Sequence[Cell]]

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def write_xlsx(path: Path, rows: Rows) -> Path:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def write_ods(path: Path, rows: Rows) -> Path:
    """A spreadsheet with one sheet."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    body = f'<table:table table:name="Sheet1">{lines}</table:table>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _ODS)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMES}><office:body><office:spreadsheet>{body}</office:spreadsheet>"
            "</office:body></office:document-content>",
        )
    return path


def write_gzip(path: Path, rows: Rows) -> Path:
    """Comma-separated text, compressed."""
    text = "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()))
    return path


WRITERS: Final[dict[str, Callable[[Path, Rows], Path]]] = {
    "goods.xlsx": write_xlsx,
    "goods.ods": write_ods,
    "goods.csv.gz": write_gzip,
}
"""How each file is written, by its name."""


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        kind = 'value-type="string"'
    elif isinstance(cell, date):
        kind = f'value-type="date" office:date-value="{cell}"'
    else:
        kind = f'value-type="float" office:value="{cell}"'
    return f"<table:table-cell office:{kind}><text:p>{escape(str(cell))}</text:p></table:table-cell>"
