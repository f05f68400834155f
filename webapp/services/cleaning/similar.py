"""Rows that are nearly the same: found among those that share the beginning of a word, in seconds for 100,000 rows."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

MOST_ROWS = 500_000
MOST_PAIRS = 100_000
BEGINNING = 3
LARGEST_BLOCK = 200
NEIGHBOURS = 20
"""Of the rows that share the beginning of a word with many, these many that come next by the alphabet are compared."""
_WORD = re.compile(r"[^\W_]+")


class Pair(NamedTuple):
    """Two places in the list, the earlier one first, and how alike they are, up to 100."""

    first: int
    second: int
    alike: float


def similar_pairs(texts: Sequence[str], threshold: float, tick: Callable[[int, int], None]) -> Iterator[Pair]:
    """Pairs of texts that are at least so alike, whatever the order of their words, each pair once.

    Two are compared if words of theirs begin with the same three letters; of words that begin very many texts, if they
    are near each other by the alphabet. All are compared with those near them, read forwards and backwards. `tick` is
    told how far it is.
    """
    from rapidfuzz.fuzz import ratio  # noqa: PLC0415 (heavy: only who needs it waits for it)
    from rapidfuzz.process import extract  # noqa: PLC0415

    plain = [_plain(text) for text in texts]
    blocks = _blocks(plain)
    seen: set[tuple[int, int]] = set()
    for number, block in enumerate(blocks):
        tick(number, len(blocks))
        width = len(block) if len(block) <= LARGEST_BLOCK else NEIGHBOURS
        block_texts = [plain[place] for place in block]
        for place, first in enumerate(block, 1):
            others = block_texts[place : place + width]
            for _, alike, offset in extract(plain[first], others, scorer=ratio, score_cutoff=threshold, limit=None):
                second = block[place + offset]
                pair = (first, second) if first < second else (second, first)
                if pair not in seen:
                    seen.add(pair)
                    yield Pair(*pair, alike)


def _blocks(plain: Sequence[str]) -> list[list[int]]:
    """Places by the beginnings of their words; each block in the order of the alphabet, if it is large.

    And all that have words, in both orders.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(plain):
        for beginning in {word[:BEGINNING] for word in text.split()}:
            found[beginning].append(place)
    blocks = [places for _, places in sorted(found.items()) if len(places) > 1]
    for block in blocks:
        if len(block) > LARGEST_BLOCK:
            block.sort(key=lambda place: plain[place])
    filled = [place for place, text in enumerate(plain) if text]
    forwards = sorted(filled, key=lambda place: plain[place])
    backwards = sorted(filled, key=lambda place: plain[place][::-1])
    return [*blocks, forwards, backwards]


def _plain(text: str) -> str:
    """The words in small letters without accents, sorted."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(sorted(_WORD.findall(letters)))
