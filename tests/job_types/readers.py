"""What a report's files say, read by other means than they were written by: every format as plain texts."""

import csv
import io
import re
import zlib
from html.parser import HTMLParser

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell

Tables = dict[str, list[list[str]]]
"""By the title of the section: the header and the rows."""


def tables_of_page(content: bytes) -> Tables:
    """Of the web page."""
    reader = _Page()
    reader.feed(content.decode())
    return reader.tables


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: Tables = {}
        self._title, self._text = "", ""

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.tables.setdefault(self._title, []).append([])
        if tag in {"h2", "td", "th"}:
            self._text = ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "h2":
            self._title = self._text
        if tag in {"td", "th"}:
            self.tables[self._title][-1].append(self._text)


def tables_of_book(content: bytes) -> Tables:
    """Of the workbook, by the names of the sheets; figures as they are shown, and nothing may be a formula."""
    tables: Tables = {}
    for sheet in load_workbook(io.BytesIO(content)).worksheets[1:]:
        tables[sheet.title] = rows = []
        for row in sheet.iter_rows(max_col=sheet.max_column):
            assert all(cell.data_type in "ns" for cell in row)
            if all(cell.value is None for cell in row):
                break
            rows.append([_shown(cell) for cell in row])
    return tables


def _shown(cell: Cell) -> str:
    if cell.value is None or isinstance(cell.value, str):
        return cell.value or ""
    places = len(cell.number_format.partition(".")[2])
    return f"{cell.value:,.{places}f}"


def table_of_csv(content: bytes) -> list[list[str]]:
    """Of a CSV."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def words_of_pdf(content: bytes) -> str:
    """All texts of a PDF's pages in their order, those of the charts too; one space between two of them."""
    objects = {int(found[1]): content[found.end() :] for found in re.finditer(rb"\n(\d+) 0 obj\s", content)}
    fonts = {
        name: _letters(_stream(objects[_ref(rb"ToUnicode", objects[int(number)])]))
        for body in objects.values()
        for names in re.findall(rb"/Font<<(.*?)>>", body.partition(b"endobj")[0], re.DOTALL)
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", names)
    }
    runs: list[str] = []
    for body in objects.values():
        for begun in re.findall(rb"BT(.*?)\nET", _stream(body), re.DOTALL):
            font = re.search(rb"/(f\d+) ", begun)
            assert font is not None
            codes = _codes(begun)
            letters = fonts[font[1]]
            runs.append("".join(letters.get(codes[place : place + 2], "�") for place in range(0, len(codes), 2)))
    return re.sub(r"\s+", " ", " ".join(runs).replace("\u200b", ""))


def _ref(name: bytes, body: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found is not None
    return int(found[1])


def _stream(body: bytes) -> bytes:
    """The content of an object, if it has one."""
    head, found, _ = body.partition(b"endobj")[0].partition(b"stream")
    length = re.search(rb"/Length (\d+)", head)
    if not found or length is None:
        return b""
    content = body[len(head) + len(found) :].lstrip(b"\r")[1:][: int(length[1])]
    return zlib.decompress(content) if b"FlateDecode" in head else content


def _letters(table: bytes) -> dict[bytes, str]:
    """Which letters a font's codes stand for."""
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL)
        for code, text in re.findall(rb"<([0-9A-F]+)> <([0-9A-F]+)>", block)
    }


def _codes(written: bytes) -> bytes:
    """The bytes of all strings in a piece of a page."""
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    codes, depth = bytearray(), 0
    for sign in re.findall(rb"\\[0-7]{1,3}|\\.|.", written, re.DOTALL):
        if depth and sign.startswith(b"\\"):
            codes += bytes([int(sign[1:], 8)]) if sign[1:].isdigit() else named.get(sign[1:], sign[1:])
            continue
        depth -= sign == b")"
        if depth:
            codes += sign
        depth += sign == b"("
    return bytes(codes)
