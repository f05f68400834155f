from datetime import date
from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import EmailStr, Field, SecretStr

from tests.authoring.support import job_taking, only_field, problem, typed
from webapp.authoring import AuthoringError


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (list[str], "a\r\n\r\n  b  \r\n", ["a", "b"]),
        (tuple[int, ...], "1\n2", (1, 2)),
        (list[Decimal], "1.5", [Decimal("1.5")]),
        (list[date], "2026-01-31", [date(2026, 1, 31)]),
        (list[EmailStr], "a@example.org", ["a@example.org"]),
    ],
)
def test_each_line_that_is_not_blank_is_one_value(annotation: object, text: str, value: object) -> None:
    assert typed(job_taking(annotation), text) == value


def test_a_value_that_does_not_fit_is_quoted() -> None:
    assert problem(job_taking(list[int]), ["1", "two"]).startswith("Value has “two”, which ")
    assert problem(job_taking(list[date]), ["5"]) == "Value has “5”, which is not a date: write it as 2026-01-31."


def test_limits_of_the_values_hold() -> None:
    assert "“0”" in problem(job_taking(list[Annotated[int, Field(ge=1)]]), ["0"])


def test_nothing_typed_is_an_empty_list_only_where_there_is_a_default() -> None:
    assert typed(job_taking(tuple[str, ...], ("a",)), "") == ()
    assert typed(job_taking(list[str] | None, None), "") is None
    assert problem(job_taking(list[str]), None) == "Value is empty."


def test_a_default_is_shown_one_to_a_line() -> None:
    assert only_field(job_taking(tuple[str, ...], ("a", "b"))).value == "a\nb"


@pytest.mark.parametrize("annotation", [list[dict[str, str]], list[list[str]], list[SecretStr], tuple[int, str]])
def test_lists_of_what_fits_on_no_line_are_refused(annotation: object) -> None:
    with pytest.raises(AuthoringError, match="which no form can ask for"):
        job_taking(annotation)
