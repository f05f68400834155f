import asyncio

import pytest
from pydantic import BaseModel

from webapp.authoring import Caller, Cancelled, call, job

loops: list[asyncio.AbstractEventLoop] = []


@job()
def double(x: int) -> int:
    """Sync."""
    return 2 * x


@job()
async def later(x: int) -> int:
    """Async."""
    await asyncio.sleep(0)
    loops.append(asyncio.get_running_loop())
    return 2 * x


@job()
async def stops(x: int) -> None:
    """Async, and cancelled."""
    raise Cancelled(x)


class Item(BaseModel):
    id: int


@job()
def collect(row: Item, limit: int, names: tuple[str, ...] = ()) -> object:
    """Give back what came in."""
    return row.id, limit, names


@job()
def collect_list(row: Item, names: list[str]) -> object:
    """Change what came in."""
    names.append(str(row.id))
    return names


def test_sync_and_async_functions_are_called_alike() -> None:
    assert call(double.job_type, x=2) == 4
    assert call(later.job_type, x=2) == 4


def test_one_event_loop_serves_all_rows_and_is_closed_at_the_end() -> None:
    loops.clear()
    with Caller(later.job_type) as caller:
        assert [caller(x=number) for number in range(3)] == [0, 2, 4]
        (loop,) = set(loops)
        assert not loop.is_closed()
    assert loop.is_closed()


def test_rows_are_called_one_after_the_other_with_the_same_parameters() -> None:
    with Caller(collect.job_type) as caller:
        take = caller.for_rows(collect.job_type.validate({"limit": 2}), ctx=None)
        assert [take(Item(id=number)) for number in (1, 2)] == [(1, 2, ()), (2, 2, ())]


def test_a_row_cannot_change_the_list_the_next_one_gets() -> None:
    with Caller(collect_list.job_type) as caller:
        take = caller.for_rows(collect_list.job_type.validate({"names": ["a"]}), ctx=None)
        assert [take(Item(id=number)) for number in (1, 2)] == [["a", "1"], ["a", "2"]]


def test_a_cancellation_passes_through_and_no_exception_handler_holds_it() -> None:
    with pytest.raises(Cancelled):
        call(stops.job_type, x=1)
    assert not issubclass(Cancelled, Exception)
