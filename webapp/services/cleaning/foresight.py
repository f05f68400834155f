"""What cleaning will change in the first rows of a table: rule by rule, with some cells before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from webapp.authoring import Foreseen, Sample
from webapp.services.cleaning.cells import Change, Cleaner
from webapp.services.cleaning.report import why_left_out
from webapp.services.cleaning.rules import Rules

MOST_EXAMPLES: Final = 3
Row = tuple[int, Sequence[str]]


@dataclass(slots=True)
class Tally:
    """How many cells a rule changes, and the first that differ from each other."""

    count: int = 0
    examples: dict[str, str] = field(default_factory=dict)

    def look(self, before: str, after: str) -> None:
        """Take in a cell as it is and as it will be."""
        if before != after:
            self.count += 1
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.setdefault(before, after)

    def foreseen(self, name: str) -> Foreseen:
        """The same in words."""
        says = "no cell changes" if not self.count else _said(self.count, "cell changes", "cells change")
        return Foreseen(name, says, tuple(self.examples.items()))


def foresee_cleaning(
    sample: Sample, changes: Mapping[str, Change], rules: Rules, titles: Mapping[str, str], cleaner: Cleaner
) -> tuple[list[Foreseen], list[Row]]:
    """Clean the rows of a sample: what that changes, and the rows that stay.

    Args:
        sample: the rows.
        changes: what is done to each cell, by the words for it, in order.
        rules: those for columns.
        titles: the words for the rule of each column that has one.
        cleaner: tells which of the cleaned rows are left out.
    """
    tallies = {name: Tally() for name in changes}
    of_columns = {column: Tally() for column in titles}
    left_out: dict[str, int] = {}
    rejected = 0
    kept: list[Row] = []
    for row, found in sample.rows:
        cells = list(found)
        for name, change in changes.items():
            changed = list(map(change, cells))
            _tally(tallies[name], cells, changed)
            cells = changed
        values, misfit = rules.apply(row, cells)
        for column, tally in of_columns.items():
            place = sample.columns.index(column)
            tally.look(cells[place], values[place])
        if misfit:
            rejected += 1
        elif reason := cleaner.why_not(row, values):
            why = why_left_out(reason)
            left_out[why] = left_out.get(why, 0) + 1
        else:
            kept.append((row, values))
    said = [tally.foreseen(name) for name, tally in tallies.items()]
    said += [tally.foreseen(f"{titles[column]}, {column}") for column, tally in of_columns.items()]
    said += [Foreseen("What can’t be read", each) for each in rules.said()]
    if rejected:
        said.append(Foreseen("What can’t be read", _said(rejected, "row is rejected", "rows are rejected")))
    said += [Foreseen(why, _said(count, "is left out", "are left out")) for why, count in left_out.items()]
    return said, kept


def _tally(tally: Tally, before: Sequence[str], after: Sequence[str]) -> None:
    for old, new in zip(before, after, strict=True):
        tally.look(old, new)


def _said(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
