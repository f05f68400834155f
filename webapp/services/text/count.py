"""Counting lines, words and characters, and the words that come most often."""

import re
from collections import Counter
from dataclasses import dataclass, field

from webapp.services.text.source import TextSource

MOST_WORDS = 1_000_000
"""Different words that are kept; above that, those that came once are forgotten, and the counts are from below."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_END = re.compile(r"\r\n|\n|\r")
_TAIL = re.compile(r"[\w'\u2019-]{1,1000}\Z")
_BAD = re.compile("[\udc80-\udcff\ufffd]")


@dataclass(slots=True)
class Counts:
    """What a text holds. `bad` are the characters that could not be read."""

    lines: int = 0
    words: int = 0
    characters: int = 0
    bad: int = 0
    is_estimate: bool = False
    often: Counter[str] = field(default_factory=Counter)


def count(source: TextSource) -> Counts:
    """Count a text of any size; lines may be as long as they like."""
    counts, rest, last = Counts(), "", ""
    for piece in source.pieces():
        if not piece:
            continue
        counts.characters += len(piece)
        counts.lines += len(_END.findall(piece)) - (last == "\r" and piece[0] == "\n")
        counts.bad += len(_BAD.findall(piece))
        last = piece[-1]
        text = rest + piece
        tail = _TAIL.search(text)
        rest = tail[0] if tail else ""
        _add(counts, text[: len(text) - len(rest)])
    _add(counts, rest)
    counts.lines += last not in {"", "\n", "\r"}  # a last line without an end
    return counts


def _add(counts: Counts, text: str) -> None:
    words = _WORD.findall(text.casefold())
    counts.words += len(words)
    counts.often.update(words)
    if len(counts.often) > MOST_WORDS:
        counts.is_estimate = True
        counts.often = Counter({word: times for word, times in counts.often.items() if times > 1})
