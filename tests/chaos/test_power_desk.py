"""The power fails while a desk is at work: once it is there again, no row is lost, none is done twice, no job is stuck.

Both databases and all files are laid out as they may be at the same moment. A job's claim waits for no disk, so that
after a failure the data database may hold rows of a claim that the desk knows nothing of; much of this is about that.
What far ends have received is not taken back by a failure: a row that they had is not sent again.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from tests.chaos.desk_says import damage
from tests.chaos.power.aftermath import bad_cuts
from tests.chaos.power.cuts import Cut, Recorded, in_memory
from tests.chaos.power.disk import lay_out
from tests.chaos.power.first_day import ROWS
from tests.chaos.sinks import JOB_TYPES, count_in
from tests.jobs.bench import Bench
from webapp.jobs.recovery import take_back_expired
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import StopFlag
from webapp.kit import now
from webapp.store.tables import Job, State

HISTORIES, CUTS, CUTS_OF_FIRST_DAY = 12, 120, 20


def test_no_row_is_lost_and_none_is_done_twice(tmp_path: Path) -> None:
    assert bad_cuts(0, HISTORIES, CUTS, tmp_path) == {}, "python -m tests.chaos.power goes through more of them"


def test_a_desk_that_is_being_made_can_be_made_again_and_what_it_said_is_true(tmp_path: Path) -> None:
    bad = {}
    with in_memory() as memory:
        recorded = Recorded(memory / "recorded", "tests.chaos.power.first_day")
        for cut in recorded.cuts(range(CUTS_OF_FIRST_DAY)):
            lay_out(cut.files, memory / "next")
            try:
                look(memory / "next", cut)
            except Exception as error:  # noqa: BLE001 (all of them are looked at together)
                bad[cut.keep(tmp_path)] = repr(error)
    assert bad == {}


def look(folder: Path, cut: Cut) -> None:
    """Start the desk, have it do what is left, and see whether all is there.

    Raises:
        Exception: it is not so.
    """
    bench = Bench(folder, JOB_TYPES)
    try:
        assert list(damage(bench.settings)) == []
        said = [line.split() for line in cut.said if line != "ready\n"]
        for state, _, job_id in said:
            assert state == "accepted" or bench.job(UUID(job_id)).state is State(state)
        work_on(bench)
        with bench.database.read() as session:
            jobs = [job.id for job in session.exec(select(Job))]
        assert {UUID(job_id) for _, _, job_id in said} <= set(jobs)
        assert [bench.counts(job_id) for job_id in jobs] == [{"done": ROWS}] * len(jobs)
        assert {bench.job(job_id).state for job_id in jobs} <= {State.completed}
        assert list(damage(bench.settings)) == []
        with bench.data.own._engine.connect() as connection:
            found = count_in(connection, "chaos_data")
        assert list(found.values()) == [Counter(range(1, ROWS + 1))] * len(found)
    finally:
        bench.close()


def work_on(bench: Bench) -> None:
    """Do what is left, as one worker, once all leases are over."""
    over = update(Job).where(col(Job.worker).is_not(None)).values(lease_until=now() - timedelta(hours=1))
    for _ in range(10):
        with bench.database.write() as session:
            session.execute(over)
        take_back_expired(bench.database, bench.data)
        claim = bench.try_claim()
        if claim is None:
            return
        work_to_the_end(bench.shop, claim, StopFlag())
    raise AssertionError("it does not come to an end")
