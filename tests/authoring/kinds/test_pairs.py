from pydantic import Field, JsonValue
from starlette.datastructures import FormData, UploadFile

from tests.authoring.support import Browser, job_taking, only_field, problem, render

JOB = job_taking(dict[str, str], Field(default_factory=dict))


def rows(*pairs: tuple[str, str]) -> FormData:
    sent: list[tuple[str, str | UploadFile]] = [
        item for key, text in pairs for item in (("params.value.key", key), ("params.value.value", text))
    ]
    return FormData(sent)


def test_rows_become_names_with_values_and_blank_rows_are_left_out() -> None:
    assert JOB.parse_form(rows(("a", "1"), ("", ""), (" b ", " 2 "))) == {"value": {"a": "1", "b": "2"}}
    assert JOB.parse_form(rows(("", ""))) == {"value": {}}


def test_three_blank_rows_wait_after_those_there_are() -> None:
    assert only_field(JOB, {"a": "1"}).pairs == (("a", "1"), ("", ""), ("", ""), ("", ""))


def test_a_name_given_twice_is_refused_and_both_rows_are_shown_again() -> None:
    raw = JOB.parse_form(rows(("a", "1"), ("a", "2")))["value"]
    assert problem(JOB, raw) == "Value has the name a more than once."
    assert only_field(JOB, raw).pairs[:2] == (("a", "1"), ("a", "2"))


def test_a_value_without_a_name_is_refused_and_shown_again() -> None:
    raw = JOB.parse_form(rows(("", "1")))["value"]
    assert problem(JOB, raw) == "Value has a value without a name."
    assert JOB.parse_form(Browser(render([only_field(JOB, raw)])).form) == {"value": raw}


WORDS: dict[str, JsonValue] = {"pairs": ["Column", "Type"], "values": ["text", "dates"]}
TYPED = job_taking(dict[str, str], Field(default_factory=dict, json_schema_extra=WORDS))


def test_what_there_is_to_choose_from_is_chosen() -> None:
    (field,) = TYPED.fields(["id", "born"], {"value": {"born": "dates"}})
    assert (field.pair_words, field.pair_options) == (("Column", "Type"), (("id", "born"), ("text", "dates")))
    page = render([field])
    assert TYPED.parse_form(Browser(page).form) == {"value": {"born": "dates"}}
    assert page.count("<select") == 8
    assert 'aria-label="Type 1"' in page
    raw = TYPED.parse_form(rows(("", "text")))["value"]
    assert problem(TYPED, raw) == "Value has a type without a column."
    (unknown,) = TYPED.fields([], {"value": {"born": "dates"}})
    assert render([unknown]).count('placeholder="Column…"') == 0
    assert 'placeholder="Column"' in render([unknown]), "without a file, columns are typed"


def test_a_list_is_not_taken_for_names_with_values() -> None:
    assert problem(JOB, [["a", "1"]]) == "Value is not a set of names with values."
    assert problem(JOB, [5]) == "Value has a value without a name."
    assert problem(JOB, [[[], []]]) == "Value is not a set of names with values."


def test_a_text_no_database_would_keep_is_refused() -> None:
    assert problem(JOB, {"a": "\x00"}) == "Value holds a character that cannot be kept (number 0)."
