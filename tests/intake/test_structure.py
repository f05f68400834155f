"""Where the table is in a file, whatever stands around it."""

import random
import time
from typing import Any

import pytest

from webapp.intake import Choices, Reading, count_rows, detect, header_cells
from webapp.intake.errors import NoSuchEncodingError


def lines_of(reading: Reading) -> tuple[list[int], int]:
    """The header's line and the first row's, and how many lines are left out below."""
    return [reading.header_line, reading.data_line], reading.footer_lines


@pytest.mark.parametrize(
    ("text", "lines", "below"),
    [
        pytest.param("id,name\n1,Ann\n2,Bo\n", [1, 2], 0, id="nothing around it"),
        pytest.param("Report of May\n\nid,name,qty\n1,Ann,3\n2,Bo,4\n", [3, 4], 0, id="a title"),
        pytest.param("Report,,\n,,\nid,name,qty\n1,Ann,3\n2,Bo,4\n", [3, 4], 0, id="a title padded by a spreadsheet"),
        pytest.param(
            "Account;DE12\nFrom;01.05.2026\nTo;31.05.2026\n\nDay;Text;Amount;Balance\n01.05.2026;Rent;-9,50;1,00\n"
            "02.05.2026;Pay;9,50;10,50\n03.05.2026;Tax;-1,00;9,50\n",
            [5, 6],
            0,
            id="names and values of a bank",
        ),
        pytest.param(
            "Model,TX\nRate,5\n\nTime,CH1,CH2\n0.1,2,3\n0.2,2,3\n0.3,2,4\n", [4, 5], 0, id="settings of a device"
        ),
        pytest.param("id,name\n1,Ann\n2,Bo\n\nSource: the office of examples\n", [1, 2], 2, id="a source below"),
        pytest.param("id,name,qty\n1,Ann,3\n2,Bo,4\n,,\nAll amounts in euros,,\n", [1, 2], 2, id="a note below"),
        pytest.param("id,name,qty\n1,Ann,3\n2,Bo,4\n,,\n,Total,7\n", [1, 2], 0, id="a total is a row"),
        pytest.param("id,name,qty\n1,Ann,3\n2,Bo,4\n,,\n,,\n", [1, 2], 0, id="blank rows are nothing"),
        pytest.param(
            "id,name\n1,Ann\n2,Bo\n\nStores\nstore,manager\nNorth,Cy\nSouth,Di\n", [1, 2], 5, id="a second table"
        ),
        pytest.param(
            "id,qty\n1,3\n2,4\nid,qty,price\n1,3,9.5\n2,4,8.5\n3,4,8.5\n", [1, 2], 4, id="a wider table right below"
        ),
        pytest.param("id,name\n1,Ann\n2,Bo\nid,name\n3,Cy\n", [1, 2], 0, id="the header once more"),
        pytest.param("id,name\n1,Ann\n2,Bo\nid,name\n1,Ann\n2,Bo\n", [1, 2], 3, id="the table once more"),
        pytest.param(
            "id,qty\n1,3\n2,4\n3,5,6\n4,5,6\n5,6,7\n6,7,8\n", [1, 2], 0, id="rows that grow are no other table"
        ),
        pytest.param("id,name,qty\n1,Ann,3\n2,Bo,4\n3\n", [1, 2], 0, id="a row that lacks cells is no note"),
        pytest.param("id,name,qty\n1,Ann,3\n2,Bo,4\nGenerated on 3 May by the system\n", [1, 2], 1, id="a narrow note"),
        pytest.param("id,name\n1,Ann\n2,Bo\n\x1a", [1, 2], 1, id="the end of a text of old"),
    ],
)
def test_the_table_is_found(text: str, lines: list[int], below: int, write: Any) -> None:
    assert lines_of(detect(write(text.encode()))) == (lines, below)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            ",2023,2023,2024,2024\nRegion,In,Out,In,Out\nNorth,5,4,7,6\nSouth,3,3,2,4\n",
            "Region|2023 In|2023 Out|2024 In|2024 Out",
        ),
        (
            "Site,Air,,Water,\n,mean,max,mean,max\nA,1.5,2.5,3.5,4\nB,1.6,2.6,3.6,4\n",
            "Site|Air mean|Air max|Water mean|Water max",
        ),
        ("Time,Force\ns,kN\n0.1,5\n0.2,6\n0.3,7\n", "Time s|Force kN"),
        ("Time,Force\n(s),(kN)\n0.1,5\n0.2,6\n0.3,7\n", "Time (s)|Force (kN)"),
        ("id,qty\nid,qty\n1,5\n2,6\n", "id id|qty qty"),
        ("Country,2021,2022,2023\nNorway,5.4,5.4,5.5\nSweden,10.4,10.5,10.6\n", "Country|2021|2022|2023"),
        (
            "Day,Place,Travel,,Total\n,,Air,Rail,\n1 May,Oslo,5,,5\n2 May,Rome,,7,7\n3 May,Wien,,8,8\n",
            "Day|Place|Travel Air|Travel Rail|Total",
        ),
    ],
)
def test_a_header_of_several_rows_is_joined(text: str, names: str, write: Any) -> None:
    path = write(text.encode())
    assert header_cells(path, detect(path)) == names.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "name,qty\nAnn,n/a\nBo,4\nCy,5\n",
        "name,code\nx,y\nAnn,A1\nBo,B2\n",
        "name,note\nAnn,\nBo,late\nCy,\n",
        "id,name,city\n,Ann,Oslo\n2,Bo,Rome\n3,Cy,Wien\n",
        "number,limit\nNaN,INF\n1,2\n3,4\n",
    ],
)
def test_a_row_is_not_taken_for_a_part_of_the_header(text: str, write: Any) -> None:
    assert detect(write(text.encode())).data_line == 2


