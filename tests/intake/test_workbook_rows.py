"""The quick way to read rows finds what the XML parser finds, whichever programs wrote them."""

import csv
import re
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.xlsx import sheet, write_xlsx
from webapp.intake.workbook import rows as quick
from webapp.intake.workbook import write_sheet
from webapp.intake.workbook.exact import letters_of

STRINGS = ["plain", "with, comma", 'with "quote"', "two\nlines", " spaces ", "", "=1+1", "_x0041_", "žluťoučký"]
LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\0\x0b\ufdd0", exclude_categories=("Cc", "Cs")))
NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(-1000, 1000, places=2).map(str),
)


@st.composite
def cell(draw: st.DrawFn, kinds: list[str]) -> str | None:
    """A cell as XML, with %s for its name, or none."""
    kind = draw(st.sampled_from(kinds))
    style = draw(st.sampled_from(["", ' s="1"', ' s="2"']))
    formula = draw(st.sampled_from(["", "<f>A1+B2</f>", '<f t="shared" si="0"/>']))
    text, number = escape(draw(LETTERS)), draw(NUMBERS)
    shared, truth = draw(st.integers(0, len(STRINGS) - 1)), draw(st.sampled_from("01"))
    return {
        "none": None,
        "blank": f'<c r="%s"{style}/>',
        "number": f'<c r="%s"{style}>{formula}<v>{number}</v></c>',
        "shared": f'<c r="%s"{style} t="s"><v>{shared}</v></c>',
        "inline": f'<c r="%s" t="inlineStr"><is><t>{text}</t></is></c>',
        "text": f'<c t="str" r="%s">{formula}<v>{text}</v></c>',
        "uncached": '<c r="%s"><f>A1&amp;B1</f></c>',
        "commented": f'<c r="%s"><!-- said --><v>{number}</v></c>',
        "boolean": f'<c r="%s" t="b"><v>{truth}</v></c>',
    }[kind]


KINDS = ["none", "blank", "number", "shared", "inline", "text", "uncached", "commented", "boolean"]


@st.composite
def rows(draw: st.DrawFn) -> str:
    """Some rows as XML; most columns have cells of one kind."""
    width = draw(st.integers(1, 30))
    columns = [draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)) for _ in range(width)]
    number, written = 0, ""
    for _ in range(draw(st.integers(0, 12))):
        number += draw(st.sampled_from([1, 1, 1, 1, 2, 40]))
        if draw(st.integers(0, 20)) == 0:
            written += f'<row r="{number}" ht="15"/>'
            continue
        cells = [draw(cell(kinds)) for kinds in columns]
        named = [xml.replace("%s", f"{letters_of(place)}{number}", 1) for place, xml in enumerate(cells) if xml]
        hidden = draw(st.sampled_from(["", ' hidden="1"']))
        written += f'<row r="{number}" spans="1:3"{hidden}>{"".join(named)}</row>' + draw(st.sampled_from(["", "\n"]))
    return written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


def text_of(path: Path) -> str:
    write_sheet(path, "Sheet", path.with_name("text"))
    return path.with_name("text").read_text("utf-8")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(written=rows())
def test_both_ways_give_the_same_text(folder: Path, written: str) -> None:
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in STRINGS)
    book = write_xlsx(folder / "book", {"Sheet": sheet(written)}, strings=strings, formats=["00000", "yyyy-mm-dd"])
    read = text_of(book)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "_pattern", lambda _: re.compile("(?!)(x)(x)"))
        assert text_of(book) == read


def row_of(number: int, row: list[str]) -> str:
    named = zip("ABC", row, strict=True)
    cells = [f'<c r="{letter}{number}" t="str"><v>{escape(text)}</v></c>' for letter, text in named]
    return f'<row r="{number}">{"".join(cells)}</row>'


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.lists(LETTERS, min_size=3, max_size=3), min_size=1, max_size=40))
def test_texts_come_back_cell_for_cell(folder: Path, table: list[list[str]]) -> None:
    written = "".join(row_of(number, row) for number, row in enumerate(table, start=1))
    book = write_xlsx(folder / "book", {"Sheet": sheet(written)})
    found = list(csv.reader(text_of(book).removesuffix("\n").split("\n")))
    width = max((place + 1 for row in table for place, text in enumerate(row) if text), default=0)
    indent = min((place for row in table for place, text in enumerate(row) if text), default=0)
    while table and not any(table[-1]):
        table.pop()
    assert [row or [""] * (width - indent) for row in found if table] == [row[indent:width] for row in table]
