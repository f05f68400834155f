"""How a file is read, on its way from a form into words and back; and what becomes of requests that no page sends."""

import gzip
from typing import Any

import pytest

from tests.web.conftest import Browser
from webapp.intake import How, Match, Reading
from webapp.web.format import size
from webapp.web.match_view import entered_match
from webapp.web.reading_form import entered_choices, entered_form, reading_fields
from webapp.web.reading_words import read_as

ROWS = b"Report\n\nid;name\n1;Ada\n2;Ben\n"
LEFT_OUT_ON_BOTH_SIDES = (
    "semicolons between cells, UTF-8, header in line 3, rows in lines 4 to 1,003; "
    "2 lines above and 1 below the table are left out."
)
TWO_HEADER_LINES = (
    "semicolons between cells, Western European (Windows), header in lines 1 to 2, rows in lines 3 to 9; "
    "2 lines below the table are left out."
)
NOBODYS = "00000000-0000-7000-8000-000000000000"


def reading(**changes: Any) -> dict[str, Any]:
    """A reading as a job keeps it."""
    return Reading("utf-8", ";", '"', 3, 4, ("id", "name")).to_json() | changes


@pytest.mark.parametrize(
    ("changes", "last_line", "sentence"),
    [
        (
            {"footer_lines": 1},
            1003,
            LEFT_OUT_ON_BOTH_SIDES,
        ),
        (
            {"header_line": 1, "data_line": 2},
            2,
            "semicolons between cells, UTF-8, header in line 1, one row in line 2.",
        ),
        (
            {"header_line": 0, "data_line": 2, "delimiter": ""},
            None,
            "one column only, UTF-8, no header, rows from line 2 on; 1 line above the table is left out.",
        ),
        (
            {"header_line": 1, "data_line": 3, "header_rows": 2, "footer_lines": 2, "encoding": "cp1252"},
            9,
            TWO_HEADER_LINES,
        ),
        (
            {"container": "workbook", "sheet": "Orders", "header_line": 1, "data_line": 2},
            5,
            "sheet “Orders”, header in row 1, rows in rows 2 to 5.",
        ),
        (
            {"container": "gzip", "header_line": 1, "data_line": 2, "delimiter": "||"},
            5,
            "unpacked from gzip, || between cells, UTF-8, header in line 1, rows in lines 2 to 5.",
        ),
    ],
)
def test_how_a_file_is_read_is_one_sentence(changes: dict[str, Any], last_line: int | None, sentence: str) -> None:
    assert read_as(reading(**changes), {"last_line": last_line}) == sentence


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"delimiter": ";", "quote": "", "escape": "\\", "encoding": "cp1252"},
        {"delimiter": "", "header_line": 0, "header_rows": 2, "last_line": 0},
        {"delimiter": "||", "sheet": "Orders"},
        {"delimiter": "\t", "quote": "'"},
    ],
)
def test_what_was_chosen_fills_the_form_that_chooses_it(choices: dict[str, Any]) -> None:
    assert entered_choices(entered_form(choices)) == choices


def test_a_pressed_line_counts_more_than_what_stands_in_the_form() -> None:
    assert entered_choices({"header_line": "9", "header_is": "3"}) == {"header_line": 3}
    assert entered_choices({"header_line": "9", "header_is": "0"}) == {"header_line": 0}
    assert entered_choices({"last_line": "9", "last_is": "3"}) == {"last_line": 3}
    assert entered_choices({"header_line": "9", "delimiter": "tab", "reset": "yes"}) == {}


def test_what_is_no_number_is_kept_as_it_was_typed() -> None:
    assert entered_choices({"header_line": " three ", "last_line": "-1"}) == {"header_line": "three", "last_line": "-1"}


def test_a_workbook_is_asked_for_its_sheet_and_not_for_its_delimiter() -> None:
    fields = reading_fields(reading(container="workbook", sheet="B"), ["A", "B"], {}, {})
    assert [field.name for field in fields] == ["sheet", "header_line", "header_rows", "last_line"]
    assert [option.label for option in fields[0].options] == ["B (found)", "A", "B"]


