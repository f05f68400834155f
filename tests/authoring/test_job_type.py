"""From what arrives to what the function is called with."""

import pytest
from pydantic import BaseModel, ValidationError

from webapp.authoring import Context, ParamsError, Table, job


class Options(BaseModel):
    tags: list[str]


class Contact(BaseModel):
    id: int


@job()
def each(row: Contact, ctx: Context, options: Options, names: list[str], limit: int = 3) -> None:
    """Take a row."""


@job()
def whole(limit: int, data: Table) -> None:
    """Take a file."""


RAW = {"options": {"tags": ["a"]}, "names": ["b"], "limit": "5"}


def test_the_function_gets_row_file_and_context_under_its_own_names() -> None:
    context, row = object(), Contact(id=1)
    arguments = each.job_type.arguments(each.job_type.validate(RAW), row=row, ctx=context)
    assert arguments == {"row": row, "ctx": context, "options": Options(tags=["a"]), "names": ["b"], "limit": 5}
    file = object()
    assert whole.job_type.arguments(whole.job_type.validate({"limit": 1}), file=file) == {"limit": 1, "data": file}


def test_a_call_cannot_change_the_arguments_of_the_next() -> None:
    params = each.job_type.validate(RAW)
    first = each.job_type.arguments(params)
    first["names"].append("more")
    first["options"].tags.append("more")
    second = each.job_type.arguments(params)
    assert (second["names"], second["options"].tags) == (["b"], ["a"])


def test_parameters_are_frozen() -> None:
    params = whole.job_type.validate({"limit": 1})
    with pytest.raises(ValidationError):
        params.limit = 2  # type: ignore[attr-defined] # the model is made at run time


def test_all_problems_are_said_at_once_in_the_order_of_the_form() -> None:
    with pytest.raises(ParamsError) as refused:
        each.job_type.validate({"colour": "red", "names": "b", "limit": "many"})
    assert list(refused.value.problems.items()) == [
        ("options", "Options is empty."),
        ("names", "Names is not a list."),
        ("limit", "Limit is not a whole number."),
        ("colour", "This job has no parameter called colour."),
    ]


def test_what_is_not_names_with_values_is_refused() -> None:
    with pytest.raises(ParamsError, match="The parameters are not names with values"):
        each.job_type.validate(["limit"])  # type: ignore[arg-type] # what a client may send


def test_what_was_typed_is_shown_again_with_the_error_beside_it() -> None:
    *_, limit = each.job_type.fields(values={"limit": "many"}, errors={"limit": "Limit is not a whole number."})
    assert (limit.value, limit.error) == ("many", "Limit is not a whole number.")


def test_parameters_that_no_longer_fit_are_not_loaded() -> None:
    with pytest.raises(ParamsError) as refused:
        whole.job_type.load({"size": 1})
    assert set(refused.value.problems) == {"limit", "size"}


def test_raw_values_are_left_as_they_are() -> None:
    raw = {"limit": "1"}
    whole.job_type.validate(raw)
    assert raw == {"limit": "1"}
