"""Calls of a web address, as the tests of that job make them."""

from pathlib import Path
from typing import Any

from tests.job_types.desk import Desk, Ran
from tests.receiver import Receiver
from webapp.kit import now
from webapp.store.tables import State


def call(desk: Desk, receiver: Receiver, file: Path, path: str = "/{id}", **params: Any) -> Ran:
    return desk.run("call_webhook", file, url=receiver.url + path, per_second=1000, **params)


def waits(ran: Ran, least: float, most: float) -> None:
    assert ran.job.state is State.scheduled
    assert ran.job.run_at is not None
    assert least - 5 < (ran.job.run_at - now()).total_seconds() <= most
