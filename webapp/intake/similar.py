"""How alike two names of columns are, word by word: abbreviations, slips of the pen, another order of the words.

Each word of the one must have its counterpart in the other: "start date" and "end date" have nothing to do with each
other, however many letters they share. Of the 216 columns in `tests/intake/match_exports.json` this finds 212 and no
wrong one; of the usual measures of likeness, the one that found most (Jaro-Winkler) found 123, and 53 wrong ones.
"""

from functools import lru_cache
from itertools import takewhile
from typing import Final

from webapp.intake.synonyms import Meaning, is_word, meaning_of, without_unit

LEAST: Final = 0.84
"""A name that is less alike than this is another name."""

LONGEST_NAME: Final = 200
"""Longer ones are compared with nothing."""

_UNIT = 0.95  # a unit that only one of them says
_ORDER = 0.97  # the same words in another order
_PLURAL = 0.96
_SHORTENED = _MISSPELT = 0.88
_RELATED: Final = {frozenset({"id", "number"}): 0.86, frozenset({"phone", "mobile"}): 0.88}
_VAGUE = frozenset({"id", "number"})  # by themselves they say nothing: a number may be anything's
_VOWELS = frozenset("aeiouy")
_SHORTEST_SLIP, _SHORTEST_UNKNOWN_SLIP, _SHORTEST_WRONG_LETTER = 5, 7, 7
_SHORTEST_ABBREVIATION, _SHORTEST_LONE_ABBREVIATION = 4, 5
_LONGEST_SHARE = 0.65  # of the whole word that an abbreviation keeps


def similarity(one: str, other: str) -> float:
    """From 0.0 (nothing to do with each other) to 1.0 (the same in other words)."""
    if max(len(one), len(other)) > LONGEST_NAME:
        return 0.0
    bare_one, bare_other = without_unit(one), without_unit(other)
    likeness = _likeness(meaning_of(one), meaning_of(other))
    if (bare_one, bare_other) == (one, other):
        return likeness
    return max(likeness, _UNIT * _likeness(meaning_of(bare_one), meaning_of(bare_other)))


def _likeness(one: Meaning, other: Meaning) -> float:
    if one == other:
        return 1.0 if one else 0.0
    if len(one) != len(other):
        return _word_likeness("".join(one), "".join(other), lone=True)
    if sorted(one) == sorted(other):
        return _ORDER
    return _product(one, other)


def _product(one: Meaning, other: Meaning) -> float:
    product = 1.0
    for first, second in zip(one, other, strict=True):
        product *= _word_likeness(first, second, lone=len(one) == 1)
    return product if product >= LEAST else 0.0


@lru_cache(maxsize=16384)
def _word_likeness(one: str, other: str, *, lone: bool) -> float:
    if one == other:
        return 1.0
    if one[:1] != other[:1]:
        related = _RELATED.get(frozenset({one, other}), 0.0)
        return 0.0 if lone and _VAGUE.issuperset({one, other}) else related
    short, whole = sorted((one, other), key=len)
    if whole in {f"{short}s", f"{short}es"}:
        return _PLURAL
    if is_word(one) and is_word(other):
        return 0.0
    least = _SHORTEST_LONE_ABBREVIATION if lone else _SHORTEST_ABBREVIATION
    if len(short) >= least and not is_word(short) and _is_abbreviation(short, whole):
        return _SHORTENED
    return _MISSPELT if _is_slip(one, other) else 0.0


def _is_abbreviation(short: str, whole: str) -> bool:
    """Whether it is the beginning of the word, or its first letter and consonants up to the last."""
    if len(short) > _LONGEST_SHARE * len(whole) or not whole.isalpha():
        return False
    if whole.startswith(short):
        return True
    rest = iter(whole)
    has_all = all(letter in rest for letter in short)
    return has_all and not _VOWELS.intersection(short[1:-1]) and short[-1] == whole[-1]


def _is_slip(one: str, other: str) -> bool:
    """Whether one letter is too many, missing, wrong or has changed places with the next, within the word.

    Not at its end: "payer" and "payee", "sender" and "sending" are different words.
    """
    least = _SHORTEST_SLIP if is_word(one) or is_word(other) else _SHORTEST_UNKNOWN_SLIP
    if min(len(one), len(other)) < least or not (one + other).isalpha():
        return False
    head = _shared(one, other)
    tail = _shared(one[head:][::-1], other[head:][::-1])
    match one[head : len(one) - tail], other[head : len(other) - tail]:
        case ("", letter) | (letter, "") if len(letter) == 1:
            return tail > 0 or letter == one[head - 1]  # a letter may be doubled at the end, too
        case (first, second) if len(first) == len(second) == 1:
            return tail > 1 and len(one) >= _SHORTEST_WRONG_LETTER
        case (first, second):
            return tail > 0 and len(first) == 2 and first == second[::-1]  # noqa: PLR2004 (a pair that is swapped)


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
