"""How a file is read, in an operator's words."""

from collections.abc import Mapping
from typing import Any, Final

from webapp.intake import DELIMITER_NAMES
from webapp.jobs.settled import ENCODINGS
from webapp.web.format import number, plural

_CONTAINERS: Final = {"gzip": "unpacked from gzip", "zip": "unpacked from a ZIP archive"}


def read_as(reading: Mapping[str, Any], preview: Mapping[str, Any]) -> str:
    """One sentence: what parts the cells, where the header and the rows stand, and what is left out."""
    lines = "row" if reading.get("container") == "workbook" else "line"
    said = [*_how(reading), _header(reading, lines), _rows(reading, preview, lines)]
    return f"{', '.join(said)}{_left_out(reading, lines)}."


def encoding_words(encoding: str) -> str:
    """An encoding in words."""
    return ENCODINGS.get(encoding, encoding.upper())


def delimiter_words(delimiter: str) -> str:
    """What parts the cells, in words."""
    return f"{DELIMITER_NAMES.get(delimiter, delimiter)} between cells" if delimiter else "one column only"


def lines_above(reading: Mapping[str, Any]) -> int:
    """How many lines stand above the table."""
    return int(reading["header_line"] or reading["data_line"]) - 1


def _how(reading: Mapping[str, Any]) -> list[str]:
    container, sheet = reading.get("container", ""), reading.get("sheet", "")
    if container == "workbook":
        return [f"sheet “{sheet}”"]
    packed = [f"{_CONTAINERS[container]}{f' (“{sheet}”)' if sheet else ''}"] if container in _CONTAINERS else []
    return [*packed, delimiter_words(reading["delimiter"]), encoding_words(reading["encoding"])]


def _header(reading: Mapping[str, Any], lines: str) -> str:
    first, after = reading["header_line"], reading["data_line"]
    if not first:
        return "no header"
    if reading.get("header_rows", 1) > 1 and after - 1 > first:
        return f"header in {lines}s {number(first)} to {number(after - 1)}"
    return f"header in {lines} {number(first)}"


def _rows(reading: Mapping[str, Any], preview: Mapping[str, Any], lines: str) -> str:
    first, last = reading["data_line"], preview.get("last_line")
    if last is None:
        return f"rows from {lines} {number(first)} on"
    return (
        f"rows in {lines}s {number(first)} to {number(last)}" if last > first else f"one row in {lines} {number(first)}"
    )


def _left_out(reading: Mapping[str, Any], lines: str) -> str:
    above, below = lines_above(reading), reading.get("footer_lines", 0)
    if above and below:
        return f"; {plural(above, lines)} above and {number(below)} below the table are left out"
    if above or below:
        verb = "is" if above + below == 1 else "are"
        return f"; {plural(above or below, lines)} {'above' if above else 'below'} the table {verb} left out"
    return ""
