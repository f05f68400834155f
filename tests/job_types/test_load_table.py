"""Load rows into a table: exactly the good rows land, each bad one is named with its reason."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.job_types.books import WRITERS
from tests.job_types.desk import Desk
from webapp.errors import BadInput
from webapp.jobs.run import run_claim

Csv = Callable[..., Path]

GOODS = """Code,Unit Price (€),Since,Qty,In stock,Contact
007,1.10,2026-01-31,5,yes,ada@example.com
008,1234567890123.45,2026-02-28,,no,
009,3,2025-12-01,7,yes,bob@example.com
"""


def test_columns_are_typed_by_what_the_file_holds(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file(GOODS), table="goods")
    assert ran.counts == {"done": 3}
    assert ran.job.state == "completed"
    assert desk.query("SELECT name || ' ' || type FROM pragma_table_info('goods')") == [
        "code TEXT",
        "unit_price DECIMAL_TEXT",
        "since DATE",
        "qty INTEGER",
        "in_stock BOOLEAN",
        "contact TEXT",
    ]
    assert desk.query("SELECT * FROM goods") == [
        ("007", "1.10", "2026-01-31", 5, 1, "ada@example.com"),
        ("008", "1234567890123.45", "2026-02-28", None, 0, None),
        ("009", "3", "2025-12-01", 7, 1, "bob@example.com"),
    ]


def test_everything_can_be_loaded_as_text(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file(GOODS), table="goods", types="text")
    assert ran.counts == {"done": 3}
    assert desk.query("SELECT DISTINCT type FROM pragma_table_info('goods')") == ["TEXT"]
    assert desk.query("SELECT qty, in_stock FROM goods") == [("5", "yes"), (None, "no"), ("7", "yes")]


def test_cells_that_do_not_fit_reject_their_rows_in_words(desk: Desk, csv_file: Csv) -> None:
    rows = [f"{number},2026-01-{number % 28 + 1:02},{number}@example.com" for number in range(1, 301)]
    rows[9] = "ten,2026-01-11,10@example.com"
    rows[19] = "20,2026-02-30,20@example.com"
    rows[29] = "30,2026-01-31,thirty"
    rows[39] = "x,y,z"
    ran = desk.run("load_table", csv_file("\n".join(["id,day,mail", *rows])), table="t")
    assert ran.problems == [
        (10, "rejected", "id", "ten", "is not a whole number"),
        (20, "rejected", "day", "2026-02-30", "is not a date: there is no 30 February"),
        (30, "rejected", "mail", "thirty", "is not an e-mail address: an @ is missing"),
        (40, "rejected", "id", "x", "is not a whole number"),
    ]
    good = [number for number in range(1, 301) if number not in {10, 20, 30, 40}]
    assert desk.query("SELECT id FROM t ORDER BY id") == good
    assert ran.counts == {"done": 296, "rejected": 4}


def test_rows_of_a_second_run_are_refused_if_they_are_only_to_be_added(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("id,name\n1,Ada\n2,Bob\n")
    desk.run("load_table", file, table="people", key=["id"])
    ran = desk.run("load_table", csv_file("id,name\n2,Bea\n3,Cy\n"), table="people", key=["id"])
    assert [problem[-1] for problem in ran.problems] == [
        "a row with id “2” is already in table people, perhaps from an earlier row of this file"
    ]
    assert desk.query("SELECT id, name FROM people") == [(1, "Ada"), (2, "Bob"), (3, "Cy")]


def test_rows_that_are_there_are_changed_if_that_was_chosen(desk: Desk, csv_file: Csv) -> None:
    desk.run("load_table", csv_file("id,name\n1,Ada\n2,Bob\n"), table="people", mode="upsert", key=["id"])
    ran = desk.run("load_table", csv_file("id,name\n2,Bea\n,Cy\n"), table="people", mode="upsert", key=["id"])
    assert [problem[-1] for problem in ran.problems] == ["id is empty, but rows are told apart by it"]
    assert desk.query("SELECT id, name FROM people") == [(1, "Ada"), (2, "Bea")]


def test_to_change_rows_without_a_key_is_refused_beside_the_field(desk: Desk, csv_file: Csv) -> None:
    with pytest.raises(BadInput) as refusal:
        desk.submit("load_table", csv_file("id\n1\n"), table="people", mode="upsert")
    assert "Choose the columns by which rows are told apart" in refusal.value.problems["key"]


def test_the_table_decides_how_a_later_file_is_read(desk: Desk, csv_file: Csv) -> None:
    desk.run("load_table", csv_file("code,qty\nA7,1\nB8,2\n"), table="t")
    ran = desk.run("load_table", csv_file("code,qty\n12,x\n13,3\n"), table="t")
    assert ran.problems == [(1, "rejected", "qty", "x", "is not a whole number")]
    assert desk.query("SELECT code, qty FROM t") == [("A7", 1), ("B8", 2), ("13", 3)]


GERMAN = """Nr;Menge;Preis;Rabatt;Gebucht;Saldo;Aktiv;Um;Web
007;1.250,5;1 234,50 €;12,5 %;28/01/2018;(5,00);ja;14:30;https://example.org/a
008;n/a;2,00 €;3 %;01/02/2018;7,25;nein;09:00;https://example.org/b
;3,25;1.000.000,00 €;;31/12/2017 ;-1,00;ja;;
"""


def test_numbers_dates_and_yes_and_no_are_read_as_their_country_writes_them(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file(GERMAN), table="goods")
    assert ran.counts == {"done": 3}
    assert desk.query("SELECT name || ' ' || type FROM pragma_table_info('goods')") == [
        "nr TEXT",
        "menge DECIMAL_TEXT",
        "preis DECIMAL_TEXT",
        "rabatt DECIMAL_TEXT",
        "gebucht DATE",
        "saldo DECIMAL_TEXT",
        "aktiv BOOLEAN",
        "um TEXT",
        "web TEXT",
    ]
    assert desk.query("SELECT * FROM goods") == [
        ("007", "1250.5", "1234.50", "0.125", "2018-01-28", "-5.00", 1, "14:30", "https://example.org/a"),
        ("008", None, "2.00", "0.03", "2018-02-01", "7.25", 0, "09:00", "https://example.org/b"),
        (None, "3.25", "1000000.00", None, "2017-12-31", "-1.00", 1, None, None),
    ]


def test_the_log_says_what_goes_in_as_something_else_than_it_shows(desk: Desk, csv_file: Csv) -> None:
    assert desk.run("load_table", csv_file(GERMAN), table="goods").log == [
        "Menge: “1.250,5” goes in as 1250.5.",
        "Preis: “1 234,50 €” goes in as 1234.50.",
        "Rabatt: “12,5 %” goes in as 0.125.",
        "Gebucht: “28/01/2018” goes in as 2018-01-28.",
        "Saldo: “(5,00)” goes in as -5.00.",
    ]
    assert desk.run("load_table", csv_file(GOODS), table="plain").log == []


OPEN = "id;paid;amount\n1;03/04/2018;1.234\n2;05/06/2018;2.345\n3;07/07/2018;3.000\n"


def test_what_can_be_read_in_two_ways_stays_text_and_the_log_says_so(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file(OPEN), table="t")
    assert ran.counts == {"done": 3}
    assert desk.query("SELECT * FROM t") == [
        (1, "03/04/2018", "1.234"),
        (2, "05/06/2018", "2.345"),
        (3, "07/07/2018", "3.000"),
    ]
    paid, amount = ran.log
    assert paid == (
        "paid: “03/04/2018” could be day/month or month/day. The column is loaded as text. "
        "To have dates, write them as 2026-01-31."
    )
    assert amount == (
        "amount: the “.” in “1.234” could part thousands or decimals. The column is loaded as text. "
        "To have numbers, write them without marks for thousands."
    )


def test_a_table_of_dates_and_numbers_takes_no_cell_that_can_be_read_in_two_ways(desk: Desk, csv_file: Csv) -> None:
    desk.run("load_table", csv_file("id,paid,amount\n1,2018-01-31,1.5\n"), table="t")
    ran = desk.run("load_table", csv_file(OPEN), table="t")
    assert [problem[2:] for problem in ran.problems] == [
        ("paid", "03/04/2018", "could be day/month or month/day: write it as 2026-01-31"),
        ("paid", "05/06/2018", "could be day/month or month/day: write it as 2026-01-31"),
        (
            "amount",
            "3.000",
            "could mean thousands or decimals: write it without the mark, as 1234, or with one more zero, as 1.2340",
        ),
    ]
    assert ran.log[0].endswith(
        "The table has no text there: they are refused. To have dates, write them as 2026-01-31."
    )
    assert desk.query("SELECT id FROM t") == [1]


def test_thousands_stay_thousands_in_a_table_of_decimals(desk: Desk, csv_file: Csv) -> None:
    desk.run("load_table", csv_file("id;qty\n1;1,5\n2;12,25\n"), table="t")
    ran = desk.run("load_table", csv_file("id;qty;price\n3;1.234;0,50\n4;987;12,00\n"), table="t")
    assert ran.counts == {"done": 2}
    assert desk.query("SELECT id, qty FROM t") == [(1, "1.5"), (2, "12.25"), (3, "1234"), (4, "987")]


def test_a_table_of_floats_that_somebody_else_made_takes_numbers_of_any_style(desk: Desk, csv_file: Csv) -> None:
    desk.query("CREATE TABLE t (id INTEGER, amount REAL)")
    ran = desk.run("load_table", csv_file("id;amount\n1;1.234,50 €\n2;n/a\n3;0,25 €\n"), table="t")
    assert ran.counts == {"done": 3}
    assert desk.query("SELECT amount FROM t") == [1234.5, None, 0.25]


MIXED = "id;amount;paid\n" + "".join(
    f"{number};{f'{number},50' if number % 5 else 'oops'};{f'{number}.01.2026' if number % 5 else 'later'}\n"
    for number in range(1, 16)
)


def test_some_words_among_numbers_do_not_hide_how_the_numbers_are_written(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file(MIXED), table="t", column_types={"amount": "numbers", "paid": "dates"})
    assert ran.problems == [(row, "rejected", "amount", "oops", "is not a number") for row in (5, 10, 15)]
    assert desk.query("SELECT amount, paid FROM t")[::11] == [("1.50", "2026-01-01"), ("14.50", "2026-01-14")]


def test_the_log_says_which_cells_make_text_of_a_column_of_numbers(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file(MIXED), table="t", column_types={"paid": "text"})
    assert ran.counts == {"done": 15}
    assert ran.log == [
        (
            "amount: 12 numbers and 3 texts (rows 5, 10, 15): it is loaded as text. "
            "To have numbers, choose them in “Columns of another type”: the texts are refused then."
        )
    ]
    assert desk.run("load_table", csv_file(MIXED), table="u", types="text").log == []


@pytest.mark.parametrize("name", WRITERS)
def test_workbooks_and_compressed_files_are_loaded_as_well(desk: Desk, tmp_path: Path, name: str) -> None:
    cells = [
        [f"{number:03}", number + 0.5, date(2018, 1, number % 28 + 1), "n/a" if number % 3 else number]
        for number in range(1, 301)
    ]
    ran = desk.run("load_table", WRITERS[name](tmp_path / name, [["code", "amount", "paid", "qty"], *cells]), table="t")
    assert ran.counts == {"done": 300}
    assert desk.query("SELECT type FROM pragma_table_info('t')") == ["TEXT", "DECIMAL_TEXT", "DATE", "INTEGER"]
    assert desk.query("SELECT count(*), min(code), sum(amount), max(paid), count(qty), sum(qty) FROM t") == [
        (300, "001", 45_300.0, "2018-01-28", 100, sum(range(3, 301, 3)))
    ]


def test_broken_rows_are_left_out_with_their_reasons(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("load_table", csv_file('id,name\n1,Ada\n2\n3,"C,y"\n4,D,E\n'), table="t")
    assert ran.counts == {"done": 2, "rejected": 2}
    assert desk.query("SELECT id, name FROM t") == [(1, "Ada"), (3, "C,y")]


@pytest.mark.parametrize("table", ["", "Robert'); DROP TABLE job;--", "a b", "Äpfel", "x" * 64, "9lives"])
def test_a_bad_name_is_refused_beside_its_field(desk: Desk, csv_file: Csv, table: str) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("load_table", csv_file("id\n1\n"), table=table)
    assert list(refused.value.problems) == ["table"]


@pytest.mark.parametrize("table", ["sqlite_master", "batchdesk_marker"])
def test_a_reserved_name_is_refused_in_words(desk: Desk, csv_file: Csv, table: str) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("load_table", csv_file("id\n1\n"), table=table)
    assert "is reserved" in refused.value.problems["table"]


def test_hostile_headers_become_safe_names(desk: Desk, csv_file: Csv) -> None:
    header = '"a""; DROP TABLE t;--","%s",":x","?","a DROP TABLE t","Größe"'
    ran = desk.run("load_table", csv_file(f"{header}\n1,2,3,4,5,6\n"), table="t")
    assert ran.counts == {"done": 1}
    names = desk.query("SELECT name FROM pragma_table_info('t')")
    assert names == ["a_drop_table_t_7af31bcd", "s", "x", "c_8a8de823", "a_drop_table_t_9ef9780b", "grosse"]


@pytest.mark.parametrize(("first", "second"), [("Цена", "Код"), ("Price (€)", "Price ($)"), ("Name", "NAME")])
def test_the_same_headers_in_another_order_fill_the_same_columns(
    desk: Desk, csv_file: Csv, first: str, second: str
) -> None:
    desk.run("load_table", csv_file(f"{first},{second}\none,two\n"), table="t", types="text")
    desk.run("load_table", csv_file(f"{second},{first}\ntwo,one\n"), table="t", types="text")
    assert desk.query("SELECT * FROM t") == [("one", "two")] * 2


def test_more_columns_than_a_table_keeps_fail_in_words(desk: Desk, csv_file: Csv) -> None:
    text = "\n".join(",".join(f"{row}c{column}" for column in range(3_000)) for row in ("", 1, 2))
    ran = desk.run("load_table", csv_file(text), table="wide")
    assert ran.job.state == "failed"
    assert "2,000 is the most it can keep" in (ran.job.problem or "")


@pytest.mark.parametrize("before_ledger", [True, False])
def test_after_a_crash_it_goes_on_with_nothing_lost_and_nothing_doubled(
    desk: Desk, csv_file: Csv, monkeypatch: pytest.MonkeyPatch, *, before_ledger: bool
) -> None:
    rows = [f"{number},{'x' if number % 1_000 == 7 else number}" for number in range(1, 30_001)]
    job_id = desk.submit("load_table", csv_file("\n".join(["id,qty", *rows])), table="t")
    desk.run_and_crash(monkeypatch, 2, before_ledger=before_ledger)
    run_claim(desk.claim())
    assert desk.result(job_id).counts == {"done": 29_970, "rejected": 30}
    assert desk.query("SELECT count(*), count(DISTINCT id), sum(id % 1000 = 7) FROM t") == [(29_970, 29_970, 0)]
