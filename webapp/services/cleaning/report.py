"""What cleaning has done, rule by rule, for the page of a job that has ended."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from webapp.services.cleaning.rules import Rules

TITLE: Final = "What was done"
HEADER: Final = ("Rule", "In the whole file")
EMPTY: Final = "Empty rows"
REPEATED: Final = "Repeated rows"


def why_left_out(reason: str) -> str:
    """What rows are that a `Cleaner` leaves out for this reason."""
    return EMPTY if reason.startswith("every cell") else REPEATED


def what_was_done(
    changed: Iterable[tuple[str, int]], rules: Rules, titles: Mapping[str, str], left_out: Counter[str]
) -> Sequence[tuple[str, str]]:
    """Pairs of a rule and what it did.

    Args:
        changed: each rule for all cells, with how many it changed.
        rules: those for columns.
        titles: the words for the rule of each column that has one.
        left_out: how many rows were left out, by what they are.
    """
    done = [*changed, *((f"{title}, {column}", rules.changed[column]) for column, title in titles.items())]
    cells = [(name, f"{count:,} cells changed" if count > 1 else _few(count)) for name, count in done]
    return [*cells, *((what, f"{count:,} left out") for what, count in left_out.items())]


def _few(count: int) -> str:
    return "1 cell changed" if count else "no cell changed"
