"""The kit with which authors test their jobs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import BaseModel, EmailStr, Field

from webapp.authoring import (
    AuthoringError,
    ComeBackLater,
    Context,
    Depends,
    JobError,
    Rejected,
    Retry,
    Row,
    Skipped,
    Table,
    UploadedFile,
    job,
)
from webapp.services.http import HttpService
from webapp.testing import BadInput, Ran, RowSaid, run_job


class Order(BaseModel):
    email: EmailStr
    price: Annotated[Decimal, Field(gt=0)]


class Till:
    def __init__(self, failures: int = 0) -> None:
        self.taken: list[Decimal] = []
        self.open = True
        self._failures = failures

    def take(self, price: Decimal) -> None:
        if self._failures:
            self._failures -= 1
            raise ConnectionError("the till does not answer")
        self.taken.append(price)


def open_till() -> Iterator[Till]:
    till = Till()
    yield till
    till.open = False


def no_till() -> Till:
    raise AssertionError("the real till was opened")


OneTill = Annotated[Till, Depends(no_till)]


@job(retry=Retry(attempts=3, on=(ConnectionError,), first_seconds=3600, longest_seconds=7200))
def charge(
    row: Order,
    ctx: Context,
    till: OneTill,
    *,
    most: Annotated[Decimal, Field(gt=0)] = Decimal(100),
) -> None:
    """Charge each order."""
    if row.price > most:
        raise Rejected("is more than may be charged", column="price")
    if row.email.startswith("test@"):
        raise Skipped("a test")
    till.take(row.price)
    ctx.data.insert("charges", row.model_dump())
    ctx.log(f"charged {row.price}")


ORDERS = [
    {"email": "ann@firm.org", "price": "2.50"},
    {"email": "ben@firm.org", "price": "500"},
    {"email": "test@firm.org", "price": "1"},
    {"email": "nobody", "price": "1"},
]


def test_each_row_has_its_outcome_and_effect() -> None:
    till = Till()
    ran = run_job(charge, rows=ORDERS, overrides={no_till: lambda: till})
    assert ran.state == "completed_with_errors"
    assert ran.outcomes == ["done", "rejected", "skipped", "rejected"]
    assert ran.counts == {"done": 1, "rejected": 2, "skipped": 1}
    assert ran.said[0] == RowSaid(2, "rejected", "is more than may be charged", "price", "500")
    assert ran.log == ["charged 2.50"]
    assert [row["email"] for row in ran.tables["charges"]] == ["ann@firm.org"]
    assert till.taken == [Decimal("2.50")]


def test_what_is_tried_again_later_is_tried_again_at_once() -> None:
    till = Till(failures=2)
    ran = run_job(charge, rows=ORDERS[:1], overrides={no_till: lambda: till})
    assert (ran.state, ran.outcomes, till.taken) == ("completed", ["done"], [Decimal("2.50")])


def test_wrong_entries_are_refused_by_field() -> None:
    with pytest.raises(BadInput) as refused:
        run_job(charge, rows=ORDERS, overrides={no_till: Till}, most=0)
    assert list(refused.value.problems) == ["most"]


def test_a_column_that_is_missing_is_said() -> None:
    with pytest.raises(BadInput) as refused:
        run_job(charge, rows=[{"email": "ann@firm.org"}], overrides={no_till: Till})
    assert "price" in str(refused.value.problems)


def test_an_override_of_nothing_is_refused() -> None:
    with pytest.raises(AuthoringError, match="open_till"):
        run_job(charge, rows=ORDERS, overrides={open_till: Till})


@job()
def shout(file: UploadedFile, ctx: Context) -> None:
    """Shout a text."""
    with ctx.open_result("loud.txt") as result:
        result.write(file.path.read_bytes().upper())


def test_files_come_back() -> None:
    ran = run_job(shout, file="hello", file_name="quiet.txt")
    assert (ran.state, dict(ran.results), ran.outcomes) == ("completed", {"loud.txt": b"HELLO"}, [])


@job()
async def give_up(*, reason: str) -> None:
    """Give up."""
    if reason == "bug":
        raise ZeroDivisionError
    raise JobError(reason)


def test_a_job_that_fails_says_why_and_where() -> None:
    ran = run_job(give_up, reason="there is no more paper")
    assert (ran.state, ran.problem) == ("failed", "there is no more paper")
    ran = run_job(give_up, reason="bug")
    assert ran.state == "failed"
    assert "ZeroDivisionError" in ran.detail
    assert __file__ in ran.detail


@job()
def never(table: Table) -> None:  # noqa: ARG001 (it is never read)
    """Wait for ever."""
    raise ComeBackLater("not yet", seconds=3600)


def test_a_job_that_always_waits_ends_the_test_all_the_same() -> None:
    ran = run_job(never, rows=[{"a": 1}])
    assert (ran.state, ran.outcomes) == ("scheduled", [])


def test_a_function_that_is_no_job_is_refused() -> None:
    with pytest.raises(TypeError, match="no job"):
        run_job(open_till)


def test_rows_and_a_file_exclude_each_other() -> None:
    with pytest.raises(TypeError, match="not both"):
        run_job(shout, rows=[], file=b"")


def test_nothing_is_left_behind(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("own")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert isinstance(run_job(shout, file="hello"), Ran)
    assert list(folder.iterdir()) == []


def test_a_service_may_be_named_by_what_the_function_asks_for() -> None:
    till = Till()
    assert run_job(charge, rows=ORDERS[:1], overrides={OneTill: lambda: till}).outcomes == ["done"]
    assert till.taken


@job()
def look_up(row: Row) -> None:
    """Ask for a column that not every file has."""
    row["currency"]


def test_a_column_that_the_file_lacks_is_said_in_words() -> None:
    ran = run_job(look_up, rows=[{"curency": "EUR"}])
    assert [said.reason for said in ran.said] == [
        "the file has no column “currency” (did you mean “curency”?): there are “curency”"
    ]


@job()
def call_home(row: Row, http: HttpService) -> None:
    """Call what no job may call."""
    with http.send("GET", row["address"], seconds=1):
        pass


def test_what_a_request_comes_to_is_said_in_its_own_words() -> None:
    (said,) = run_job(call_home, rows=[{"address": "http://127.0.0.1:1/"}]).said
    assert "127.0.0.1" in said.reason
    assert "own code" not in said.reason
