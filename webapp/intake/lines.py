"""A block of bytes as lines of text, each with its place in the block."""

import re
from dataclasses import dataclass
from itertools import accumulate

# What a byte that is no text becomes (see "surrogateescape"), and the NUL character.
_DOUBTFUL = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Lines:
    """`bounds` holds the offset of each line and, last, of the end; `doubtful` the lines whose text is not clean."""

    texts: list[str]
    bounds: list[int]
    doubtful: list[int]


def split_lines(block: bytes, encoding: str, offset: int = 0) -> Lines:
    """The physical lines of a block of whole lines that stands at `offset` in the file."""
    try:
        text = block.decode(encoding)
        clean = "\0" not in text
    except UnicodeDecodeError:
        text = block.decode(encoding, "surrogateescape")
        clean = False
    texts = text.splitlines(keepends=True)
    pieces: list[str] | list[bytes] = texts
    if len(text) != len(block) or len(texts) != count_lines(block):
        # Characters of several bytes, or line breaks that only str.splitlines knows.
        pieces = block.splitlines(keepends=True)
        if len(texts) != len(pieces):
            texts = [piece.decode(encoding, "surrogateescape") for piece in pieces]
    doubtful = [] if clean else [i for i, text in enumerate(texts) if _DOUBTFUL.search(text)]
    return Lines(texts, list(accumulate(map(len, pieces), initial=offset)), doubtful)


def count_lines(block: bytes) -> int:
    """How many physical lines a block of whole lines has."""
    breaks = block.count(b"\n")
    if b"\r" in block:
        breaks += block.count(b"\r") - block.count(b"\r\n")
    return breaks + (not block.endswith((b"\n", b"\r")) and bool(block))
