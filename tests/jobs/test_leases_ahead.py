"""Leases that end long after now, as the clock was set back: a living worker keeps its job, a dead one does not."""

import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.jobs.bench import Bench
from webapp.jobs.claims import Claim, Task, renew
from webapp.jobs.recovery import LeasesAhead, take_back_expired
from webapp.kit import now
from webapp.store.tables import Job, State

pytestmark = pytest.mark.both_databases

LEASE_S = 0.2


def look(bench: Bench, ahead: LeasesAhead) -> int:
    """As each worker does once a second."""
    return take_back_expired(bench.database, bench.data, ahead=ahead)


def set_back(bench: Bench, job_id: UUID) -> None:
    """The clock, by an hour: what was written before is an hour ahead."""
    with bench.database.write() as session:
        written = now() + timedelta(hours=1, seconds=LEASE_S)
        session.execute(update(Job).where(col(Job.id) == job_id).values(lease_until=written))


@pytest.fixture
def claim(bench: Bench) -> Claim:
    """A job at work whose lease was given before the clock was set back."""
    bench.submit("keep_some")
    claim = bench.claim(lease_seconds=LEASE_S)
    set_back(bench, claim.job_id)
    return claim


def test_a_lease_that_nobody_renews_is_over_after_as_long_as_leases_hold(bench: Bench, claim: Claim) -> None:
    ahead = LeasesAhead(LEASE_S)
    assert look(bench, ahead) == 0
    time.sleep(1.5 * LEASE_S)
    assert look(bench, ahead) == 1
    assert bench.job(claim.job_id).state is State.queued
    assert look(bench, ahead) == 0


def test_the_same_for_a_file_that_is_checked(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "id,do\n1,\n")
    bench.claim(Task.check, lease_seconds=LEASE_S)
    set_back(bench, job_id)
    ahead = LeasesAhead(LEASE_S)
    assert look(bench, ahead) == 0
    time.sleep(1.5 * LEASE_S)
    assert look(bench, ahead) == 1
    assert bench.try_claim(Task.check) is not None


def test_a_worker_that_is_alive_renews_its_lease_by_the_clock_as_it_is_and_keeps_its_job(
    bench: Bench, claim: Claim
) -> None:
    ahead = LeasesAhead(LEASE_S)
    assert look(bench, ahead) == 0
    assert renew(bench.database, claim, 30) is State.running
    time.sleep(1.5 * LEASE_S)
    assert look(bench, ahead) == 0
    assert bench.job(claim.job_id).state is State.running


def test_one_that_moves_is_renewed_however_far_ahead_it_is(bench: Bench, claim: Claim) -> None:
    """By a machine whose setting is longer than ours."""
    ahead = LeasesAhead(LEASE_S)
    for _ in range(4):
        assert renew(bench.database, claim, 3600) is State.running
        assert look(bench, ahead) == 0
        time.sleep(LEASE_S / 2)
