"""A job that starts over from the beginning after a crash, as if it had never begun."""

from collections.abc import Callable

from tests.engines.house import House
from webapp.store.tables import State


def test_its_own_rows_are_not_known_from_before(build: Callable[..., House]) -> None:
    house = build(lease_seconds=2).start()
    job_id = house.submit("list_orders", "order,do\n7,error\n7,\n8,wait\n9,\n10,wait\n11,kill\n")
    job = house.wait(job_id)
    assert (job.state, job.attempt) == (State.completed, 2)
    told = {entry.first_row: entry.reason for entry in house.entries(job_id) if entry.reason}
    assert (job.done, told) == (5, {2: "Row 1 of this file has the same key, and was done."})
