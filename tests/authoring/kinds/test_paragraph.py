from typing import Annotated

import pytest
from pydantic import Field
from pydantic.fields import FieldInfo

from tests.authoring.support import Browser, job_taking, only_field, render, typed


@pytest.mark.parametrize(
    ("declared", "widget"),
    [
        (Field(json_schema_extra={"widget": "textarea"}), "textarea"),
        (Field(max_length=201), "textarea"),
        (Field(max_length=200), "input"),
    ],
)
def test_several_lines_are_asked_for_by_the_author_or_by_length(declared: FieldInfo, widget: str) -> None:
    assert only_field(job_taking(Annotated[str, declared])).widget == widget


def test_line_breaks_of_the_browser_become_plain_ones_and_spaces_stay() -> None:
    assert typed(job_taking(Annotated[str, Field(max_length=500)]), "  a\r\n\r\nb ") == "  a\n\nb "


def test_a_text_that_begins_with_a_blank_line_comes_back_with_it() -> None:
    job_type = job_taking(Annotated[str, Field(max_length=500)])
    sent = Browser(render([only_field(job_type, "\n\na")])).form
    assert job_type.parse_form(sent) == {"value": "\n\na"}
