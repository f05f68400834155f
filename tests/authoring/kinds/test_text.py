from typing import Annotated

import pytest
from pydantic import Field, StringConstraints

from tests.authoring.support import job_taking, only_field, problem, typed


def test_spaces_around_one_line_are_cut_off_unless_the_author_needs_them() -> None:
    assert typed(job_taking(str), "  contacts ") == "contacts"
    assert typed(job_taking(Annotated[str, Field(json_schema_extra={"strip": False})]), " ") == " "


def test_blank_is_a_text_only_where_the_default_is_blank() -> None:
    assert typed(job_taking(str, ""), "") == ""
    assert not only_field(job_taking(str, "")).required
    assert only_field(job_taking(str, "contacts")).required
    assert problem(job_taking(str, "contacts"), None) == "Value is empty."


def test_of_a_value_sent_twice_the_last_counts() -> None:
    assert typed(job_taking(str), "first", "last") == "last"


def test_limits_and_placeholder_reach_the_page() -> None:
    words = Field(min_length=2, max_length=40, json_schema_extra={"placeholder": "news"})
    expected = {"type": "text", "placeholder": "news", "minlength": "2", "maxlength": "40"}
    assert only_field(job_taking(Annotated[str, words])).attributes == expected
    short = StringConstraints(min_length=2, max_length=40)
    assert only_field(job_taking(Annotated[str, short])).attributes["maxlength"] == "40"


@pytest.mark.parametrize(
    ("pattern", "in_page"),
    [
        (r"^[a-z]+$", "[a-z]+"),
        (r"^\d{4}$", r"\d{4}"),
        (r"[a-z]", None),  # found anywhere in the text, which a browser's pattern is not
        (r"^[a-z-]+$", None),  # an error in a browser
        (r"^(?P<year>\d+)$", None),
    ],
)
def test_a_pattern_is_given_to_the_browser_only_where_it_means_the_same(pattern: str, in_page: str | None) -> None:
    field = only_field(job_taking(Annotated[str, Field(pattern=pattern)]))
    assert field.attributes.get("pattern") == in_page


def test_what_a_pattern_wants_is_said_in_the_words_of_its_field() -> None:
    told = job_taking(Annotated[str, Field(pattern="^[a-z]+$", description="Small letters only.")])
    assert only_field(told).attributes["title"] == "Small letters only."
    assert problem(told, "A") == "Value is not written as it should be: small letters only."
    untold = job_taking(Annotated[str, Field(pattern="^[a-z]+$")])
    assert "title" not in only_field(untold).attributes
    assert problem(untold, "A") == "Value is not written as it should be."


def test_a_text_no_database_would_keep_is_refused() -> None:
    assert problem(job_taking(str), "a\x00b") == "Value holds a character that cannot be kept (number 0)."
