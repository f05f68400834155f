"""Services are opened once before the first call, handed to all, and closed after the last one, whatever happened."""
# ruff: noqa: ARG001, SIM105 - what is injected need not be used

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from webapp.authoring import AuthoringError, Caller, Cancelled, Depends, JobError, NotOpened, Row, call, job

said: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_said() -> None:
    said.clear()


@dataclass(frozen=True)
class Till:
    """Something that is opened and closed."""

    name: str


def open_till(settings: Any) -> Iterator[Till]:
    said.append("open till")
    try:
        yield Till(settings)
    except BaseException as error:
        said.append(f"till hears {type(error).__name__}")
        raise
    finally:
        said.append("close till")


def make_clerk(till: Annotated[Till, Depends(open_till)], ctx: Any, *, greeting: str = "Hello") -> str:
    return f"{greeting} from the clerk at {till.name} in {ctx}"


async def open_line(till: Annotated[Till, Depends(open_till)]) -> AsyncIterator[str]:
    said.append(f"open line in {asyncio.current_task().get_name()}")  # type: ignore[union-attr]
    try:
        async with asyncio.timeout(60):  # refuses to be closed by another task than opened it
            yield f"line to {till.name}"
    except Exception as error:
        said.append(f"line hears {type(error).__name__}")
        raise
    finally:
        said.append("close line")


TillService = Annotated[Till, Depends(open_till)]


@job()
def sell(row: Row, till: TillService, clerk: Annotated[str, Depends(make_clerk)], *, price: int = 1) -> str:
    return f"{clerk}: {row['what']} for {price} into {till.name}"


@job()
async def telephone(till: TillService, line: Annotated[str, Depends(open_line)], *, number: int = 1) -> str:
    await asyncio.sleep(0)
    return f"{number} on the {line} of {till.name}"


@job()
def fail(till: TillService, *, how: str) -> None:
    raise {"error": KeyError, "called off": Cancelled, "refused": JobError}[how](how)


GIVEN = {"settings": "shop", "ctx": "Rome"}


def test_it_is_opened_once_for_all_rows_and_closed_at_the_end() -> None:
    with Caller(sell.job_type, GIVEN) as caller:
        take = caller.for_rows(sell.job_type.validate({}), ctx=None)
        sold = [take(Row({"what": what})) for what in ("tea", "milk")]
        assert said == ["open till"], "once, although the clerk has one too"
    assert sold[1] == "Hello from the clerk at shop in Rome: milk for 1 into shop"
    assert said == ["open till", "close till"]


def test_it_is_no_field_of_the_form() -> None:
    assert [field.name for field in sell.job_type.fields()] == ["params.price"]
    assert list(sell.job_type.schema()["properties"]) == ["price"]


def test_an_async_job_has_sync_and_async_ones_closed_in_turn_by_the_task_that_opened_them() -> None:
    assert call(telephone.job_type, settings="shop", number=3) == "3 on the line to shop of shop"
    assert [line.split(" in ")[0] for line in said] == ["open till", "open line", "close line", "close till"]


@pytest.mark.parametrize(("how", "heard"), [("error", KeyError), ("called off", Cancelled), ("refused", JobError)])
def test_it_hears_why_the_job_was_left_and_is_closed(how: str, heard: type[BaseException]) -> None:
    with pytest.raises(heard):
        call(fail.job_type, settings="shop", how=how)
    assert said == ["open till", f"till hears {heard.__name__}", "close till"]


@pytest.mark.parametrize(("error", "heard"), [(ValueError("x"), "ValueError"), (Cancelled(), "JobLeft")])
def test_so_does_an_async_one(error: BaseException, heard: str) -> None:
    with pytest.raises(type(error)), Caller(telephone.job_type, GIVEN):
        raise error
    assert said[-4:] == [f"line hears {heard}", "close line", f"till hears {type(error).__name__}", "close till"]


def test_a_service_swallows_no_error() -> None:
    def swallow() -> Iterator[int]:
        try:
            yield 1
        except BaseException:  # noqa: BLE001 - the mistake
            pass

    @job()
    def stops(one: Annotated[int, Depends(swallow)]) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        call(stops.job_type)


def test_the_jobs_own_error_stays_if_closing_fails_too() -> None:
    def breaks_at_the_end() -> Iterator[int]:
        try:
            yield 1
        finally:
            raise OSError("gone")

    @job()
    def stops(one: Annotated[int, Depends(breaks_at_the_end)], *, well: bool) -> None:
        if not well:
            raise KeyError("mine")

    with pytest.raises(KeyError) as raised:
        call(stops.job_type, well=False)
    assert raised.value.__notes__ == ["A service did not close either: OSError('gone')"]
    with pytest.raises(OSError, match="gone"):
        call(stops.job_type, well=True)


def test_one_that_cannot_be_opened_is_named_and_those_before_it_are_closed() -> None:
    def refuse() -> int:
        raise ConnectionError("nobody answers")

    @job()
    def never(till: TillService, price_list: Annotated[int, Depends(refuse)]) -> None:
        said.append("called")

    with pytest.raises(NotOpened, match="could not be opened: Price list") as raised:
        call(never.job_type, settings="shop")
    assert isinstance(raised.value.__cause__, ConnectionError)
    assert said[0::2] == ["open till", "close till"]


def test_a_provider_may_say_itself_what_is_wrong() -> None:
    def refuse() -> int:
        raise JobError("No mail server is set up: an administrator has to name one.")

    @job()
    async def never(mail: Annotated[int, Depends(refuse)]) -> None: ...

    with pytest.raises(JobError, match="No mail server"):
        call(never.job_type)


def test_tests_put_another_in_its_place_wherever_it_is_asked_for() -> None:
    answer = call(
        sell.job_type, ctx="Rome", row=Row({"what": "tea"}), price=2, overrides={open_till: lambda: Till("toy")}
    )
    assert answer == "Hello from the clerk at toy in Rome: tea for 2 into toy"
    assert said == []


def test_a_test_that_replaces_what_is_not_used_is_told() -> None:
    with pytest.raises(AuthoringError, match=r"overrides names open_line .* it uses open_till"):
        call(fail.job_type, how="error", overrides={open_line: lambda: "toy"})


def test_a_test_that_lacks_what_a_provider_asks_for_is_told() -> None:
    with pytest.raises(AuthoringError, match="the service 'till' asks for settings: give them, or override it"):
        call(fail.job_type, how="error")


def test_the_function_called_directly_is_simply_given_it() -> None:
    assert sell(Row({"what": "tea"}), Till("toy"), "Ann") == "Ann: tea for 1 into toy"