def test_a_choice_that_no_option_has_is_still_shown() -> None:
    (field,) = [each for each in reading_fields(reading(), (), {"encoding": "x-odd"}, {}) if each.name == "encoding"]
    assert [option.value for option in field.options if option.selected] == ["x-odd"]


def test_a_column_that_is_chosen_for_one_field_is_taken_from_the_other() -> None:
    match = Match({"id": "a", "name": "b"}, (), (), {"id": How.CHOSEN, "name": How.EXACT}, {"id": 1.0, "name": 1.0})
    form = {"field.id": "a", "field.name": "a", "other": "x"}
    assert entered_match(form, match, {"id": "a"}) == {"name": "a"}
    assert entered_match({"field.id": "", "field.name": "b"}, match, {"id": "a"}) == {"id": None}


def hand_in(browser: Browser, job_type: str = "load_table") -> str:
    """The address of a job with a file that waits to be started."""
    answer = browser.post("/jobs", data={"job_type": job_type}, files={"file": ("people.csv", ROWS)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_change_leads_back_to_the_page_that_shows_it(ann_browser: Browser) -> None:
    job = hand_in(ann_browser)
    answer = ann_browser.post(f"{job}/reading", data={"delimiter": "comma"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{job}?change=true#reading")
    page = ann_browser.get(f"{job}?change=true").text
    assert "commas between cells" in page
    assert '<details class="change" open>' in page


def test_the_size_of_a_packed_file_is_that_of_what_was_handed_in(ann_browser: Browser) -> None:
    packed = gzip.compress(b"id,name\n" + b"1,Ada\n" * 5000)
    answer = ann_browser.post("/jobs", data={"job_type": "load_table"}, files={"file": ("people.csv.gz", packed)})
    page = ann_browser.get(answer.headers["location"]).text
    assert f"<dt>Size</dt><dd>{size(len(packed))}</dd>" in page


def test_a_last_row_that_looks_like_a_total_can_be_left_out_with_one_press(ann_browser: Browser) -> None:
    rows = b"id,name,qty\n1,Ada,3\n2,Bo,4\nTotal,,7\n"
    answer = ann_browser.post("/jobs", data={"job_type": "load_table"}, files={"file": ("people.csv", rows)})
    job = answer.headers["location"]
    page = ann_browser.get(job).text
    assert "Line 4, the last one, looks like a total. It counts as a row." in page
    assert 'name="last_is" value="3"' in page
    assert ann_browser.post(f"{job}/reading", data={"last_is": "3"}).status_code == 303
    page = ann_browser.get(job).text
    assert "looks like a total" not in page
    assert "rows in lines 2 to 3; 1 line below the table is left out" in page


def test_a_page_that_asks_by_itself_gets_its_part_alone(ann_browser: Browser) -> None:
    job = hand_in(ann_browser)
    answer = ann_browser.post(f"{job}/reading", data={"delimiter": "comma"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "commas between cells" in answer.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("reading", {"header_line": "900"}),
        ("reading", {"header_line": "three"}),
        ("reading", {"encoding": "klingon"}),
        ("reading", {"delimiter": "other"}),
        ("reading", {"delimiter": "other", "delimiter_other": "\0"}),
        ("reading", {"sheet": "Orders"}),
        ("days", {"column": "name", "style": "ymd"}),
    ],
)
def test_what_cannot_be_settled_is_refused_and_changes_nothing(
    ann_browser: Browser, path: str, form: dict[str, str]
) -> None:
    job = hand_in(ann_browser)
    answer = ann_browser.post(f"{job}/{path}", data=form)
    assert answer.status_code in {422, 303}
    assert "semicolons between cells, UTF-8, header in line 3" in ann_browser.get(job).text


@pytest.mark.parametrize("path", ["reading", "match", "days", "repairs"])
def test_the_address_of_a_change_is_no_dead_end(ann_browser: Browser, path: str) -> None:
    job = hand_in(ann_browser)
    assert ann_browser.get(f"{job}/{path}").headers["location"] == job
    assert ann_browser.post(f"/jobs/{NOBODYS}/{path}", data={"x": "y"}).status_code == 404


def test_a_job_that_takes_any_columns_has_no_match_to_change(ann_browser: Browser) -> None:
    assert ann_browser.post(f"{hand_in(ann_browser)}/match", data={"field.id": "id"}).status_code == 404
