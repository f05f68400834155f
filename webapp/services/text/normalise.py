"""Line ends, trailing blanks, tabs and letters in one way of writing, as UTF-8."""

import re
import unicodedata
from collections.abc import Callable
from typing import BinaryIO, Literal

from webapp.services.text.source import TextSource, TextWriter

LineEnds = Literal["lf", "crlf", "keep"]
ENDS: dict[LineEnds, str | None] = {"lf": "\n", "crlf": "\r\n", "keep": None}
_BAD = re.compile("[\udc80-\udcff]")


def normaliser(*, trailing: bool, tab_width: int | None, compose: bool) -> Callable[[str], str]:
    """What is done to each line: blanks at its end go, tabs become spaces, letters are composed."""

    def normal(line: str) -> str:
        if tab_width and "\t" in line:
            line = line.expandtabs(tab_width)
        if trailing:
            line = line.rstrip()
        if not line.isascii():
            line = _BAD.sub("\ufffd", line)
            if compose:
                line = unicodedata.normalize("NFC", line)
        return line

    return normal


def normalise(source: TextSource, change: Callable[[str], str], ends: LineEnds, target: BinaryIO) -> int:
    """Write the text; how many lines were changed. Where ends are made alike, the last line gets one too."""
    changed, end_of_all = 0, ENDS[ends]
    writer = TextWriter(target)
    for line, end in source.lines():
        normal, wanted = change(line), end if end_of_all is None else end_of_all
        changed += normal != line or wanted != end
        writer.write(normal + wanted)
    writer.flush()
    return changed
