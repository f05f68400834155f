"""Any table in any dialect comes back cell for cell: unasked where there is evidence, else as chosen."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from webapp.intake import Choices, read_to

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
Table = list[list[str]]


@dataclass(frozen=True)
class Writing:
    """How a table is written. `quoting` names the cells that get quotes though they need none."""

    delimiter: str
    quote: str
    escape: str
    ending: str
    encoding: str
    quoting: str
    final: bool
    space: str

    def text(self, table: Table) -> str:
        lines = self.ending.join(self.delimiter.join(self._row(row)) for row in table)
        return lines + self.ending * self.final

    def _row(self, row: Sequence[str]) -> list[str]:
        return [(self.space if place else "") + self._cell(cell) for place, cell in enumerate(row)]

    def _cell(self, cell: str) -> str:
        special = {*self.delimiter, self.quote, self.escape, "\r", "\n"} - {""}  # a part of it may join the next
        needed = any(part in cell for part in special) or cell != cell.strip() or cell.startswith("#")
        if not needed and self.quoting == "needed":
            return cell
        if not needed and self.quoting == "text" and cell.lstrip("-").replace(".", "").isdigit():
            return cell
        if self.escape:
            cell = cell.replace(self.escape, self.escape * 2)
        return self.quote + cell.replace(self.quote, (self.escape or self.quote) + self.quote) + self.quote


def writings(delimiters: Sequence[str], encodings: Sequence[str]) -> st.SearchStrategy[Writing]:
    return st.builds(
        Writing,
        delimiter=st.sampled_from(delimiters),
        quote=st.sampled_from(['"', '"', "'"]),
        escape=st.sampled_from(["", "", "\\"]),
        ending=st.sampled_from(["\n", "\r\n", "\r"]),
        encoding=st.sampled_from(encodings),
        quoting=st.sampled_from(["needed", "text", "all"]),
        final=st.booleans(),
        space=st.just(""),
    )


def read(data: bytes, choices: Choices = Choices()) -> Table:  # noqa: B008 - a value that nobody changes
    """The table that `read_to` writes for a file of these bytes."""
    with TemporaryDirectory() as folder:
        path, out = Path(folder, "in.csv"), Path(folder, "out.csv")
        path.write_bytes(data)
        read_to(path, out, choices=choices)
        with out.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))


ANY_CELL = st.text(
    st.characters(exclude_characters="\ufdd0\ufdd1", exclude_categories=["Cs", "Cc"]), max_size=8
) | st.text(st.sampled_from("a1,;\t|:^~\"'\\ \r\n#\u2028\x85é"), max_size=8)
FILLED_CELL = ANY_CELL.filter(lambda cell: bool(cell.strip()))


def rectangles(cells: st.SearchStrategy[str], widths: tuple[int, int]) -> st.SearchStrategy[Table]:
    return st.integers(*widths).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=2, max_size=8)
    )


@UNHURRIED
@given(
    # A first cell that is empty could make a blank line; a mark at the beginning is none of the text.
    table=rectangles(FILLED_CELL, (1, 4)).filter(lambda table: not table[0][0].startswith("\ufeff")),
    writing=writings([",", ";", "\t", "|", ":", "^", "~", " ", "||", "::"], ["utf-8", "utf-16", "utf-32-be"]),
    header=st.booleans(),
)
def test_any_table_comes_back_when_its_dialect_is_chosen(table: Table, writing: Writing, *, header: bool) -> None:
    assume(not header or table[0] not in table[1:])  # which would be the header once more
    choices = Choices(
        encoding=None if writing.encoding == "utf-16" else writing.encoding,  # it has a mark
        delimiter=writing.delimiter,
        quote=writing.quote,
        escape=writing.escape,
        header_line=1 if header else 0,
        header_rows=1 if header else None,
        last_line=0,
    )
    assert read(writing.text(table).encode(writing.encoding), choices) == table


WORDS = st.sampled_from(
    ["bolt", "Ann Baker", "Łódź", "it's late", "a, b; c", 'said "no"', "two\nlines", "x|y", "C:\\x"]
)
COLUMNS = st.sampled_from(
    [
        st.integers(0, 99_999).map(str),
        st.decimals(-999, 999, places=2).map(str),
        st.dates().map(str),
        st.sampled_from(["yes", "no"]),
        WORDS,
        WORDS,
    ]
)
NAMES = ["id", "name", "date", "amount", "city", "note", "code", "status"]


@st.composite
def sensible_tables(draw: st.DrawFn) -> Table:
    """A header and rows of numbers, dates and words: as much evidence as a person would need, too."""
    width = draw(st.integers(3, 6))
    kinds = [st.integers(1, 9_999).map(str), *(draw(COLUMNS) for _ in range(width - 1))]
    rows = draw(st.lists(st.tuples(*kinds).map(list), min_size=6, max_size=12))
    names = draw(st.permutations(NAMES))
    return [list(names[:width]), *rows]


@UNHURRIED
@given(
    table=sensible_tables(),
    writing=writings([",", ";", "\t", "|"], ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
)
def test_a_sensible_table_in_any_dialect_is_read_unasked(table: Table, writing: Writing) -> None:
    text = writing.text(table)
    # where nothing is quoted there is nothing to tell the quote by, and an escape is told by its use alone
    assume(writing.escape == "" or writing.escape + writing.quote in text)
    assume(writing.quote == '"' or writing.quoting != "needed")
    assert read(text.encode(writing.encoding)) == table


@UNHURRIED
@given(
    table=sensible_tables(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_the_csv_module_writes_is_read_unasked(table: Table, quoting: int, delimiter: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(table)  # type: ignore[arg-type] # one of two constants
    assert read(out.getvalue().encode()) == table
