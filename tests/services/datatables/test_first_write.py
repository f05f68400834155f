"""A job's first claim takes its writes with the first of them: others are kept out as if it had asked before."""

import pytest

from tests.services.datatables.support import JOB
from webapp.services.data import DataDatabase, FenceLostError, Marker

ACCOUNT = {"rows": 1}


def write(database: DataDatabase, fence: int, name: str, *, taken: bool) -> None:
    writer = database.writer(JOB, fence, taken=taken)
    writer.insert("people", {"name": name}, row_number=1)
    writer.commit(lambda _: ACCOUNT)


def names(database: DataDatabase) -> list[str]:
    database.take(JOB, 9)
    with database.writer(JOB, 9).transaction() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM people").scalars())


def test_the_first_write_takes_the_job_and_the_next_one_keeps_it(database: DataDatabase) -> None:
    writer = database.writer(JOB, 1, taken=False)
    for number, name in enumerate(("Ann", "Ben"), 1):
        writer.insert("people", {"name": name}, row_number=number)
        writer.commit(lambda _: ACCOUNT)
    assert names(database) == ["Ann", "Ben"]
    assert database.take(JOB, 9) == Marker(1, ACCOUNT)


def test_who_slept_through_a_newer_claim_writes_nothing(database: DataDatabase) -> None:
    database.take(JOB, 2)
    with pytest.raises(FenceLostError):
        write(database, 1, "Ann", taken=False)
    write(database, 2, "Ben", taken=True)
    assert names(database) == ["Ben"]


def test_a_write_that_failed_has_taken_nothing(database: DataDatabase) -> None:
    writer = database.writer(JOB, 1, taken=False)
    with pytest.raises(ZeroDivisionError), writer.transaction():
        _ = 1 / 0
    writer.insert("people", {"name": "Ann"}, row_number=1)
    writer.commit(lambda _: ACCOUNT)
    assert names(database) == ["Ann"]


def test_what_a_claim_has_written_that_the_desk_forgot_is_not_written_again(database: DataDatabase) -> None:
    """The machine lost power: the claim was not on the disk yet, but its rows were."""
    write(database, 1, "Ann", taken=False)
    with pytest.raises(FenceLostError):
        write(database, 1, "Ann", taken=False)
    assert names(database) == ["Ann"]
    assert database.take(JOB, 9) == Marker(1, ACCOUNT), "by which the next claim takes it over"
