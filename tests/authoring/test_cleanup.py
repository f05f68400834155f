"""What a clean-up may ask for; whatever else is refused when the job is registered."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import pytest

from webapp.authoring import AuthoringError, Caller, Depends, JobFacts, job

FACTS = JobFacts(UUID(int=1), 7, "leave", "ada", 2, None, datetime(2026, 1, 1, tzinfo=UTC), {})


def open_book(settings: str) -> Iterator[str]:
    yield f"book of {settings}"


def asks_for_ctx(ctx: object) -> object:
    return ctx


def sweep(facts: JobFacts, names: list[str], book: Annotated[str, Depends(open_book)], wet: bool = False) -> object:  # noqa: FBT001, FBT002 - called by name
    names.append("swept")
    return facts.number, names, book, wet


def unknown(broom: str) -> None: ...
def with_ctx(one: Annotated[object, Depends(asks_for_ctx)]) -> None: ...
def generator() -> Iterator[int]:
    yield 1


async def line() -> int:
    return 1


def async_service(one: Annotated[int, Depends(line)]) -> None: ...


def test_it_is_given_what_it_asks_for_and_can_change_nothing() -> None:
    @job(cleanup=sweep)
    def listed(names: list[str]) -> None: ...

    cleanup = listed.job_type.cleanup
    assert cleanup is not None
    params = listed.job_type.validate({"names": ["a"]})
    for _ in range(2):
        with Caller(cleanup, {"settings": "shop"}) as caller:
            assert caller(**cleanup.arguments(params, FACTS)) == (7, ["a", "swept"], "book of shop", False)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            unknown,
            "has the cleanup unknown, which asks for 'broom': it may ask for parameters of the job by their names",
        ),
        (with_ctx, "is a service that asks for ctx: when it is cleaned up, the attempt may be over"),
        (generator, "has the cleanup generator, which is no plain function"),
        (async_service, "is async, and the job's function is not"),
        ("sweep", "has the cleanup 'sweep', which is no plain function"),
    ],
)
def test_what_nobody_can_give_is_refused(function: Callable[..., object], expected: str) -> None:
    def leave(names: list[str]) -> None: ...

    with pytest.raises(AuthoringError) as refused:
        job(cleanup=function)(leave)
    assert expected in str(refused.value)
