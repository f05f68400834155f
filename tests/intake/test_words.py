"""Every error of pydantic has a sentence without jargon."""

import re
from typing import Any, cast, get_args

import pytest
from pydantic_core import ErrorDetails, core_schema

from webapp.intake import explain
from webapp.intake.words import _SENTENCES, _SPECIAL

# Errors of a program, not of a value: no file or form can cause them.
INTERNAL = {
    "no_such_attribute",
    "is_instance_of",
    "is_subclass_of",
    "callable_type",
    "multiple_argument_values",
    "missing_sentinel_error",
    "default_factory_not_called",
    "needs_python_object",
    "ellipsis_error",
}


def error(kind: str, message: str = "", value: object = "x", **context: Any) -> ErrorDetails:
    return cast("ErrorDetails", {"type": kind, "loc": ("a",), "msg": message, "input": value, "ctx": context})


@pytest.mark.parametrize("kind", sorted(set(get_args(core_schema.ErrorType)) - INTERNAL))
def test_every_kind_of_error_has_its_words(kind: str) -> None:
    assert kind in _SENTENCES or kind in _SPECIAL
    assert not re.search(r"Input|valid (?:int|str|dict)|None|parse", explain(error(kind, expected="'a' or 'b'")))


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        (error("int_parsing"), "is not a whole number"),
        (error("int_parsing", value=" "), "is empty"),
        (error("missing", value={}), "is empty"),
        (error("greater_than_equal", ge=1), "must be at least 1"),
        (error("less_than_equal", le=10_000), "must be at most 10,000"),
        (error("string_too_short", min_length=1), "has fewer than 1 character"),
        (error("string_too_long", max_length=2_000), "has more than 2,000 characters"),
        (error("too_short", min_length=2), "has fewer than 2 entries"),
        (error("decimal_max_places", decimal_places=2), "has more than 2 decimal places"),
        (error("date_from_datetime_parsing"), "is not a date: write it as 2026-01-31"),
        (error("enum", expected="'DE', 'FR' or 'IT'"), "is not one of DE, FR, IT"),
        (error("enum", expected="'DE' or \"l'or\""), "is not one of DE, l'or"),
        (error("literal_error", expected="1 or 2"), "is not one of 1, 2"),
        (error("literal_error", expected="'yes'"), "must be yes"),
        (error("literal_error", value="", expected="'a' or 'b'"), "is empty"),
        (error("value_error", "Value error, Too late.", error=ValueError("Too late.")), "Too late"),
        (error("assertion_error", "Assertion failed, ", error=AssertionError()), "is not accepted"),
        (
            error(
                "value_error", "value is not a valid email address: x", reason="An email address must have an @-sign."
            ),
            "is not an e-mail address: an @ is missing",
        ),
        (error("value_error", "value is not a valid email address: x", value=""), "is empty"),
        (error("brand_new", "Input should be a valid thing"), "should be thing"),
        (error("brand_new", "Something else."), "Something else"),
    ],
)
def test_an_error_reads_as_said_of_the_value(details: ErrorDetails, sentence: str) -> None:
    assert explain(details) == sentence
