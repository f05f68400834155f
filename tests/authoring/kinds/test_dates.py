from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

import pytest
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from tests.authoring.support import job_taking, only_field, problem, typed, value_of

MOMENT = datetime(2026, 1, 31, 14, 30, tzinfo=UTC)


class Window(BaseModel):
    opens: datetime


@pytest.mark.parametrize("raw", ["31.01.2026", "20260131", "0", 0, 1769817600, "2026-02-30", True])
def test_a_day_is_written_in_one_way(raw: object) -> None:
    assert problem(job_taking(date), raw).startswith("Value ")


def test_a_number_is_not_taken_for_seconds() -> None:
    assert problem(job_taking(date), "86400") == "Value is not a date: write it as 2026-01-31."
    assert problem(job_taking(datetime), 86400) == "Value is not a date and time: write it as 2026-01-31T14:30."


def test_the_limits_of_a_day_reach_the_page() -> None:
    field = only_field(job_taking(Annotated[date, Field(ge=date(2026, 1, 1), le=date(2026, 12, 31))]))
    assert (field.attributes["min"], field.attributes["max"]) == ("2026-01-01", "2026-12-31")


@pytest.mark.parametrize("text", ["2026-01-31T14:30", "2026-01-31T14:30Z", "2026-01-31 16:30+02:00"])
def test_a_time_is_in_utc_unless_another_offset_is_written(text: str) -> None:
    assert typed(job_taking(datetime), text) == MOMENT
    assert value_of(job_taking(datetime | None), text) == MOMENT


def test_a_time_inside_of_a_nested_model_is_in_utc_as_well() -> None:
    job_type = job_taking(Window)
    raw = job_type.parse_form(FormData([("params.value.opens", "2026-01-31T14:30")]))
    assert job_type.arguments(job_type.validate(raw))["value"] == Window(opens=MOMENT)
    (kind,) = job_type.inputs
    (opens,) = kind.field(Window(opens=MOMENT), {}, ()).children
    assert opens.value == "2026-01-31T14:30"


def test_a_default_made_by_a_factory_is_made_for_each_page() -> None:
    days = iter([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)])
    field = only_field
    job_type = job_taking(date, Field(default_factory=lambda: next(days)))
    assert [field(job_type).value, field(job_type).value] == ["2026-01-01", "2026-01-02"]


def test_a_time_is_shown_in_utc_and_the_help_says_so() -> None:
    field = only_field(job_taking(datetime, MOMENT.astimezone(timezone(timedelta(hours=5)))))
    assert (field.value, field.help) == ("2026-01-31T14:30", "The time is in UTC.")


def test_a_text_that_is_no_time_is_shown_as_it_was_typed() -> None:
    assert only_field(job_taking(datetime), "noon").value == "noon"
