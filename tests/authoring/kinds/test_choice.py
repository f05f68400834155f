from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field

from tests.authoring.support import job_taking, only_field, problem, typed
from webapp.authoring import AuthoringError


class Country(StrEnum):
    DE = "de"
    NEW_ZEALAND = "nz"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Point(Enum):
    ORIGIN = (0, 0)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Country, "nz", Country.NEW_ZEALAND),
        (Level, "2", Level.HIGH),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], "2", 2),
    ],
)
def test_a_chosen_text_becomes_the_declared_value(annotation: object, text: str, value: object) -> None:
    assert typed(job_taking(annotation), text) == value


def test_members_are_named_in_words_unless_the_author_names_them() -> None:
    assert [option.label for option in only_field(job_taking(Country)).options] == ["Choose…", "DE", "New zealand"]
    named = Annotated[Country, Field(json_schema_extra={"labels": {"de": "Germany"}})]
    assert [option.label for option in only_field(job_taking(named)).options][1] == "Germany"


def test_only_a_choice_without_default_has_to_be_made() -> None:
    assert [option.value for option in only_field(job_taking(Country, Country.DE)).options] == ["de", "nz"]
    assert [option.value for option in only_field(job_taking(Country | None, None)).options] == ["", "de", "nz"]


def test_the_default_is_chosen_at_first_and_the_typed_value_afterwards() -> None:
    job_type = job_taking(Country, Country.NEW_ZEALAND)
    assert [option.value for option in only_field(job_type).options if option.selected] == ["nz"]
    assert [option.value for option in only_field(job_type, "de").options if option.selected] == ["de"]


def test_a_value_that_is_not_offered_is_refused() -> None:
    assert problem(job_taking(Country), "fr").startswith("Value ")


def test_members_a_page_cannot_carry_are_refused_at_registration() -> None:
    with pytest.raises(AuthoringError, match="has the type Point, which no form can ask for"):
        job_taking(Point)
