"""The texts that the cells of an XLSX workbook share."""

import re

from webapp.intake.archives import Bounded
from webapp.intake.errors import TooMuchInsideError
from webapp.intake.workbook.text import SPACES, csv_cells, unescape
from webapp.intake.workbook.xml import WHAT, feed, local, new_parser, pieces

MOST_STRINGS = 8_000_000
MOST_CHARACTERS = 512 * 1024 * 1024
_CROWD = "It has too many different texts. Save the sheet as CSV, and choose that file."
_OPEN, _CLOSE = "<si><t>", "</t></si>"
_BETWEEN = _CLOSE + _OPEN
_PLAIN = re.compile(r'<si><t( xml:space="preserve")?>([^<]*+)</t></si>')


def shared_strings(source: Bounded) -> list[str]:
    """The texts in their order, ready to be cells of CSV.

    Raises:
        TooMuchInsideError: they are too many, or too long.
    """
    strings: list[str] = []
    characters = 0
    for piece in pieces(source, "si"):
        plain = _plainly(piece)
        if plain is None:
            plain = _exactly(piece)
        elif "&" in piece:
            plain = list(map(unescape, plain))
        characters += sum(map(len, plain))
        strings += csv_cells(plain)
        if len(strings) > MOST_STRINGS or characters > MOST_CHARACTERS:
            raise TooMuchInsideError(WHAT, _CROWD)
    return strings


def _plainly(piece: str) -> list[str] | None:
    """The texts of a piece in which each has one tag; None of any other."""
    count, start, end = piece.count("<si"), piece.find(_OPEN), piece.rfind(_CLOSE)
    if piece.count(_BETWEEN) == count - 1 and piece.count("<", start, end) == 4 * count - 2:
        return [text.strip(SPACES) for text in piece[start + len(_OPEN) : end].split(_BETWEEN)]
    found: list[tuple[str, str]] = _PLAIN.findall(piece)
    return [text if kept else text.strip(SPACES) for kept, text in found] if len(found) == count else None


def _exactly(piece: str) -> list[str]:
    """The texts of a piece in which some have letters of several kinds, or readings of Asian characters."""
    reader = _Reader()
    end = piece.rfind("</sst")
    feed(reader.parser, f"<sst>{piece[piece.find('<si') : end if end >= 0 else None]}</sst>".encode(), final=True)
    return reader.strings


class _Reader:
    def __init__(self) -> None:
        self.strings: list[str] = []
        self._texts: list[str] = []
        self._text = ""
        self._kept = False
        self._within: list[str] = []
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._within.append(local(name))
        self._text = ""
        self._kept = attributes.get("xml:space") == "preserve"

    def _end(self, name: str) -> None:
        self._within.pop()
        if local(name) == "si":
            self.strings.append("".join(self._texts))
            self._texts.clear()
        elif local(name) == "t" and "rPh" not in self._within:
            self._texts.append(self._text if self._kept else self._text.strip(SPACES))

    def _data(self, text: str) -> None:
        self._text += text