@pytest.mark.parametrize(
    "text",
    [
        "1,Ann,3.5\n2,Bo,4.5\n3,Cy,5.5\n",
        "2026-01-01;5\n2026-01-02;6\n",
        "North,South\nSouth,East\nNorth,East\nEast,West\n",
        "ann@example.org,Ann\nbo@example.org,Bo\n",
    ],
)
def test_a_table_without_a_header_has_none(text: str, write: Any) -> None:
    reading = detect(write(text.encode()))
    assert (reading.header_line, reading.data_line) == (0, 1)


def test_rows_that_are_all_shorter_than_the_header_lack_nothing(write: Any, read_all: Any) -> None:
    path = write(b"id,name,approve,reject\n1,Ann\n2,Bo\n3,Cy\n")
    reading = detect(path)
    assert reading.missing_cells == 2
    assert read_all(path, reading).cells == [["1", "Ann", "", ""], ["2", "Bo", "", ""], ["3", "Cy", "", ""]]


def test_one_short_row_is_not_filled_up_in_silence(write: Any, read_all: Any) -> None:
    path = write(b"id,name,qty\n1,Ann,3\n2,Bo\n3,Cy,4\n")
    seen = read_all(path, detect(path))
    assert seen.faults == [(3, "missing_cells")]


def test_a_repeated_header_is_no_row(write: Any, read_all: Any) -> None:
    path = write(b"id,name\n1,Ann\n2,Bo\nid,name\n3,Cy\nid,name\n4,Di\n")
    seen = read_all(path, detect(path))
    assert (seen.cells, seen.lines) == ([["1", "Ann"], ["2", "Bo"], ["3", "Cy"], ["4", "Di"]], [2, 3, 5, 7])


def test_remarks_between_the_rows_are_none_of_the_table(write: Any, read_all: Any) -> None:
    path = write(b"# made by a sensor\n# at noon\ntime,level\n0.1,5\n# paused\n0.2,6\n0.3,7\n")
    reading = detect(path)
    assert (reading.comment, reading.header_line) == ("#", 3)
    assert read_all(path, reading).cells == [["0.1", "5"], ["0.2", "6"], ["0.3", "7"]]


def test_a_header_that_begins_with_a_hash_is_one(write: Any) -> None:
    reading = detect(write(b"#id,name\n1,Ann\n2,Bo\n"))
    assert (reading.comment, reading.columns) == ("", ("#id", "name"))


class TestChoices:
    TEXT = b"Title;of;it\nNames;of;it\nid;name;qty\n1;a,b;3\n2;c,d;4\n3;e,f;5\nend;of;it\n"

    def test_the_header_may_be_any_line(self, write: Any) -> None:
        reading = detect(write(self.TEXT), Choices(header_line=2, header_rows=1))
        assert (reading.columns, reading.data_line) == (("Names", "of", "it"), 3)

    def test_there_may_be_no_header(self, write: Any) -> None:
        reading = detect(write(self.TEXT), Choices(header_line=0))
        assert (reading.header_line, reading.data_line, reading.columns[0]) == (0, 1, "Column 1")

    def test_the_header_may_take_several_rows(self, write: Any) -> None:
        reading = detect(write(self.TEXT), Choices(header_line=2, header_rows=2))
        assert (reading.columns[0], reading.data_line) == ("Names id", 4)

    def test_the_delimiter_may_be_another(self, write: Any) -> None:
        assert len(detect(write(self.TEXT), Choices(delimiter=",")).columns) == 2

    def test_there_may_be_one_column(self, write: Any) -> None:
        assert len(detect(write(self.TEXT), Choices(delimiter="", quote="")).columns) == 1

    def test_the_table_may_end_anywhere(self, write: Any, read_all: Any) -> None:
        path = write(self.TEXT)
        reading = detect(path, Choices(header_line=3, last_line=5))
        assert (reading.footer_lines, len(read_all(path, reading).cells)) == (2, 2)

    def test_the_table_may_go_on_to_the_end(self, write: Any, read_all: Any) -> None:
        path = write(b"id,name,qty\n1,a,3\n2,b,4\n\nNote: all of it counts for this one\n")
        assert detect(path).footer_lines == 2
        reading = detect(path, Choices(last_line=0))
        assert reading.footer_lines == 0
        assert read_all(path, reading).faults == [(5, "missing_cells")]

    def test_a_blank_line_is_no_header(self, write: Any) -> None:
        assert detect(write(b"Title\n\nid,name\n1,a\n2,b\n"), Choices(header_line=2, header_rows=3)).header_line == 3

    def test_the_encoding_is_one_that_is_offered(self, write: Any) -> None:
        assert detect(write(b"id,name\n1,M\xfcller\n"), Choices(encoding="cp1250")).encoding == "cp1250"
        for name in ("utf-16", "rot13", "nonsense", ""):
            with pytest.raises(NoSuchEncodingError, match="offered"):
                detect(write(b"id,name\n1,a\n"), Choices(encoding=name))


