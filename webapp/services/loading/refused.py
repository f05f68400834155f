"""Rows that will be refused, or come together with another one, as far as the file alone tells."""

from collections.abc import Iterator, Sequence

from webapp.authoring import Sample
from webapp.services.loading.mixed import rows_named
from webapp.services.typed_cells import Misfit, TypedColumn

Said = Iterator[tuple[str, str]]
"""What is said, after the name of what it is said of."""


def will_not_fit(sample: Sample, columns: Sequence[TypedColumn]) -> Said:
    """The columns with cells that are not of their type, and what is said of each."""
    for place, column in enumerate(columns):
        misfits: dict[int, tuple[str, Misfit]] = {}
        column.values_of([cells[place] for _, cells in sample.rows], misfits)
        if misfits:
            rows = [sample.rows[index][0] for index in misfits]
            first = min(misfits)
            shown = f"“{sample.rows[first][1][place].strip():.40}” {misfits[first][1].reason}"
            yield column.name, f"{_rows(rows)} will be refused ({rows_named(rows)}): {shown}."


def repeated(sample: Sample, columns: Sequence[TypedColumn], key: Sequence[str], mode: str) -> Said:
    """What is said of rows that repeat what rows are told apart by, or lack it."""
    if not key or not set(key) <= set(sample.columns):
        return
    places = [sample.columns.index(name) for name in key]
    seen, again, without = set[tuple[object, ...]](), list[int](), list[int]()
    for row, cells in sample.rows:
        values = tuple(columns[place].values_of([cells[place]], {})[0] for place in places)
        if any(isinstance(value, Misfit) for value in values):
            continue  # refused for that
        if None in values:
            without.append(row)
        elif values in seen:
            again.append(row)
        seen.add(values)
    name = " and ".join(key)
    if again:
        verb = "repeats" if len(again) == 1 else "repeat"
        then = "The last row of each stays." if mode == "upsert" else "Only the first row of each goes in."
        yield name, f"{_rows(again)} {verb} a {name}: {rows_named(again)}. {then}"
    if without:
        verb = "has" if len(without) == 1 else "have"
        yield name, f"{_rows(without)} {verb} no {name} and will be refused: {rows_named(without)}."


def _rows(rows: Sequence[int]) -> str:
    return "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
