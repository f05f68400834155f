"""DatabaseName: a job's own choice among the databases that the administrator has named."""

from typing import Any

import pytest
from pydantic import BaseModel

from webapp.authoring import AuthoringError, Context, DatabaseName, JobType, ParamsError, job


@job()
def keep(ctx: Context, *, where: DatabaseName = "", count: int = 1) -> None:
    """Keep something."""
    ctx.log(f"{where}{count}")


OFFERED = keep.job_type.offering(["CRM", "Our stock"])


def test_it_is_asked_for_only_where_there_is_a_choice() -> None:
    assert [field.path for field in keep.job_type.fields()] == ["count"]
    where, _ = OFFERED.fields()
    assert [(option.value, option.selected) for option in where.options] == [
        ("", True),
        ("CRM", False),
        ("Our stock", False),
    ]


@pytest.mark.parametrize("value", ["", "CRM", "Our stock"])
def test_a_name_is_taken_and_says_where_the_jobs_writes_go(value: str) -> None:
    assert OFFERED.target(OFFERED.validate({"where": value})) == (value or None)


@pytest.mark.parametrize("value", ["crm", "CRM ", "sqlite:////etc/passwd", 7, ["CRM"], {"a": 1}])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(ParamsError, match="which is no database that the administrator has named") as refusal:
        OFFERED.validate({"where": value})
    assert list(refusal.value.problems) == ["where"]


def test_a_job_that_chooses_none_writes_into_the_data_database() -> None:
    job_type: JobType = keep.job_type
    assert job_type.target(job_type.validate({})) is None


class Place(BaseModel):
    where: DatabaseName = ""


def two(ctx: Context, *, one: DatabaseName = "", other: DatabaseName = "") -> None:
    """Choose two."""


def nested(ctx: Context, *, place: Place) -> None:
    """Choose one within a model."""


@pytest.mark.parametrize(
    ("function", "words"),
    [(two, "chooses a second database beside 'one': a job writes into one"), (nested, "chooses a database within a")],
)
def test_a_job_writes_into_one_database_which_a_parameter_chooses(function: Any, words: str) -> None:
    with pytest.raises(AuthoringError, match=words):
        job()(function)
