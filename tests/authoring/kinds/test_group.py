from __future__ import annotations

import pytest
from pydantic import BaseModel, Field, SecretStr
from starlette.datastructures import FormData

from tests.authoring.support import Browser, job_taking, only_field, render
from webapp.authoring import AuthoringError, ParamsError


class Street(BaseModel):
    name: str
    number: int = Field(ge=1)


class Address(BaseModel):
    street: Street
    country: str = "DE"
    labels: dict[str, str] = Field(default_factory=dict)
    key: SecretStr | None = None


class Endless(BaseModel):
    inner: Endless | None = None


def form(**values: str) -> FormData:
    return FormData([(f"params.value.{name.replace('__', '.')}", text) for name, text in values.items()])


def test_fields_inside_are_named_by_their_way_through_the_models() -> None:
    names = {found["name"] for tag, found in Browser(render([only_field(job_taking(Address))])).tags if tag == "input"}
    assert {"params.value.street.name", "params.value.street.number", "params.value.country"} <= names


def test_values_come_back_as_the_nested_models() -> None:
    job_type = job_taking(Address)
    raw = job_type.parse_form(form(street__name="High St", street__number="4", country="FR"))
    expected = Address(street=Street(name="High St", number=4), country="FR")
    assert job_type.arguments(job_type.validate(raw))["value"] == expected


def test_each_problem_stands_beside_its_own_field() -> None:
    job_type = job_taking(Address)
    with pytest.raises(ParamsError) as refused:
        job_type.validate(job_type.parse_form(form(street__name="", street__number="0")))
    assert set(refused.value.problems) == {"value.street.name", "value.street.number"}
    assert refused.value.problems["value.street.name"] == "Name is empty."
    html = render(job_type.fields(errors=refused.value.problems))
    assert 'id="params-value-street-number-error"' in html


def test_an_unknown_field_inside_a_strict_model_is_named() -> None:
    with pytest.raises(ParamsError) as refused:
        job_taking(Street).validate({"value": {"name": "a", "number": 1}, "colour": "red"})
    assert refused.value.problems == {"colour": "This job has no parameter called colour."}


def test_a_group_that_may_be_left_out_is_none_when_it_was_not_touched() -> None:
    job_type = job_taking(Address | None, None)
    field = only_field(job_type)
    assert "Leave all of it blank if there is none." in field.help
    html = render([field])
    assert " required" not in html
    assert job_type.parse_form(Browser(html).form) == {"value": None}


@pytest.mark.parametrize("touched", ["street__name", "country", "labels__key", "key"])
def test_a_group_that_was_touched_is_not_left_out(touched: str) -> None:
    job_type = job_taking(Address | None, None)
    assert job_type.parse_form(form(**{touched: "x"}))["value"] is not None


def test_a_model_inside_itself_is_refused() -> None:
    with pytest.raises(AuthoringError, match="is nested too deep"):
        job_taking(Endless)


def test_a_type_inside_that_no_form_can_ask_for_is_named_by_its_way() -> None:
    class Odd(BaseModel):
        inner: bytes

    with pytest.raises(AuthoringError, match=r"parameter 'value\.inner' of .* has the type bytes"):
        job_taking(Odd)
