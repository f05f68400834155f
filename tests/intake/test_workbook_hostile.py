"""Workbooks made to do harm, or broken: each meets a sentence, in little time and memory."""

import resource
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.xlsx import MAIN, sheet, write_xlsx
from webapp.intake import IntakeError, archives, detect
from webapp.intake.errors import DamagedFileError, LockedFileError, TooMuchInsideError
from webapp.intake.unpack import unpacked
from webapp.intake.workbook import lines, others, strings, write_sheet

MOST_KILOBYTES = 500_000  # more than the process has ever had
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>1</v></c></row>'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book"


@pytest.fixture(autouse=True)
def _in_little_time_and_memory() -> Iterator[None]:
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES


def text_of(path: Path) -> str:
    with unpacked(path) as found:
        return found.path.read_text("utf-8")


@pytest.mark.parametrize(
    "part",
    ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml", "sheet"],
)
def test_a_workbook_that_defines_entities_is_refused(book: Path, part: str) -> None:
    write_xlsx(book, {"Sheet": sheet(ROW)}, strings="<si><t>a</t></si>")
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert text_of(book) == "a,1\n"
    name = "xl/worksheets/sheet1.xml" if part == "sheet" else part
    plain = parts[name].removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n')
    write_xlsx(book, {"Sheet": sheet(ROW)}, more={**parts, name: LAUGHS + plain.replace("<v>1<", "<v>&c;<")})
    with pytest.raises(DamagedFileError, match="This workbook is damaged"):
        text_of(book)


def test_links_lead_nowhere_outside_the_workbook(book: Path) -> None:
    links = "".join(
        f'<Relationship Id="rId1" Type="x/{kind}" Target="{target}"/>'
        for kind, target in (("worksheet", "../../../../etc/passwd"), ("sharedStrings", "file:///etc/passwd"))
    )
    more = {"xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>"}
    write_xlsx(book, {"Sheet": sheet(ROW)}, more=more)
    with pytest.raises(DamagedFileError):
        text_of(book)


def test_a_cell_at_the_far_end_of_the_sheet_takes_no_room_for_all_cells_before_it(book: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
    write_xlsx(book, {"Sheet": sheet(far)})
    assert text_of(book) == "\n" * 1_048_575 + "9\n"
    write_xlsx(book, {"Sheet": sheet('<row r="1"><c r="A1"><v>1</v></c></row>' + far)})
    assert text_of(book) == "1" + "," * 16_383 + "\n" * 1_048_575 + "," * 16_383 + "9\n"
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 20_000))
    write_xlsx(book, {"Sheet": sheet(many + far)})
    with pytest.raises(TooMuchInsideError, match="a cell may stand far from the others"):
        text_of(book)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1"><v>1</v></c></row>',
        '<row r="x"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="1"><c r="AAAAAAAAAAAAAAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="é1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>x</v></c></row>',
        '<row r="1"><c r="A1" s="x"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</c></v></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        '<row r="1"><c r="A1"><v>\0</v></c></row>',
    ],
)
def test_a_sheet_that_no_program_writes_is_damaged(book: Path, rows: str) -> None:
    write_xlsx(book, {"Sheet": sheet(rows)}, strings="<si><t>a</t></si>")
    with pytest.raises(DamagedFileError):
        write_sheet(book, "Sheet", book.with_name("text"))


@pytest.mark.parametrize(
    "xml", ["", "<worksheet/>", "no xml", sheet(ROW)[:-30], f'<worksheet xmlns="{MAIN}"><sheetData>']
)
def test_a_sheet_that_ends_too_soon_is_damaged(book: Path, xml: str) -> None:
    write_xlsx(book, {"Sheet": xml})
    with pytest.raises(DamagedFileError):
        write_sheet(book, "Sheet", book.with_name("text"))


def test_bombs_stop_at_the_bytes_that_come_out(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE_BYTES", 1_000_000)
    many = "".join(f'<row r="{n}">{" " * 5_000}<c r="A{n}"><v>0</v></c></row>' for n in range(1, 1_000))
    write_xlsx(book, {"Sheet": sheet(many)})
    with pytest.raises(TooMuchInsideError, match="There is more in this workbook than can be read"):
        text_of(book)
    write_xlsx(book, {"Sheet": sheet(ROW)}, strings="<si><t>" + "a" * 5_000_000 + "</t></si>")
    with pytest.raises(TooMuchInsideError):
        text_of(book)


def test_texts_rows_and_cells_have_their_limits(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_xlsx(book, {"Sheet": sheet(ROW)}, strings="<si><t>a</t></si>" * 50)
    monkeypatch.setattr(strings, "MOST_STRINGS", 40)
    with pytest.raises(TooMuchInsideError, match="too many different texts"):
        text_of(book)
    monkeypatch.undo()
    monkeypatch.setattr(lines, "MOST_CELLS", 1)
    with pytest.raises(TooMuchInsideError, match="far too wide"):
        text_of(book)


def ods(path: Path, table: str) -> Path:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0" '
        f'xmlns:text="{office}text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{table}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{office}manifest:1.0"/>')
        archive.writestr("content.xml", content)
    return path


def test_a_spreadsheet_that_repeats_its_cells_for_ever_is_refused(book: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    ods(book, f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')
    with pytest.raises(TooMuchInsideError, match="There is more in this workbook than can be read"):
        write_sheet(book, "A", book.with_name("text"))


def test_what_takes_too_much_memory_ends_in_a_process_of_its_own(book: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
    write_xlsx(book, {"Sheet": sheet('<row r="1"><c r="A1"><v>1</v></c></row>' + far)})
    with pytest.raises(TooMuchInsideError, match="Save the sheet as CSV"):
        others.OtherWorkbook(book).write("Sheet", book.with_name("text"))


def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "LONGEST_S", 0.01)
    with pytest.raises(TooMuchInsideError):
        detect(Path(__file__).parent / "workbooks" / "libreoffice.xls")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (OLE + bytes(504) + "Workbook".encode("utf-16-le") + b"\0\0", DamagedFileError),
        (OLE + b"\xff" * 2000 + "Workbook".encode("utf-16-le") + b"\0\0", DamagedFileError),
        (OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + b"\0\0", LockedFileError),
        (OLE, IntakeError),
    ],
)
def test_an_old_workbook_that_is_none_is_refused(book: Path, data: bytes, error: type[IntakeError]) -> None:
    book.write_bytes(data)
    with pytest.raises(error):
        detect(book)


def test_every_cut_of_a_workbook_meets_a_sentence(book: Path) -> None:
    write_xlsx(book, {"Sheet": sheet(ROW)}, strings="<si><t>a</t></si>")
    whole = book.read_bytes()
    for length in range(0, len(whole), 40):
        book.write_bytes(whole[:length])
        with pytest.raises(IntakeError):
            detect(book)
