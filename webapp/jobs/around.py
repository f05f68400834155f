"""What stands around a table: the file's first physical lines, and those below the table, as text."""

import re
from dataclasses import dataclass
from pathlib import Path

from webapp.intake import Reading
from webapp.intake.decode import decode_head
from webapp.intake.lines import count_lines
from webapp.intake.preview import COUNTED_BYTES

FEWEST_FIRST = 12
MOST_FIRST = 40
MOST_BELOW = 20
MOST_CHARACTERS = 300
_BYTES = 256 * 1024
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Around:
    """Lines without their breaks: the file's first ones, and the first of those left out below the table.

    `last_line` is the line that the table ends with; None in a file that is too large to count while somebody waits.
    """

    first: list[str]
    below: list[str]
    last_line: int | None


def look_around(text: Path, encoding: str, reading: Reading) -> Around:
    """Look at a file's text, which is in this encoding: the one that records are read from, or the file itself."""
    with text.open("rb") as file:
        head = file.read(_BYTES)
        file.seek(reading.end_offset)
        below = file.read(_BYTES) if reading.end_offset else b""
    wanted = min(max(reading.data_line + 2, FEWEST_FIRST), MOST_FIRST)
    return Around(
        first=_lines(decode_head(head, encoding))[:wanted],
        below=_lines(below.decode(encoding, "replace"))[:MOST_BELOW],
        last_line=_last_line(text, encoding, reading),
    )


def _lines(text: str) -> list[str]:
    whole = text.encode("utf-8", "replace").decode()  # what is no text may not get as far as the page
    lines = [line[:MOST_CHARACTERS] for line in _BREAK.split(whole)]
    return lines if lines[-1] else lines[:-1]


def _last_line(text: Path, encoding: str, reading: Reading) -> int | None:
    if text.stat().st_size > COUNTED_BYTES or encoding != reading.text_encoding:
        return None
    table = text.read_bytes()[: reading.end_offset or None]
    return count_lines(table.rstrip())
