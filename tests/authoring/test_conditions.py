"""Fields that are asked only if another has a value: what is shown, what is checked, and what can't be declared."""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from tests.authoring.support import Browser, render
from webapp.authoring import AuthoringError, JobType, ParamsError, job


class Speed(Enum):
    SLOW = 1
    FAST = 2


def shown_if(**wanted: Any) -> Any:
    """A field's declaration."""
    return Field(json_schema_extra={"shown_if": wanted})


LABELS = {"labels": {"add": "Add", "change": "Add and change"}}


@job()
def load(  # noqa: PLR0913 - each is a field
    *,
    mode: Annotated[Literal["add", "change"], Field(title="What to do", json_schema_extra=LABELS)] = "add",
    keys: Annotated[tuple[int, ...], shown_if(mode="change")] = (),
    report: bool = False,
    to: Annotated[str, shown_if(report=True), Field(max_length=5)] = "me",
    speed: Annotated[Speed, shown_if(report=True)] = Speed.SLOW,
    limit: Annotated[int, shown_if(speed=[Speed.FAST], mode=["add", "change"])] = 7,
) -> None:
    """Load something."""


load_type = load.job_type


def asked(**raw: object) -> list[str]:
    return [field.path for field in load_type.fields((), raw) if field.is_asked]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, ["mode", "report"]),
        ({"mode": "change"}, ["mode", "keys", "report"]),
        ({"report": True}, ["mode", "report", "to", "speed"]),
        ({"report": "true", "speed": 2}, ["mode", "report", "to", "speed", "limit"]),
        ({"speed": 2}, ["mode", "report"]),
        ({"mode": "nonsense", "report": None}, ["mode", "report"]),
        ({"mode": ["change"]}, ["mode", "report"]),
    ],
)
def test_what_is_asked_follows_the_values_of_others(raw: dict[str, object], expected: list[str]) -> None:
    assert asked(**raw) == expected


def values(**raw: object) -> dict[str, object]:
    return load_type.arguments(load_type.validate(raw))


def test_what_is_not_asked_for_is_not_checked_and_has_its_default() -> None:
    raw = {"keys": ["x"], "to": "far too long", "limit": None, "speed": 9}
    assert values(**raw) == {
        "mode": "add", "keys": (), "report": False, "to": "me", "speed": Speed.SLOW, "limit": 7
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        ({"mode": "change", "keys": ["x"]}, "keys"),
        ({"report": True, "to": "far too long"}, "to"),
        ({"report": True, "speed": 2, "limit": "many"}, "limit"),
        ({"mode": "nonsense", "keys": ["x"]}, "mode"),
    ],
)
def test_what_is_asked_for_is_checked(raw: dict[str, object], wrong: str) -> None:
    with pytest.raises(ParamsError) as refused:
        load_type.validate(raw)
    assert list(refused.value.problems) == [wrong]


def test_what_was_stored_is_read_again() -> None:
    params = load_type.validate({"mode": "change", "keys": [1, 2]})
    assert load_type.load(load_type.dump(params)) == params


def test_without_javascript_all_are_there_with_a_sentence_and_the_page_says_what_it_waits_for() -> None:
    page = render(load_type.fields())
    assert "Only asked if “What to do” is “Add and change”." in page
    assert "Only asked if “Report” is ticked." in page
    assert "Only asked if “Speed” is “Fast” and “What to do” is “Add” or “Add and change”." in page
    waits = [attributes["data-only-if"] for _, attributes in Browser(page).tags if "data-only-if" in attributes]
    assert waits[:2] == ['{"params.mode": ["change"]}', '{"params.report": ["true"]}']


def test_a_browser_without_scripts_sends_what_is_accepted() -> None:
    raw = load_type.parse_form(Browser(render(load_type.fields())).form)
    assert load_type.validate(raw) == load_type.validate({})


def no_mapping(mode: str = "a", x: Annotated[int, Field(json_schema_extra={"shown_if": "mode"})] = 1) -> None: ...
def no_default(x: Annotated[int, shown_if(mode="a")], mode: str = "a") -> None: ...
def misspelt(mode: str = "a", x: Annotated[int, shown_if(mdoe="a")] = 1) -> None: ...
def comes_later(x: Annotated[int, shown_if(mode="a")] = 1, mode: str = "a") -> None: ...
def never(mode: Literal["a", "b"] = "a", x: Annotated[int, shown_if(mode="c")] = 1) -> None: ...
def never_a_number(count: int = 1, x: Annotated[int, shown_if(count="many")] = 1) -> None: ...


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (no_mapping, 'has a "shown_if" that names no other parameter: write {"mode": "upsert"}'),
        (no_default, "is asked only sometimes, and has no default for when it is not: give it one"),
        (misspelt, "is shown by the value of 'mdoe', and no parameter before it is called so (did you mean 'mode'?)"),
        (comes_later, "is shown by the value of 'mode', and no parameter before it is called so"),
        (never, "is shown if 'mode' is 'c', which it never is"),
        (never_a_number, "is shown if 'count' is 'many', which it never is"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(function: Callable[..., None], expected: str) -> None:
    with pytest.raises(AuthoringError, match="parameter 'x' of") as refused:
        job()(function)
    assert str(refused.value).endswith(expected)


def test_a_job_without_conditions_has_none() -> None:
    @job()
    def plain(count: int = 1) -> None: ...

    job_type: JobType = plain.job_type
    assert [field.condition for field in job_type.fields()] == [None]
