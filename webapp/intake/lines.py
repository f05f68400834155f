"""A block of bytes as lines of text, each with its place in the block."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from operator import add

# What a byte that is no text becomes (see "surrogateescape"), and the NUL character.
_DOUBTFUL = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Lines:
    """`bounds` holds the offset of each line and, last, of the end; `doubtful` the lines whose text is not clean.

    Where all lines end alike, `texts` are without that `ending`; where they do not, it is empty and `texts` are whole.
    """

    texts: list[str]
    bounds: list[int]
    doubtful: list[int]
    ending: str = ""

    def whole(self, first: int, stop: int) -> Sequence[str]:
        """The texts from line `first` to before `stop`, with their endings."""
        texts = self.texts if (first, stop) == (0, len(self.texts)) else self.texts[first:stop]
        return [text + self.ending for text in texts] if self.ending else texts


def split_lines(block: bytes, encoding: str, offset: int = 0) -> Lines:
    """The physical lines of a block of whole lines that stands at `offset` in the file."""
    try:
        text = block.decode(encoding)
        clean = "\0" not in text
    except UnicodeDecodeError:
        text = block.decode(encoding, "surrogateescape")
        clean = False
    ending = _ending(block)
    texts, bounds = _split_alike(block, text, ending, offset) if ending else _split(block, text, encoding, offset)
    doubtful = [] if clean else [i for i, text in enumerate(texts) if _DOUBTFUL.search(text)]
    return Lines(texts, bounds, doubtful, ending)


def count_lines(block: bytes) -> int:
    """How many physical lines a block of whole lines has."""
    breaks = block.count(b"\n")
    if b"\r" in block:
        breaks += block.count(b"\r") - block.count(b"\r\n")
    return breaks + (not block.endswith((b"\n", b"\r")) and bool(block))


def _ending(block: bytes) -> str:
    """What all lines end with, if they end alike."""
    if b"\r" not in block:
        return "\n"
    returns = block.count(b"\r")
    return "\r\n" if returns == block.count(b"\r\n") == block.count(b"\n") else ""


def _split_alike(block: bytes, text: str, ending: str, offset: int) -> tuple[list[str], list[int]]:
    texts = text.split(ending)
    pieces: list[str] | list[bytes] = texts if len(text) == len(block) else block.split(ending.encode())
    bounds = list(map(add, accumulate(map(len, pieces), initial=offset), count(0, len(ending))))
    if texts[-1]:
        bounds[-1] = offset + len(block)  # the last line has no ending
    else:
        texts.pop()
        bounds.pop()
    return texts, bounds


def _split(block: bytes, text: str, encoding: str, offset: int) -> tuple[list[str], list[int]]:
    texts = text.splitlines(keepends=True)
    pieces: list[str] | list[bytes] = texts
    if len(text) != len(block) or len(texts) != count_lines(block):
        # Characters of several bytes, or line breaks that only str.splitlines knows.
        pieces = block.splitlines(keepends=True)
        if len(texts) != len(pieces):
            texts = [piece.decode(encoding, "surrogateescape") for piece in pieces]
    return texts, list(accumulate(map(len, pieces), initial=offset))
