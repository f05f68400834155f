"""What the cells of a sheet are as text, and that its lines are the sheet's rows."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.intake.xlsx import sheet, write_xlsx
from webapp.intake import Choices, detect, prepare, read_slices
from webapp.intake.errors import EmptyFileError, NoSuchSheetError, NotATableError
from webapp.intake.unpack import unpacked
from webapp.intake.workbook import LINE_BREAK, sheets_of, write_sheet


def text_of(path: Path, name: str = "Sheet") -> str:
    target = path.with_name("text")
    write_sheet(path, name, target)
    return target.read_text("utf-8")


def cells_of(path: Path, cells: str, **workbook: object) -> list[str]:
    """The texts of the cells of a sheet of one row."""
    write_xlsx(path, {"Sheet": sheet(f'<row r="1">{cells}</row>')}, **workbook)  # type: ignore[arg-type] # its arguments
    return text_of(path).removesuffix("\n").split(",")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("-0", "0"),
        ("12.50", "12.5"),
        ("0.30000000000000004", "0.3"),
        ("474.05000000000001", "474.05"),
        ("0.91594481173098113", "0.915944811730981"),
        ("1E-3", "0.001"),
        ("1.5E+3", "1500"),
        ("1.2345678901234567E+16", "12345678901234567"),
        ("12345678901234567890", "12345678901234567890"),
        ("1E+300", "1e+300"),
        ("-7.25", "-7.25"),
    ],
)
def test_a_number_has_the_digits_that_it_shows(book: Path, stored: str, text: str) -> None:
    assert cells_of(book, f'<c r="A1"><v>{stored}</v></c>') == [text]


@pytest.mark.parametrize(
    ("code", "stored", "text"),
    [
        ("00000", "123", "00123"),
        ("00000", "1234567", "1234567"),
        ("00000", "12.5", "12.5"),
        ("000-00-0000", "12345678", "012-34-5678"),
        ("00000\\-0000", "12345678", "01234-5678"),
        ("yyyy-mm-dd", "46053", "2026-01-31"),
        ("dd/mm/yyyy", "46053.75", "2026-01-31"),
        ("mmm-yy", "46053", "2026-01-31"),
        ("[$-407]d. mmmm yyyy", "46053", "2026-01-31"),
        ("yyyy-mm-dd hh:mm", "46053.604166666664", "2026-01-31 14:30:00"),
        ("yyyy-mm-dd hh:mm", "46053", "2026-01-31 00:00:00"),
        ("m/d/yy h:mm AM/PM", "46053.99999999999", "2026-02-01 00:00:00"),
        ("hh:mm:ss", "0.60416666666666663", "14:30:00"),
        ("hh:mm", "0", "00:00:00"),
        ("[h]:mm:ss", "1.1041666666666667", "26:30:00"),
        ("yyyy-mm-dd", "60", "1900-02-29"),
        ("yyyy-mm-dd", "59", "1900-02-28"),
        ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "-5", "-5"),
        ("yyyy-mm-dd", "2958466", "2958466"),
        ("0.00%", "0.05", "0.05"),
        ("#,##0.00 &quot;days&quot;", "1234.5", "1234.5"),
        ("#,##0.00 [$EUR]", "1234.5", "1234.5"),
        ("0.00E+00", "1234.5", "1234.5"),
        ("[Red]0.0;[Blue]-0.0", "1.25", "1.25"),
        ("General", "1.25", "1.25"),
    ],
)
def test_a_format_tells_dates_times_and_leading_zeros(book: Path, code: str, stored: str, text: str) -> None:
    assert cells_of(book, f'<c r="A1" s="1"><v>{stored}</v></c>', formats=[code]) == [text]


def test_dates_are_counted_from_1904_where_the_workbook_says_so(book: Path) -> None:
    cells = '<c r="A1" s="1"><v>44591</v></c><c r="B1" s="1"><v>0</v></c>'
    properties = '<workbookPr date1904="1"/>'
    assert cells_of(book, cells, formats=["yyyy-mm-dd"], properties=properties) == ["2026-01-31", "1904-01-01"]


def test_every_type_of_cell_is_text(book: Path) -> None:
    rich = '<r><t xml:space="preserve">rich </t></r><r><rPr><b/></rPr><t>text</t></r><rPh><t>x</t></rPh>'
    strings = f"<si><t>shared</t></si><si>{rich}</si>"
    cells = (
        '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
        '<c r="C1" t="inlineStr"><is><t>in &amp; line</t></is></c>'
        '<c r="D1" t="str"><f>A1&amp;"!"</f><v>shared!</v></c><c r="E1" t="b"><v>1</v></c><c r="F1" t="b"><v>0</v></c>'
        '<c r="G1" t="e"><v>#DIV/0!</v></c><c r="H1" t="d"><v>2026-01-31T00:00:00</v></c><c r="I1" s="1"/>'
        '<c r="J1" t="str"><v>_x0041_&#x2713;</v></c>'
    )
    assert cells_of(book, cells, strings=strings) == [
        "shared",
        "rich text",
        "in & line",
        "shared!",
        "TRUE",
        "FALSE",
        "#DIV/0!",
        "2026-01-31",
        "",
        "A✓",
    ]


def test_a_formula_without_its_result_is_no_empty_cell(book: Path) -> None:
    cells = (
        '<c r="A1"><f>B2*C2</f></c><c r="B1"><f>D2</f><v></v></c><c r="C1"><f t="shared" si="0"/></c>'
        '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><f>1+1</f><v>2</v></c>'
    )
    assert cells_of(book, cells) == ["=B2*C2", "=D2", "=(not worked out)", "", "2"]


def test_spaces_around_a_text_are_kept_where_the_workbook_says_so(book: Path) -> None:
    strings = '<si><t> a </t></si><si><t xml:space="preserve"> b </t></si><si><r><t> c </t></r><r><t>d</t></r></si>'
    inline = "<c r=\"{}1\" t='inlineStr'><is>{}</is></c>"
    cells = "".join(f'<c r="{letter}1" t="s"><v>{place}</v></c>' for place, letter in enumerate("ABC"))
    cells += inline.format("D", "<t> e </t>") + inline.format("E", "<t xml:space='preserve'> f </t>")
    expected = ["a", " b ", "cd", "e", " f "]
    assert cells_of(book, cells, strings=strings) == expected
    assert cells_of(book, cells.replace("'", '"'), strings=strings) == expected
    assert cells_of(book, cells, strings=strings + "<si><phoneticPr/></si>") == expected


def test_a_cell_may_hold_what_parts_cells_and_lines(book: Path) -> None:
    strings = '<si><t xml:space="preserve"> a, "b"\r\nc&#10;d_x000D_\n</t></si>'
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>2</v></c></row>'
    write_xlsx(book, {"Sheet": sheet(row)}, strings=strings)
    assert text_of(book) == f'" a, ""b""{LINE_BREAK}c{LINE_BREAK}d{LINE_BREAK}",2\n'


def test_line_breaks_in_cells_come_back_when_records_are_read(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.append(["id", "first\nsecond"])
    made.active.append([1, "a\nb, c"])
    made.active.append([2, "d"])
    made.save(tmp_path / "book.xlsx")
    reading = detect(tmp_path / "book.xlsx")
    slices = list(read_slices(prepare(tmp_path / "book.xlsx", reading, tmp_path / "copy"), reading))
    assert [(cut.lines, cut.cells) for cut in slices] == [([2, 3], [["1", "a\nb, c"], ["2", "d"]])]
    assert reading.container == "workbook"
    assert reading.columns[0] == "id"


def test_lines_are_the_rows_of_the_sheet_and_blank_columns_before_it_are_left_out(book: Path) -> None:
    rows = (
        '<row r="3"><c r="C3" t="str"><v>id</v></c><c r="D3" t="str"><v>x</v></c></row><row r="4" ht="5"/>'
        '<row r="5"><c r="B5" s="3"/></row><row r="6"><c r="C6"><v>1</v></c></row>'
        '<row r="9"><c r="C9"><v>2</v></c><c r="D9"><v>3</v></c></row><row r="12"><c r="C12" s="1"/></row>'
    )
    write_xlsx(book, {"Sheet": sheet(rows)})
    assert text_of(book) == "\n\nid,x\n\n\n1,\n\n\n2,3\n"


def test_all_rows_have_as_many_cells_as_the_widest_which_may_come_last(book: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 20_001) if n != 7)
    rows += '<row r="20002"><c r="A20002"><v>0</v></c><c r="AB20002"><v>9</v></c></row>'
    write_xlsx(book, {"Sheet": sheet(rows)})
    lines = text_of(book).split("\n")
    assert len(lines) == 20_003
    assert {line.count(",") for line in lines if line} == {27}
    assert lines[0] == "1" + "," * 27
    assert lines[6] == lines[20_000] == ""


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_namespaces_may_have_prefixes_and_rows_need_no_numbers(book: Path, prefix: str) -> None:
    rows = "<row><c><v>1</v></c><c t='str'><v>a</v></c></row>\n <row><c/><c t='str'>\n<v>b</v></c></row>"
    rows = rows.replace("</", f"</{prefix}").replace("<", f"<{prefix}").replace(f"<{prefix}/{prefix}", f"</{prefix}")
    write_xlsx(book, {"Sheet": sheet(rows, prefix=prefix)})
    assert text_of(book) == "1,a\n,b\n"


def test_spaces_between_tags_mean_nothing(book: Path) -> None:
    row = '<row r="1">\n <c r="A1" t="str">\n  <f>B1</f> <v>a </v>\n </c> <c r="B1" s="0"/>\n <c r="C1"> <v>1</v></c>'
    write_xlsx(book, {"Sheet": sheet(f"\n{row}</row>\n")})
    assert text_of(book) == "a ,,1\n"


def test_what_other_programs_write_is_read(tmp_path: Path) -> None:
    rows = [
        ["id", "when", "at", "took", "ok", "text", "amount"],
        [1, date(2026, 1, 31), time(14, 30), timedelta(hours=26), True, "a,b", 0.1],
        [2, datetime(2026, 1, 31, 9, 5), None, None, False, "", -2.5],  # noqa: DTZ001 - a workbook's have no zone
    ]
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(tmp_path / "openpyxl")
    with xlsxwriter.Workbook(str(tmp_path / "xlsxwriter"), {"default_date_format": "yyyy-mm-dd"}) as other:
        page = other.add_worksheet("Sheet")
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    expected = 'id,when,at,took,ok,text,amount\n1,2026-01-31,14:30:00,26:00:00,TRUE,"a,b",0.1\n'
    assert text_of(tmp_path / "openpyxl") == expected + "2,2026-01-31 09:05:00,,,FALSE,,-2.5\n"
    assert text_of(tmp_path / "xlsxwriter").startswith("id,when,at,took,ok,text,amount\n1,2026-01-31,")


def test_the_first_visible_sheet_with_something_in_it_is_read_unless_another_is_chosen(book: Path) -> None:
    row = '<row r="1"><c r="A1"><v>{}</v></c></row>'
    numbers = {"Secret": 1, "Empty": None, "Data": 2, "More": 3}
    names = {name: sheet(row.format(number) if number else "") for name, number in numbers.items()}
    write_xlsx(book, names, hidden=["Secret"])
    assert [(each.name, each.hidden) for each in sheets_of(book)] == [
        ("Secret", True),
        ("Empty", False),
        ("Data", False),
        ("More", False),
    ]
    for choice, read in ((None, "2\n"), ("More", "3\n"), ("Secret", "1\n")):
        with unpacked(book, Choices(sheet=choice)) as found:
            assert (found.path.read_text(), found.sheet) == (read, choice or "Data")
    with pytest.raises(NoSuchSheetError) as refused, unpacked(book, Choices(sheet="Sums")):
        pass
    assert "no “Sums” in this file. Choose one of these: “Secret”, “Empty”" in str(refused.value)


def test_a_workbook_without_anything_in_it_is_an_empty_file(book: Path) -> None:
    write_xlsx(book, {"A": sheet(""), "B": sheet("")})
    with pytest.raises(EmptyFileError), unpacked(book):
        pass
    write_xlsx(book, {})
    with pytest.raises(NotATableError, match="a workbook without a sheet of cells"), unpacked(book):
        pass


COVER = [["Created by", "the back office"], ["on", "3 May 2026"]]
TABLE = [["id", "name", "qty"], *([str(number), f"name {number}", str(number * 2)] for number in range(20))]


@pytest.mark.parametrize(
    ("sheets", "taken"),
    [
        ({"Cover": COVER, "Data": TABLE}, "Data"),
        ({"Cover": [["Articles"]], "Data": TABLE[:6]}, "Data"),
        ({"Data": TABLE, "Notes": COVER}, "Data"),
        ({"Small": TABLE[:4], "Other": TABLE[:5]}, "Small"),
        ({"First": TABLE, "Second": TABLE * 9}, "First"),
    ],
)
def test_a_cover_is_not_taken_for_the_table(sheets: dict[str, list[list[str]]], taken: str, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(tmp_path / "book.xlsx")
    assert detect(tmp_path / "book.xlsx").sheet == taken
