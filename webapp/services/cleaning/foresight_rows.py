"""What cleaning will make of the first rows as a whole: rows that repeat, rows that are alike, tables in parts."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from webapp.authoring import Foreseen
from webapp.services.cleaning.choices import SimilarChoice, SplitChoice
from webapp.services.cleaning.foresight import Row
from webapp.services.cleaning.report import REPEATED
from webapp.services.cleaning.similar import similar_pairs
from webapp.services.outputs.parts import MOST_PARTS

MOST_NAMED: Final = 4
MOST_COUNTED: Final = 10_000  # pairs
LONGEST: Final = 30  # characters of what is cited


def repeated_rows(rows: Sequence[Row]) -> Iterator[Foreseen]:
    """Rows that say the same as an earlier one in every column, where nobody has asked to leave them out."""
    first: dict[tuple[str, ...], int] = {}
    again = [row for row, cells in rows if any(cells) and first.setdefault(tuple(cells), row) != row]
    if again:
        which = f"({_some([f'{row:,}' for row in again])})"
        same = f"1 row {which} is" if len(again) == 1 else f"{len(again):,} rows {which} are"
        stays, it = ("It stays", "it") if len(again) == 1 else ("They stay", "them")
        yield Foreseen(
            REPEATED,
            f"{same} the same as an earlier one in every column. {stays}. "
            f"To leave {it} out, choose columns under “Drop repeated rows by”.",
        )


def similar_rows(rows: Sequence[Row], columns: Sequence[str], choice: SimilarChoice) -> Iterator[Foreseen]:
    """How many pairs of rows are nearly the same."""
    if not choice.columns:
        return
    places = [columns.index(name) for name in choice.columns]
    texts = [" ".join(cells[place] for place in places) for _, cells in rows]
    pairs = list(islice(similar_pairs(texts, choice.threshold, lambda _done, _total: None), MOST_COUNTED + 1))
    if not pairs:
        yield Foreseen("Similar rows", "no pair found")
        return
    count = f"more than {MOST_COUNTED:,}" if len(pairs) > MOST_COUNTED else f"{len(pairs):,}"
    first, second, _ = pairs[0]
    such = f"rows {rows[first][0]:,} and {rows[second][0]:,}, {_cited(texts[first])} and {_cited(texts[second])}"
    listed = f"{'1 pair' if len(pairs) == 1 else f'{count} pairs'}{':' if len(pairs) == 1 else ', such as'} {such}"
    yield Foreseen("Similar rows", f"{listed}. All rows stay; a file of its own lists the pairs.")


def split_tables(
    rows: Sequence[Row], columns: Sequence[str], choice: SplitChoice, *, whole: bool
) -> Iterator[Foreseen]:
    """Into how many tables the rows go; `whole` if these are all rows."""
    if choice.by == "column" and choice.column:
        place = columns.index(choice.column)
        names = list(dict.fromkeys(cells[place] for _, cells in rows))
        count, each = len(names), f": {_some([_cited(name) if name else 'blank' for name in names])}"
    elif choice.by == "rows" and whole:
        count, each = -(-len(rows) // choice.rows), ""
    elif choice.by == "rows":
        yield Foreseen("Split the table", f"a ZIP with a new table after every {choice.rows:,} rows")
        return
    else:
        return
    if count > MOST_PARTS:
        says = f"more than {MOST_PARTS:,} tables, which is too many: the job would stop. Split it otherwise."
    else:
        says = f"a ZIP with {'1 table' if count == 1 else f'{count:,} tables'}{each}"
    yield Foreseen("Split the table", says)


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many there are beyond."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _cited(text: str) -> str:
    return f"“{text[:LONGEST]}{'…' if len(text) > LONGEST else ''}”"
