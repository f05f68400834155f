from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tests.authoring.support import job_taking, only_field, problem, typed


class Part(StrEnum):
    SUMMARY = "summary"
    DETAILS = "details"


def test_ticked_boxes_become_the_declared_values() -> None:
    assert typed(job_taking(list[Part]), "", "details") == [Part.DETAILS]
    assert typed(job_taking(tuple[Literal[1, 2], ...]), "", "1", "2") == (1, 2)


def test_no_box_is_an_empty_list_only_where_there_is_a_default() -> None:
    assert typed(job_taking(tuple[Part, ...], (Part.SUMMARY,)), "") == ()
    assert problem(job_taking(list[Part]), None) == "Value is empty."


def test_the_boxes_show_what_is_chosen() -> None:
    options = only_field(job_taking(tuple[Part, ...], (Part.DETAILS,))).options
    assert [(option.value, option.selected) for option in options] == [("summary", False), ("details", True)]


def test_a_value_that_is_not_offered_is_named() -> None:
    assert "“prices”" in problem(job_taking(list[Part]), ["summary", "prices"])


def test_too_few_are_refused() -> None:
    job_type = job_taking(Annotated[list[Part], Field(min_length=1)])
    assert problem(job_type, []).startswith("Value ")
