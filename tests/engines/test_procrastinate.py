"""The engine for several machines: an entry is a doorbell, and what becomes of it makes no difference."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.engines.house import House
from tests.postgres import PostgresServer
from webapp.engines.children import Children
from webapp.engines.doorbell import SCHEMA
from webapp.engines.procrastinate import ProcrastinateEngine
from webapp.jobs.claims import Claim
from webapp.store.tables import State

LOOK = "webapp.engines.rounds.LOOK_SECONDS"
MANY = 300


@contextmanager
def a_house(folder: Path, url: str, **settings: Any) -> Iterator[House]:
    """A house that is not started yet."""
    house = House(folder, ProcrastinateEngine, database_url=url, **settings)
    yield house
    house.stop()
    house.close()


@pytest.fixture
def house(tmp_path: Path, postgres_desk_url: str) -> Iterator[House]:
    with a_house(tmp_path, postgres_desk_url) as house:
        yield house


@pytest.fixture
def desk(tmp_path: Path, postgres_desk_url: str) -> Iterator[House]:
    """Another machine: jobs are handed in there, and it runs none."""
    with a_house(tmp_path, postgres_desk_url, workers=0) as desk:
        yield desk


def entries(house: House) -> list[str]:
    """What lies in Procrastinate's table."""
    with house.database.engine.connect() as connection:
        return list(connection.execute(text(f"SELECT status::text FROM {SCHEMA}.procrastinate_jobs")).scalars())


def change(house: House, statement: str) -> None:
    """Change something among Procrastinate's tables."""
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL search_path = {SCHEMA}")
        connection.execute(text(statement))


def test_another_machine_hears_the_bell(house: House, desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOK, 60)
    house.start()
    for _ in range(3):
        assert desk.wait(desk.submit("keep_some", rows=1)).state is State.completed
    house.wait_until(lambda: entries(house) == [])


def test_the_bell_is_heard_again_after_the_connections_were_cut(
    house: House, desk: House, monkeypatch: pytest.MonkeyPatch, postgres_server: PostgresServer
) -> None:
    house.start()
    house.wait(desk.submit("keep_some", rows=1))
    with postgres_server.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(others, (house.database.engine.url.database,))
    monkeypatch.setattr(LOOK, 60)
    house.wait_until(lambda: listeners(house) == 1)
    assert desk.wait(desk.submit("keep_some", rows=1), seconds=50).state is State.completed


def listeners(house: House) -> int:
    with house.database.engine.connect() as connection:
        found = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        return int(connection.exec_driver_sql(found.replace("%", "%%")).scalar_one())


def test_an_entry_that_is_gone_is_made_up_for(house: House, desk: House) -> None:
    job_id = desk.submit("keep_some", rows=1)
    change(house, "DELETE FROM procrastinate_jobs")
    house.start()
    assert house.wait(job_id).state is State.completed


def test_an_entry_made_twice_is_one_run(house: House, desk: House) -> None:
    job_id = desk.submit("keep_some", rows=1)
    with desk.database.write() as session:
        for _ in range(20):
            desk.engine.dispatch(session, job_id)
    assert len(entries(desk)) == 21
    house.start()
    assert house.wait(job_id).attempt == 1
    house.wait_until(lambda: entries(house) == [])
    assert house.kept() == [1]


def test_two_machines_that_hear_of_many_jobs_at_once_take_each_once(
    house: House, desk: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: dict[int, list[UUID]] = defaultdict(list)
    together = threading.Barrier(2, timeout=20)

    def note(_: Children, claim: Claim) -> bool:
        mine = taken[threading.get_ident()]
        if not mine:
            together.wait()  # neither is done before the other has begun
        mine.append(claim.job_id)
        return True

    monkeypatch.setattr(Children, "start", note)
    monkeypatch.setattr(Children, "have_next", lambda _: True)
    jobs = [desk.submit("keep_some", rows=1) for _ in range(MANY)]
    with a_house(tmp_path / "other", house.settings.database) as other:
        house.start()
        other.start()
        house.wait_until(lambda: sum(map(len, taken.values())) >= MANY)
        house.wait_until(lambda: entries(house) == [])
    assert sorted(job_id for each in taken.values() for job_id in each) == sorted(jobs)
    assert len(taken) == 2
    assert min(map(len, taken.values())) > 1


def test_an_entry_whose_worker_died_over_it_is_swept(house: House, desk: House) -> None:
    job_id = desk.submit("keep_some", rows=1)
    change(house, "UPDATE procrastinate_jobs SET status = 'doing'")
    change(house, "UPDATE procrastinate_events SET at = now() - interval '2 minutes'")
    house.start()
    assert house.wait(job_id).state is State.completed
    house.wait_until(lambda: entries(house) == [])


def test_a_job_whose_transaction_is_rolled_back_leaves_no_entry(desk: House) -> None:
    with desk.database.write() as session:
        desk.engine.dispatch(session, desk.user.id)
        session.rollback()
    assert entries(desk) == []


def test_its_tables_do_not_stand_among_ours(house: House) -> None:
    with house.database.engine.connect() as connection:
        found = "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_name ~ 'procrastinate'"
        assert connection.exec_driver_sql(found).scalars().all() == [SCHEMA]
        assert SCHEMA not in connection.exec_driver_sql("SHOW search_path").scalar_one()


def test_tables_of_another_version_are_made_anew_and_those_of_this_one_are_kept(house: House) -> None:
    house.submit("keep_some")
    house.engine.migrate()
    assert len(entries(house)) == 1
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '1.0'")
    house.engine.migrate()
    assert entries(house) == []


def test_several_may_make_the_tables_at_once(tmp_path: Path, postgres_desk_url: str) -> None:
    with a_house(tmp_path, postgres_desk_url) as house:
        with house.database.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
        threads = [threading.Thread(target=house.engine.migrate) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert entries(house) == []


def test_a_server_that_was_killed_and_started_again_is_worked_on(tmp_path: Path) -> None:
    server = PostgresServer()
    try:
        with a_house(tmp_path, server.url(server.create_database()), lease_seconds=2) as house:
            house.start()
            first = house.submit("keep_rows", "id,do\n" + "".join(f"{row},\n" for row in range(1, 301)), pause=0.01)
            house.wait_until(lambda: house.job(first).done)
            server.kill()
            server.start()
            assert house.wait(first, seconds=60).state is State.completed
            assert house.kept() == list(range(1, 301))
            assert house.wait(house.submit("keep_some", rows=1)).state is State.completed
            house.wait_until(lambda: listeners(house) == 1, 60)
    finally:
        server.close()
