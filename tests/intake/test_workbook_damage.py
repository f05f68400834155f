"""What only a workbook tells of its damage."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.xlsx import sheet, write_xlsx
from webapp.intake import Reading
from webapp.intake.damage import Damage, DamageKind, Example
from webapp.intake.workbook.damage import workbook_damage

Find = Callable[..., list[Damage]]


@pytest.fixture
def find(tmp_path: Path, reading: Callable[..., Reading]) -> Find:
    """The damage in a sheet of these rows, below a header in row 1."""

    def damage(rows: str, before: str = "", **more: str) -> list[Damage]:
        path = write_xlsx(tmp_path / "book", {"Sheet": sheet(rows, before), **more}, hidden=list(more))
        return workbook_damage(path, reading(3, container="workbook", sheet="Sheet"))

    return damage


HEADER = '<row r="1" hidden="1"><c r="B1"><f>X1</f></c><c r="C1"><v>1</v></c><c r="D1" t="str"><v>d</v></c></row>'


def test_a_sound_sheet_has_none(find: Find) -> None:
    rows = HEADER + '<row r="2"><c r="B2"><v>123456789012345</v></c><c r="C2"><f>B2</f><v>1</v></c></row>'
    assert find(rows + '<row r="3"><c r="B3" t="str"><f>""</f><v></v></c><c r="D3"/></row>') == []


def test_formulas_without_results_are_counted_by_column(find: Find) -> None:
    rows = "".join(f'<row r="{n}"><c r="C{n}"><f>A{n}*2</f></c><c r="D{n}"><v>1</v></c></row>' for n in range(2, 7))
    rows += '<row r="9"><c r="B9"><f>SUM(B1:B8)</f><v/></c><c r="C9"><!-- odd --><f>x</f></c></row>'
    first, second = find(HEADER + rows)
    assert (first.kind, first.column, first.count) == (DamageKind.UNCACHED_FORMULAS, "c1", 1)
    assert first.examples == (Example(9, "=SUM(B1:B8)"),)
    assert (second.column, second.count, second.examples[0]) == ("c2", 6, Example(2, "=A2*2"))
    assert second.offer
    assert "works the formulas out" in second.offer


def test_numbers_of_more_digits_than_a_spreadsheet_keeps_are_told(find: Find) -> None:
    rows = "".join(f'<row r="{n}"><c r="B{n}"><v>1234567890123456{n}</v></c></row>' for n in range(2, 6))
    rows += '<row r="7"><c r="B7"><v>1.2345678901234567E+16</v></c><c r="C7"><v>0.12345678901234567</v></c></row>'
    (damage,) = find(HEADER + rows)
    assert (damage.kind, damage.column, damage.count) == (DamageKind.ROUNDED, "c1", 5)
    assert damage.examples[0] == Example(2, "12345678901234562")


def test_what_is_hidden_is_told(find: Find) -> None:
    rows = '<row r="2" hidden="1"><c r="B2"><v>1</v></c></row><row hidden="true" r="3"><c r="D3"><v>1</v></c></row>'
    columns = '<cols><col min="1" max="1" hidden="1"/><col min="3" max="4" width="9" hidden="1"/></cols>'
    found = find(HEADER + rows, columns, Secret=sheet(""), Lists=sheet(""))
    assert [(damage.kind, damage.count) for damage in found] == [
        (DamageKind.HIDDEN_ROWS, 2),
        (DamageKind.HIDDEN_COLUMNS, 2),
        (DamageKind.HIDDEN_SHEETS, 2),
    ]
    assert [example.line for example in found[0].examples] == [2, 3]
    assert [example.text for example in found[1].examples] == ["c2", "c3"]
    assert [example.text for example in found[2].examples] == ["Secret", "Lists"]


def test_of_other_kinds_hidden_sheets_are_known(reading: Callable[..., Reading]) -> None:
    path = Path(__file__).parent / "workbooks" / "libreoffice.xls"
    (damage,) = workbook_damage(path, reading(2, container="workbook", sheet="A"))
    assert (damage.kind, damage.examples) == (DamageKind.HIDDEN_SHEETS, (Example(0, "B"),))
