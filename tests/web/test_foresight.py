"""What a job will do to the rows of a file, said on its page before the start."""

import hashlib
import re
from pathlib import Path
from uuid import UUID

import pytest
from httpx import Response

from tests.web.conftest import Browser
from webapp.services.datatables.register import Entry, Made, add, make_register
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.tables import Job, State, User

MESSY = b"id,name,born\n1, Ada ,28.01.2018\n2,Bob,30.01.2018\n3,n/a,unknown\nn/a,n/a,n/a\n1,Ada,31.01.2018\n"
MIXED = b"id,qty\n" + b"".join(b"%d,%d\n" % (row, row * 3) for row in range(1, 30)) + b"30,sold out\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0)


def hand_in(browser: Browser, job_type: str, rows: bytes) -> str:
    """The address of a prepared job."""
    answer = browser.post("/jobs", files={"job_type": (None, job_type), "file": ("rows.csv", rows)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def words(page: str) -> str:
    """What is read."""
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def foreseen(browser: Browser, address: str, **params: str) -> str:
    """What is said with these entries."""
    given = {f"params.{name}": value for name, value in params.items()}
    answer: Response = browser.post(f"{address}/foresight?part=true", data={"settled": "0", **given})
    assert answer.status_code == 200, answer.text
    assert "<html" not in answer.text
    return words(answer.text)


@pytest.mark.usefixtures("ann")
def test_each_rule_of_cleaning_says_what_it_changes_with_examples(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "clean_csv", MESSY)
    said = foreseen(ann_browser, address)
    assert "All 5 rows looked at" in said
    assert "Trim spaces : 1 cell changes Ada → becomes Ada" in said
    assert "Empty rows" not in said
    chosen = {"normalise": "blank_words", "rules.dates": "born", "unique_by": "id"}
    said = foreseen(ann_browser, address, **chosen)
    assert "Blanks : 4 cells change n/a → becomes empty" in said
    assert "Empty rows : 1 is left out" in said
    assert "Dates, born : 3 cells change 28.01.2018 → becomes 2018-01-28 30.01.2018 → becomes 2018-01-30" in said
    assert "What can’t be read : born: 1 cell kept as found, first in row 3" in said
    assert "Repeated rows : 1 is left out" in said


@pytest.mark.usefixtures("ann")
def test_rows_that_repeat_are_said_before_anybody_asks(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "clean_csv", b"id,name\n1,Ada\n2,Bob\n1, Ada \n2,Bob\n")
    said = foreseen(ann_browser, address)
    assert "Repeated rows : 2 rows (3, 4) are the same as an earlier one in every column. They stay." in said
    assert "choose columns under “Drop repeated rows by”" in said
    assert "They stay" not in foreseen(ann_browser, address, unique_by="id")
    assert "They stay" not in foreseen(ann_browser, hand_in(ann_browser, "clean_csv", b"id,name\n1,Ada\n2,Bob\n"))


@pytest.mark.usefixtures("ann")
def test_two_rules_for_addresses_have_two_names(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "clean_csv", b"id,mail\n1,Ada@Example.COM\n2,bob@example.com\n")
    said = foreseen(ann_browser, address, normalise="emails", **{"rules.emails": "mail"})
    assert "E-mail addresses : 1 cell changes Ada@Example.COM → becomes ada@example.com" in said
    assert "E-mail addresses behind the @, mail : no cell changes" in said


@pytest.mark.usefixtures("ann")
def test_similar_rows_and_the_tables_that_it_is_split_into_are_said(ann_browser: Browser) -> None:
    rows = b"id,name,city\n1,Ada Lovelace,London\n2,ADA LOVLACE,London\n3,Grace Hopper,New York\n4,Alan Turing,\n"
    address = hand_in(ann_browser, "clean_csv", rows)
    assert "Similar" not in foreseen(ann_browser, address)
    said = foreseen(ann_browser, address, **{"similar.columns": "name", "similar.threshold": "90"})
    assert "Similar rows : 1 pair: rows 1 and 2, “Ada Lovelace” and “ADA LOVLACE”. All rows stay" in said
    said = foreseen(ann_browser, address, **{"similar.columns": "city", "similar.threshold": "100"})
    assert "Similar rows : 1 pair: rows 1 and 2, “London” and “London”" in said
    said = foreseen(ann_browser, address, **{"split.by": "column", "split.column": "city", "split.rows": "10000"})
    assert "Split the table : a ZIP with 3 tables: “London”, “New York”, blank" in said
    said = foreseen(ann_browser, address, **{"split.by": "rows", "split.column": "", "split.rows": "3"})
    assert "Split the table : a ZIP with 2 tables" in said


@pytest.mark.usefixtures("ann")
def test_what_a_start_would_refuse_is_said_where_it_is_chosen(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "clean_csv", MESSY)
    split = {"params.split.by": "column", "params.split.column": "", "params.split.rows": "10"}
    part = ann_browser.post(f"{address}/foresight?part=true", data=split).text
    refusal = "Choose the column by whose values the table is split."
    (field,) = re.findall(r'<p><a href="#([^"]*)">[^<]*' + re.escape(refusal), part)
    assert "Trim spaces" in part, "the rest is said all the same"
    page = ann_browser.post(f"{address}/foresight", data=split).text
    assert f'id="{field}-error"' in page
    assert page.count(refusal) == 3, "above all, beside its field and in the box"
    loaded = hand_in(ann_browser, "load_table", MIXED)
    assert "Not ready" not in ann_browser.post(f"{loaded}/foresight?part=true", data={"params.table": ""}).text
    said = foreseen(ann_browser, loaded, table="stock", mode="upsert")
    assert "Choose the columns by which rows are told apart" in said


def test_it_is_said_without_javascript_too_and_nothing_typed_is_lost(
    ann: User, ann_browser: Browser, database: Database
) -> None:
    address = hand_in(ann_browser, "clean_csv", MESSY)
    assert f'hx-post="{address}/foresight?part=true"' in ann_browser.get(address).text
    page = ann_browser.post(f"{address}/foresight", data={"params.normalise": "blank_words"}).text
    assert "Blanks : 4 cells change" in words(page)
    assert 'value="blank_words" checked' in page
    with database.read() as session:
        job = session.get_one(Job, UUID(address.rpartition("/")[2]))
        assert (job.owner_id, job.state, job.done) == (ann.id, State.checking, 0)


@pytest.mark.usefixtures("ann")
def test_a_column_of_numbers_and_texts_is_said_before_it_is_loaded(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "load_table", MIXED)
    said = foreseen(ann_browser, address, table="")
    assert "qty : 29 numbers and 1 text (row 30): it is loaded as text." in said
    assert "qty" not in foreseen(ann_browser, address, table="stock", types="text")


TWO_WAYS = b"Nr,Datum\n" + b"".join(
    b"%d,%s\n" % (row if row not in {4, 10, 12} else 1, b"2024-05-%02d" % row if row % 2 else b"%02d.05.2024" % row)
    for row in range(1, 31)
)


@pytest.mark.usefixtures("ann")
def test_dates_in_two_styles_and_rows_that_repeat_the_key_are_said_before_they_are_loaded(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "load_table", TWO_WAYS)
    said = foreseen(ann_browser, address, table="goods", key="Nr")
    assert "Datum : dates in 2 styles (2024-05-01, 02.05.2024): it is loaded as text." in said
    assert "Nr : 3 rows repeat a Nr: 4, 10, 12. Only the first row of each goes in." in said
    assert "needs a second look" not in said
    changed = foreseen(ann_browser, address, table="goods", key="Nr", mode="upsert")
    assert "Nr : 3 rows repeat a Nr: 4, 10, 12. The last row of each stays." in changed


@pytest.mark.usefixtures("ann")
def test_rows_without_the_key_are_said_before_they_are_refused(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "load_table", b"Nr,Name\n1,Ada\n,Ben\n3,Cem\n")
    said = foreseen(ann_browser, address, table="goods", key="Nr")
    assert "Nr : 1 row has no Nr and will be refused: 2." in said
    assert "Nothing in them needs a second look." in foreseen(ann_browser, address, table="goods")


@pytest.mark.usefixtures("ann")
def test_rows_that_a_chosen_type_refuses_are_said(ann_browser: Browser) -> None:
    rows = b"id,qty\n" + b"".join(b"%d,%s\n" % (row, b"sold" if row in {4, 10, 12} else b"7") for row in range(1, 15))
    address = hand_in(ann_browser, "load_table", rows)
    said = foreseen(
        ann_browser, address, table="stock", **{"column_types.key": "qty", "column_types.value": "whole numbers"}
    )
    assert "qty : 3 rows will be refused (4, 10, 12): “sold” is not a whole number." in said


@pytest.mark.usefixtures("ann")
def test_a_file_that_was_loaded_before_is_said_before_it_is_refused(ann_browser: Browser, settings: Settings) -> None:
    address = hand_in(ann_browser, "load_table", MIXED)
    assert "already" not in foreseen(ann_browser, address, table="stock")
    engine = connect(settings.data_database)
    with engine.execution_options(write=True).begin() as connection:
        make_register(connection)
        entry = Entry("stock", "insert", Made(identity=None))
        add(connection, (UUID(int=4), 4), entry, hashlib.sha256(MIXED).hexdigest())
    engine.dispose()
    said = foreseen(ann_browser, address, table="stock")
    assert "Load it again : This file was loaded into stock already, by job 4" in said
    assert "already" not in foreseen(ann_browser, address, table="other")
    assert "already" not in foreseen(ann_browser, address, table="stock", load_again="true")
    assert "already" not in foreseen(ann_browser, address, table="stock", mode="replace")


@pytest.mark.usefixtures("ann")
def test_what_foresees_nothing_says_nothing(ann_browser: Browser) -> None:
    address = hand_in(ann_browser, "send_email", b"email\nada@example.com\n")
    assert "foresight" not in ann_browser.get(address).text
    assert not foreseen(ann_browser, address)
