from decimal import Decimal
from typing import Annotated

import pytest
from annotated_types import Interval
from pydantic import Field

from tests.authoring.support import job_taking, only_field, problem, typed


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [(int, " 12 ", 12), (int, "-3", -3), (float, "1e3", 1000.0), (Decimal, "0.10", Decimal("0.10"))],
)
def test_typed_text_becomes_the_number(annotation: type, text: str, value: object) -> None:
    argument = typed(job_taking(annotation), text)
    assert argument == value
    assert type(argument) is annotation


@pytest.mark.parametrize("raw", ["nan", "inf", "-Infinity", "1e400", float("inf"), float("nan")])
def test_a_number_without_end_is_refused(raw: object) -> None:
    assert problem(job_taking(float), raw) == "Value is not a number."


@pytest.mark.parametrize("raw", ["nan", "inf", float("nan")])
@pytest.mark.parametrize("annotation", [int, Decimal])
def test_a_whole_or_decimal_number_has_an_end_too(annotation: type, raw: object) -> None:
    assert problem(job_taking(annotation), raw).startswith("Value ")


def test_a_decimal_may_be_larger_than_any_float() -> None:
    assert typed(job_taking(Decimal), "1e400") == Decimal("1e400")


@pytest.mark.parametrize(
    ("annotation", "limits"),
    [
        (Annotated[int, Field(ge=1, le=9)], {"min": "1", "max": "9", "step": "1"}),
        (Annotated[int, Field(gt=0, lt=10)], {"min": "1", "max": "9", "step": "1"}),
        (Annotated[int, Interval(ge=1, lt=10)], {"min": "1", "max": "9", "step": "1"}),
        (Annotated[int, Field(multiple_of=5)], {"step": "5"}),
        (Annotated[int, Field(ge=1)] | None, {"min": "1", "step": "1"}),
        (Annotated[Decimal, Field(gt=0, decimal_places=2)], {"min": "0", "step": "0.01"}),
        (float, {"step": "any"}),
    ],
)
def test_limits_are_said_as_the_browser_knows_them(annotation: object, limits: dict[str, str]) -> None:
    attributes = only_field(job_taking(annotation)).attributes
    assert {name: attributes.get(name) for name in limits} == limits
    assert ("max" in attributes) == ("max" in limits)


def test_a_number_outside_of_its_limits_is_refused() -> None:
    assert problem(job_taking(Annotated[int, Field(ge=1)]), "0") == "Value must be at least 1."
