"""Workbooks of other kinds: XLS and ODS, as LibreOffice writes them."""

from pathlib import Path

import pytest

from tests.intake.test_workbook_hostile import ods
from webapp.intake import Choices, detect, prepare, read_slices
from webapp.intake.errors import EmptyFileError
from webapp.intake.unpack import unpacked
from webapp.intake.workbook import LINE_BREAK, sheets_of, write_sheet

SAMPLES = Path(__file__).parent / "workbooks"


@pytest.mark.parametrize(
    ("name", "code", "truth"), [("libreoffice.xls", "123", "TRUE"), ("libreoffice.ods", "00123", "1")]
)
def test_a_sheet_is_the_same_text_as_in_xlsx(tmp_path: Path, name: str, code: str, truth: str) -> None:
    assert [(sheet.name, sheet.hidden) for sheet in sheets_of(SAMPLES / name)] == [("A", False), ("B", True)]
    write_sheet(SAMPLES / name, "A", tmp_path / "text")
    lines = (tmp_path / "text").read_text("utf-8").split("\n")
    assert lines[6].startswith("#DIV/0!,0,")
    assert lines[:6] == [
        "",
        "",
        f"id,a{LINE_BREAK}b,,,,",
        "",
        "1,0.3,,,,",
        f"2026-01-31,2026-01-31 14:30:00,12:00:00,36:00:00,{code},{truth}",
    ]


@pytest.mark.parametrize("name", ["libreoffice.xls", "libreoffice.ods"])
def test_its_rows_are_read_with_the_rows_of_the_sheet_for_lines(tmp_path: Path, name: str) -> None:
    reading = detect(SAMPLES / name, Choices(header_line=3))
    assert (reading.container, reading.sheet, reading.columns[:2]) == ("workbook", "A", ("id", "a b"))
    cuts = list(read_slices(prepare(SAMPLES / name, reading, tmp_path / "copy"), reading))
    assert [line for cut in cuts for line in cut.lines] == [5, 6, 7, 8]


def test_a_sheet_may_be_chosen_and_an_empty_one_is_an_empty_file(tmp_path: Path) -> None:
    with unpacked(SAMPLES / "libreoffice.xls", Choices(sheet="B")) as found:
        assert (found.sheet, found.path.read_text()) == ("B", "")
    with pytest.raises(EmptyFileError):
        detect(SAMPLES / "libreoffice.xls", Choices(sheet="B"))
    with pytest.raises(EmptyFileError):
        detect(ods(tmp_path / "book", "<table:table-row/>"))


def test_cells_of_ods_are_text_by_their_kind(tmp_path: Path) -> None:
    cells = [
        ('office:value-type="float" office:value="1.50"', "<text:p>1,50</text:p>", "1.5"),
        ('office:value-type="percentage" office:value="0.05"', "<text:p>5%</text:p>", "0.05"),
        ('office:value-type="currency" office:value="7"', "<text:p>7,00 €</text:p>", "7"),
        ('office:value-type="boolean" office:boolean-value="true"', "<text:p>WAHR</text:p>", "TRUE"),
        ('office:value-type="date" office:date-value="2026-01-31T14:30:00.500"', "", "2026-01-31 14:30:00"),
        ('office:value-type="time" office:time-value="PT1H02M03.5S"', "", "01:02:03"),
        ('office:value-type="string" office:string-value=""', "<text:p>#N/A</text:p>", "#N/A"),
        ('table:formula="of:=A1*2"', "", "=A1*2"),
        (
            'office:value-type="string"',
            "<text:p>a<text:s text:c='2'/>b<text:tab/><text:span>c</text:span></text:p>",
            "a  b\tc",
        ),
        (
            'office:value-type="string"',
            "<office:annotation><text:p>note</text:p></office:annotation><text:p>d</text:p><text:p>e</text:p>",
            f"d{LINE_BREAK}e",
        ),
    ]
    row = "".join(f"<table:table-cell {attributes}>{inside}</table:table-cell>" for attributes, inside, _ in cells)
    blank = '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
    double = 'office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell>'
    twice = blank.replace("</table:table-row>", f"<table:table-cell {double}</table:table-row>")
    ods(tmp_path / "book", f"{blank}<table:table-row>{row}</table:table-row>{twice}{blank}")
    write_sheet(tmp_path / "book", "A", tmp_path / "text")
    expected = ",".join(text for *_, text in cells)
    assert (tmp_path / "text").read_text("utf-8") == f"\n\n{expected}\n" + (",x,x" + "," * 7 + "\n") * 2