def test_a_hash_inside_a_quoted_cell_is_no_remark(write: Any, read_all: Any) -> None:
    path = write(b'a,b,c\n0,0,"x\n# not a remark"\n1,1,1\n# a remark\n2,2,2\n')
    assert [row[2] for row in read_all(path, detect(path)).cells] == ["x\n# not a remark", "1", "2"]


def test_many_gaps_and_headers_cost_little(write: Any) -> None:
    started = time.process_time()
    detect(write(b"id,name,note\n" + b"1,Ann,x\n\n" * 20_000))
    detect(write(b"id,name\n" * 40_000))
    detect(write(b"a,b\n\n" * 40_000))
    assert time.process_time() - started < 5


ABOVE = {
    "nothing": "",
    "a title": "Refund report\n",
    "titles": "Refund report\nMade by Bob\nof the back office\n\n",
    "settings": "Report,Refunds\nDate,2026-01-01\n\n",
}
NAMES = ["order", "amount", "day", "email", "reason", "note"]


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.25])
def test_odd_rows_among_the_first_cost_no_good_row(above: str, share: float, write: Any, read_all: Any) -> None:
    chance = random.Random(f"{above}{share}")
    for _ in range(12):
        rows, good = [], []
        for number in range(chance.randint(5, 60)):
            row = [f"{number:05}", f"{number}.50", "2026-01-31", f"a{number}@example.org", "late", "text"]
            if chance.random() < share:
                row = row[: chance.randint(3, 5)] if chance.random() < 0.6 else [*row, "x"]
            else:
                good.append(row)
            rows.append(row)
        path = write((ABOVE[above] + "".join(",".join(row) + "\n" for row in [NAMES, *rows])).encode())
        reading = detect(path)
        assert reading.columns == tuple(NAMES)
        assert [row for row in good if row not in read_all(path, reading).cells] == []


@pytest.mark.parametrize(
    ("text", "records"),
    [
        pytest.param("name,city,age\nSmith,Paris,4\nJones,Rome,5\n\nMiller,,\nBaker,,\n", 4, id="short rows apart"),
        pytest.param("name,note\nAnn,a long text about something\nthis is a very long name cut off", 2, id="a cut end"),
        pytest.param(
            "2024,DE,EUR,1\n2024,DE,EUR,2\n2024,DE,EUR,3\n" + "2024,DE,EUR,4,ok\n" * 9, 12, id="rows that gain a cell"
        ),
        pytest.param("ok,fine\n" * 30, 30, id="the same row"),
        pytest.param("code,name,n\n1,a,2\n--,no data\n3,b,4\n4,c,5\n", 4, id="a row that begins like a remark"),
        pytest.param("code,name\n#1,a\n#2,b\n3,c\n", 3, id="codes that begin with a hash"),
        pytest.param("1,Bob,,,\n2,Ann,x,y,z\n3,Cy,x,y,z\n4,Di,x,y,z\n", 4, id="a first row that is sparse"),
        pytest.param(
            "day,what,sum\n1,Opening,0\n2,b,3\nday,what,sum\n1,Opening,0\n2,c,4\n", 4, id="two months in one file"
        ),
        pytest.param("id,middle,phone\n" + "".join(f"{n},,555-{n}\n" for n in range(300)), 300, id="an empty column"),
        pytest.param("id;a;b;c;d\n" + "".join(f"{n};;;;{n}\n" for n in range(300)), 300, id="empty columns"),
    ],
)
def test_no_row_is_left_out(text: str, records: int, write: Any) -> None:
    path = write(text.encode())
    reading = detect(path)
    assert (count_rows(path, reading).rows, len(reading.delimiter)) == (records, 1)


def test_a_remark_that_was_seen_early_makes_no_remarks_of_late_rows(write: Any) -> None:
    rows = "".join(
        f"#{number:06},red,{number}\n" if number > 1_400 else f"{number},blue,7\n" for number in range(1_500)
    )
    path = write(("colour,name,n\n# made by hand\n# and checked\n" + rows).encode())
    reading = detect(path)
    assert (reading.comment, count_rows(path, reading).rows) == ("#", 1_500)


def test_a_blank_line_parts_settings_as_wide_as_the_table_from_its_header(write: Any) -> None:
    path = write(b"Company|ACME\n\nFlag|Kunde\n" + b"".join(b"%d|%d\n" % (n, n * 7) for n in range(30)))
    assert detect(path).columns == ("Flag", "Kunde")
