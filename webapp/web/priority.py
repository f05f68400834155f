"""How soon a job's turn comes, in words: three of two hundred degrees are enough for people."""

from collections.abc import Mapping
from typing import Final

LOW, NORMAL, HIGH = -10, 0, 10
LEAST, MOST = -100, 100
WORDS: Final[Mapping[int, str]] = {LOW: "Low", NORMAL: "Normal", HIGH: "High"}


def word(priority: int) -> str:
    """The priority in a word, or as a number where a program has set one in between."""
    return WORDS.get(priority, f"{priority:+d}")
