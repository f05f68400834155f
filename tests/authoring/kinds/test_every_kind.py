"""Promises every kind of field keeps; a new kind has to bring its sample here."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from html import escape
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, EmailStr, Field, SecretStr

from tests.authoring.support import Browser, job_taking, only_field, problem, render, value_of
from webapp.authoring import ColumnName, DatabaseName, OtherFile, ParamsError
from webapp.authoring.kinds import all_kinds

COLUMNS = ("email", 'a "quoted" <name>', "two\nlines")
FILE = "01a1fa01-c05a-746a-8285-b9766806a17b"
HOSTILE = "<script>alert('x')</script>\"&"


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    street: str
    floor: int = 0


# kind: annotation, a valid value as a form or JSON gives it, the argument it becomes, a raw value that is refused
SAMPLES: dict[str, tuple[object, object, object, object]] = {
    "Text": (str, "x", "x", 5),
    "Paragraph": (Annotated[str, Field(max_length=500)], "a\nb", "a\nb", 5),
    "Number": (Decimal, "1.50", Decimal("1.50"), "many"),
    "Boolean": (bool, True, True, "perhaps"),
    "Choice": (Colour, "blue", Colour.BLUE, "green"),
    "Choices": (list[Literal["a", "b"]], ["b"], ["b"], ["c"]),
    "Day": (date, "2026-01-31", date(2026, 1, 31), "31/01/2026"),
    "Moment": (datetime, "2026-01-31T14:30", datetime(2026, 1, 31, 14, 30, tzinfo=UTC), "noon"),
    "Email": (EmailStr, "a@example.org", "a@example.org", "example.org"),
    "Secret": (SecretStr, "open sesame", SecretStr("open sesame"), 5),
    "Lines": (tuple[int, ...], ["1", "2"], (1, 2), ["1", "two"]),
    "OneColumn": (ColumnName, "email", "email", "phone"),
    "SomeColumns": (list[ColumnName], ["email", "two\nlines"], ["email", "two\nlines"], ["email", "phone"]),
    "Pairs": (dict[str, str], {"a": "1"}, {"a": "1"}, [["a", "1"], ["a", "2"]]),
    "OneFile": (OtherFile, f"{FILE} a.pdf", OtherFile(UUID(FILE), "a.pdf"), "a.pdf"),
    "OneDatabase": (DatabaseName, "", "", "elsewhere"),
    "Group": (Address, {"street": "High St", "floor": "2"}, Address(street="High St", floor=2), "High St"),
}
each_sample = pytest.mark.parametrize(("annotation", "raw", "argument", "bad"), SAMPLES.values(), ids=SAMPLES)


def test_every_kind_of_the_folder_has_a_sample_of_its_own() -> None:
    assert {kind.__name__ for kind in all_kinds()} == set(SAMPLES)
    for name, (annotation, *_) in SAMPLES.items():
        (only,) = job_taking(annotation).inputs
        assert type(only).__name__ == name


@each_sample
def test_a_raw_value_becomes_the_typed_argument(annotation: object, raw: object, argument: object, bad: object) -> None:
    del bad
    assert value_of(job_taking(annotation), raw, COLUMNS) == argument


@each_sample
def test_a_bad_value_is_refused_with_a_sentence_beside_its_field(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del raw, argument
    job_type = job_taking(annotation)
    said = problem(job_type, bad, COLUMNS)
    assert said.startswith("Value ")
    assert said.endswith(".")
    (field,) = job_type.fields(COLUMNS, {"value": bad}, {"value": said})
    page = Browser(render([field]))
    assert escape(said, quote=False) in render([field]).replace("&#39;", "'").replace("&#34;", '"')
    described = {
        one for _, found in page.tags for one in (found.get("aria-describedby") or "").split() if one.endswith("-error")
    }
    assert described == {"params-value-error"}
    assert {found["aria-invalid"] for _, found in page.tags if "aria-invalid" in found} <= {"true"}
    assert described <= {found.get("id") for _, found in page.tags}


@each_sample
def test_a_required_field_that_is_blank_or_left_out_is_said_to_be_empty(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del raw, argument, bad
    job_type = job_taking(annotation)
    assert problem(job_type, None, COLUMNS) == "Value is empty."
    with pytest.raises(ParamsError) as refused:
        job_type.validate({}, COLUMNS)
    assert refused.value.problems == {"value": "Value is empty."}


@each_sample
def test_a_field_that_may_be_none_takes_none(annotation: object, raw: object, argument: object, bad: object) -> None:
    del raw, argument, bad
    assert value_of(job_taking(annotation | None, None), None) is None  # type: ignore[operator] # a type


@each_sample
def test_what_is_stored_is_json_and_loads_as_the_same_parameters(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del argument, bad
    job_type = job_taking(annotation)
    params = job_type.validate({"value": raw}, COLUMNS)
    stored = json.loads(json.dumps(job_type.dump(params), allow_nan=False))
    assert job_type.load(stored, job_type.secrets(params)) == params


@each_sample
def test_a_page_sent_back_untouched_gives_the_value_it_showed(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del bad
    job_type = job_taking(annotation)
    html = render([only_field(job_type, raw, COLUMNS)])
    sent = job_type.parse_form(Browser(html).form, COLUMNS)["value"]
    if annotation is SecretStr:
        assert sent is None
    else:
        assert value_of(job_type, sent, COLUMNS) == argument


@each_sample
def test_the_schema_of_the_api_names_the_parameter(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del raw, argument, bad
    schema = job_taking(annotation).schema()
    assert schema["required"] == ["value"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["value"]


@each_sample
def test_a_field_is_one_element_with_unique_ids_a_label_and_no_script_or_style(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del argument, bad
    html = render([only_field(job_taking(annotation), raw, COLUMNS)]).strip()
    page = Browser(html)
    root = page.tags[0][0]
    assert root in ("div", "fieldset")
    assert html.endswith(f"</{root}>")
    ids = Counter(found["id"] for _, found in page.tags if "id" in found)
    assert set(ids.values()) == {1}
    labelled = {found.get("for") for tag, found in page.tags if tag == "label"}
    assert "params-value" in labelled or root == "fieldset"
    assert not any(name == "style" or name.startswith("on") for _, found in page.tags for name in found)


@each_sample
def test_words_and_values_of_others_cannot_become_markup(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del raw, argument, bad
    words = Field(title=HOSTILE, description=HOSTILE, json_schema_extra={"placeholder": HOSTILE})
    job_type = job_taking(Annotated[annotation, words])
    for hostile in (HOSTILE, [HOSTILE], {HOSTILE: HOSTILE}, {"street": HOSTILE}):
        (field,) = job_type.fields((HOSTILE,), {"value": hostile}, {"value": HOSTILE})
        html = render([field])
        assert "<script" not in html
        assert escape("<script>") in html


@each_sample
def test_a_field_the_form_does_not_have_keeps_its_default(
    annotation: object, raw: object, argument: object, bad: object
) -> None:
    del raw, argument, bad
    assert job_taking(annotation).parse_form(Browser("").form) == {}
