"""Workbooks of other kinds: XLS and ODS, as LibreOffice writes them."""

from pathlib import Path

import pytest

from tests.intake.test_workbook_hostile import ods
from webapp.intake import Choices, detect, prepare, read_slices
from webapp.intake.errors import EmptyFileError
from webapp.intake.unpack import unpacked
from webapp.intake.workbook import LINE_BREAK, sheets_of, write_sheet

SAMPLES = Path(__file__).parent / "workbooks"


@pytest.mark.parametrize(("name", "truth"), [("libreoffice.xls", "TRUE"), ("libreoffice.ods", "1")])
def test_a_sheet_is_the_same_text_as_in_xlsx(tmp_path: Path, name: str, truth: str) -> None:
    assert [(sheet.name, sheet.hidden) for sheet in sheets_of(SAMPLES / name)] == [("A", False), ("B", True)]
    write_sheet(SAMPLES / name, "A", tmp_path / "text")
    lines = (tmp_path / "text").read_text("utf-8").split("\n")
    assert lines[:6] == [
        "",
        "",
        f"id,a{LINE_BREAK}b,,,,",
        "",
        "1,0.3,,,,",
        f"2026-01-31,2026-01-31 14:30:00,12:00:00,36:00:00,123,{truth}",
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
