"""Every mistake that can be made in declaring a service is found when the job is registered, and its mend is named."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import fastapi
import pytest

from webapp.authoring import AuthoringError, Depends, job

if TYPE_CHECKING:
    from uuid import UUID


def till() -> Iterator[int]:
    yield 1


async def line() -> int:
    return 1


def wants_host(host: str) -> str:
    return host


def wants_any(**more: object) -> object:
    return more


def wants_itself(again: "Annotated[int, Depends(wants_itself)]") -> int:
    return again


def only_for_the_checker(uuid: "UUID") -> None: ...


def one_name(one: Annotated[int, Depends(till)]) -> int:
    return one


def same_name(one: Annotated[str, Depends(lambda: "x")], other: Annotated[int, Depends(one_name)]) -> int:
    return other + len(one)


def no_function(x: Annotated[int, Depends(till())]) -> None: ...
def unknown(x: Annotated[str, Depends(wants_host)]) -> None: ...
def deeper(x: Annotated[int, Depends(lambda *, y: y)]) -> None: ...
def stars(x: Annotated[object, Depends(wants_any)]) -> None: ...
def itself(x: Annotated[int, Depends(wants_itself)]) -> None: ...
def unreadable(x: Annotated[None, Depends(only_for_the_checker)]) -> None: ...
def async_in_sync(x: Annotated[int, Depends(line)]) -> None: ...
def as_default(x: int = Depends(till)) -> None: ...
def twice(x: Annotated[int, Depends(till), Depends(line)]) -> None: ...
def foreign(x: Annotated[int, fastapi.Depends(till)]) -> None: ...
def collides(x: Annotated[int, Depends(same_name)]) -> None: ...


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (no_function, "is no function: write Depends(open_it), without brackets behind the name"),
        (
            unknown,
            "is injected, but wants_host (test_services_mistakes.py:LINE) asks for 'host', which nobody can give",
        ),
        (deeper, "asks for 'y', which nobody can give: a provider may ask for settings, for ctx"),
        (stars, "has the parameter '**more: object', and is called by name"),
        (itself, "asks for itself: take that out"),
        (unreadable, "(name 'UUID' is not defined): import its types outside of `if TYPE_CHECKING`"),
        (async_in_sync, "line (test_services_mistakes.py:LINE) is async, and the job's function is not"),
        (as_default, "has its Depends as a default: write Annotated[its type, Depends(...)]"),
        (twice, "has more than one Depends: leave one"),
        (foreign, "has the Depends of another library: import it from webapp.authoring"),
        (collides, "calls something else 'one' than the others do: rename its parameter"),
    ],
)
def test_a_mistake_says_where_what_and_how_to_mend_it(function: Callable[..., Any], expected: str) -> None:
    with pytest.raises(AuthoringError) as refused:
        job()(function)
    line = function.__code__.co_firstlineno
    where = f"parameter 'x' of {function.__name__} (test_services_mistakes.py:{line}) "
    assert str(refused.value).startswith(where)
    assert expected in re.sub(r"py:\d+", "py:LINE", str(refused.value))
    assert not hasattr(function, "job_type")
