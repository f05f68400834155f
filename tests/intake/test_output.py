"""Tables are written plainly, and nothing in them runs in a spreadsheet."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake import NotATableError, Reading, csv_line, defuse, delimiter_like, read_to, undefuse


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\r=1",
        "  =1",
        "\uff1d1",
        "\uff0bA1",
        "\u00a0@x",
        "\n=1",
        "'=1",
        "''@x",
        "+49 =1",
        "+",
        "-1 (2)",
    ],
)
def test_a_cell_that_would_run_is_defused(cell: str) -> None:
    assert defuse(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "x",
        "-5",
        "+49",
        "-1.234,50",
        "1-2",
        "a=b",
        "-12%",
        "1e5",
        "-.5",
        "+49 170 200",
        "+1 (555) 01-23/4",
        "+(0)1",
        "a@b.c",
        "'tis",
    ],
)
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert defuse(cell) == cell


@given(
    cells=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1),
    delimiter=st.sampled_from(",;\t|"),
)
def test_a_line_of_csv_reads_back(cells: list[str], delimiter: str) -> None:
    assert next(csv.reader(io.StringIO(csv_line(cells, delimiter), newline=""), delimiter=delimiter)) == cells


@pytest.mark.parametrize(
    ("delimiter", "container", "kept"),
    [(";", "", ";"), ("\t", "gzip", "\t"), ("|", "zip", "|"), ("^", "", ","), ("", "", ","), (";", "workbook", ",")],
)
def test_a_csv_that_is_made_of_a_file_parts_its_cells_as_the_file_does(
    delimiter: str, container: str, kept: str
) -> None:
    assert delimiter_like(Reading("utf-8", delimiter, '"', 1, 2, ("a", "b"), container=container)) == kept


@given(cell=st.text(st.sampled_from("'=+-@ \t\r\n1a(\uff1d"), max_size=8) | st.text())
def test_every_cell_comes_back_from_being_defused(cell: str) -> None:
    assert undefuse(defuse(cell)) == cell


@pytest.mark.parametrize("cell", ["'", "'tis", "'+49 170", "''", "x'=1", "=1"])
def test_an_apostrophe_that_was_there_before_stays(cell: str) -> None:
    assert undefuse(cell) == cell


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_cell_with_another_separator_is_not_parted_by_it(separator: str) -> None:
    cell = f'a{separator}=1+1{separator}"b"'
    quoted = cell.replace('"', '""')
    assert csv_line([cell, "c"]) == f'"{quoted}",c\n'
    assert next(csv.reader([csv_line([cell])], delimiter=separator)) == [cell]
    assert next(csv.reader([csv_line(["", cell, "d,e"])])) == ["", cell, "d,e"]


def test_a_table_is_written_as_it_stands_and_broken_records_are_counted(write: Any) -> None:
    path = write('Größe;Datum;x\n=1;28/01/2018;"a;""b"""\nb;r;o;k;e;n\n 2 ;$74.69;\n'.encode("cp1252"))
    out = path.with_name("out.csv")
    report = read_to(path, out)
    assert out.read_text("utf-8") == 'Größe,Datum,x\n=1,28/01/2018,"a;""b"""\n 2 ,$74.69,\n'
    assert (report.rows, report.broken) == (2, 1)
    assert sorted(other.name for other in path.parent.iterdir()) == ["file.csv", "out.csv"]


def test_a_record_that_can_be_read_in_one_way_only_is_repaired_and_counted(write: Any) -> None:
    path = write(b"id,name,qty\n1,Bolt,5\n2,Nut,7\n3,Saw\n4,Axe,2\n")
    report = read_to(path, path.with_name("out.csv"))
    assert path.with_name("out.csv").read_text("utf-8") == "id,name,qty\n1,Bolt,5\n2,Nut,7\n3,Saw,\n4,Axe,2\n"
    assert (report.rows, report.broken, report.repaired) == (4, 0, 1)
    assert [(record.line, record.row) for record in report.repairs] == [(4, 3)]


def test_a_carriage_return_in_a_cell_stays_in_it(write: Any) -> None:
    path = write(b'a,b\n1,"x\ry"\n2,"\r"\n3,z\n')
    read_to(path, path.with_name("out.csv"))
    assert path.with_name("out.csv").read_bytes() == path.read_bytes()


def test_a_table_without_a_header_gets_none(write: Any) -> None:
    path = write("1;2\n3;4\n".encode("utf-16"))
    read_to(path, path.with_name("out.csv"))
    assert path.with_name("out.csv").read_bytes() == b"1,2\n3,4\n"


def test_an_empty_file_gives_an_empty_table_and_what_is_none_gives_nothing(write: Any) -> None:
    path = write(b"")
    out = path.with_name("out.csv")
    assert read_to(path, out).rows == 0
    assert out.read_bytes() == b""
    with pytest.raises(NotATableError):
        read_to(write(b"%PDF-1.4"), path.with_name("other.csv"))
    assert not path.with_name("other.csv").exists()
