"""What goes wrong with a database of somebody else's: the job waits or ends, in words that say what to mend."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pysqlite3
import pytest
from sqlalchemy import make_url

from tests.elsewhere import NAME, Elsewhere
from tests.job_types.desk import Desk
from tests.postgres import PostgresServer
from webapp.jobs.recovery import take_back
from webapp.jobs.run import run_claim
from webapp.jobs.work import NotWrittenDown
from webapp.store.tables import Job, State

Csv = Callable[..., Path]
Open = Callable[[str], Desk]
TWO = "id,name\n1,Ada\n2,Bob\n"


@pytest.fixture
def open_targeted(open_desk: Callable[..., Desk]) -> Open:
    """Opens a desk that may write into these databases, and waits for none of them long."""

    def make(targets: str) -> Desk:
        desk = open_desk(targets=targets)
        desk.shop.data._patience_s = 0.3
        return desk

    return make


@pytest.fixture
def clerk(crm: Elsewhere) -> Iterator[str]:
    """A role that may only connect; its address for the same database."""
    crm.query("DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    yield make_url(crm.url).set(username="clerk").render_as_string(hide_password=False)
    crm.query("DROP OWNED BY clerk", "DROP ROLE clerk")


def run(desk: Desk, file: Path, **how: Any) -> Job:
    return desk.run("load_table", file, **{"database": NAME, "table": "people", **how}).job


def job_of(desk: Desk, job_id: UUID) -> Job:
    return desk.result(job_id).job


def test_a_server_that_does_not_answer_makes_the_job_wait_and_it_goes_on_by_itself(
    open_targeted: Open, csv_file: Csv
) -> None:
    server = PostgresServer()
    try:
        desk = open_targeted(f"{NAME}={server.url()}")
        server.stop()
        job = run(desk, csv_file(TWO))
        assert job.state is State.scheduled
        assert f"The database “{NAME}” does not answer" in (job.problem or "")
        assert "goes on by itself" in (job.problem or "")
        server.start()
        assert desk.run_on(job.id).counts == {"done": 2}
    finally:
        server.close()


def test_a_server_that_leaves_in_the_middle_loses_and_doubles_nothing(open_targeted: Open, csv_file: Csv) -> None:
    server = PostgresServer()
    try:
        desk = open_targeted(f"{NAME}={server.url()}")
        file = csv_file("id\n" + "".join(f"{number}\n" for number in range(1, 20_001)))
        job_id = desk.submit("load_table", file, database=NAME, table="people")
        work = desk.claim()
        commit, seen = work.ledger.commit, iter([None, None, server.kill])

        def commit_and_then(*given: Any, **more: Any) -> None:
            commit(*given, **more)
            if (deed := next(seen, None)) is not None:
                deed()

        work.ledger.commit = commit_and_then  # type: ignore[method-assign]
        with pytest.raises(NotWrittenDown):
            run_claim(work)
        with pytest.raises(Exception, match="does not answer"):
            take_back(desk.database, desk.shop.data, work.claim, lost=False)
        assert job_of(desk, job_id).state is State.running
        server.start()
        take_back(desk.database, desk.shop.data, work.claim, lost=False)
        assert desk.run_on(job_id).counts == {"done": 20_000}
        there = Elsewhere(server.url())
        assert there.query("SELECT count(*), count(DISTINCT id) FROM people") == [(20_000, 20_000)]
        there.close()
    finally:
        server.close()


def test_a_user_that_is_not_let_in_ends_the_job_and_names_who_can_mend_it(
    open_targeted: Open, csv_file: Csv, crm: Elsewhere
) -> None:
    nobody = make_url(crm.url).set(username="nobody_here", password="swordfish")
    desk = open_targeted(f"{NAME}={nobody.render_as_string(hide_password=False)}")
    ran = desk.run("load_table", csv_file(TWO), database=NAME, table="people")
    assert ran.job.state is State.failed
    assert ran.job.problem == (
        f'The database “{NAME}” can’t be used (role "nobody_here" does not exist). Tell an administrator.'
    )
    assert ran.counts == {"skipped": 2}
    gone = make_url(crm.url).set(database="not_there").render_as_string(hide_password=False)
    job = run(open_targeted(f"{NAME}={gone}"), csv_file(TWO))
    assert (job.state, 'database "not_there" does not exist' in (job.problem or "")) == (State.failed, True)


def test_a_role_that_may_not_make_the_marker_table_is_told_which_grant_it_needs(
    open_targeted: Open, csv_file: Csv, crm: Elsewhere, clerk: str
) -> None:
    desk = open_targeted(f"{NAME}={clerk}")
    job_id = desk.submit("load_table", csv_file(TWO), database=NAME, table="people")
    run_claim(desk.claim())
    job = job_of(desk, job_id)
    assert job.state is State.failed
    assert "permission denied for schema public" in (job.problem or "")
    assert "GRANT USAGE, CREATE ON SCHEMA public" in (job.problem or "")
    assert "TO clerk" in (job.problem or "")
    crm.query("GRANT CREATE ON SCHEMA public TO clerk")
    crm.query("CREATE TABLE people (id bigint, name text)")
    ran = desk.run("load_table", csv_file(TWO), database=NAME, table="people", load_again=True)
    assert (ran.job.state, ran.counts) == (State.failed, {"skipped": 2})
    assert "permission denied for table people" in (ran.job.problem or "")
    crm.query("GRANT SELECT, INSERT, UPDATE, DELETE ON people TO clerk")
    ran = desk.run("load_table", csv_file(TWO), database=NAME, table="people", load_again=True)
    assert (ran.counts, crm.query("SELECT id FROM people")) == ({"done": 2}, [1, 2])


def test_the_least_role_can_do_nothing_beside_its_table(crm: Elsewhere, clerk: str) -> None:
    crm.query("GRANT CREATE ON SCHEMA public TO clerk")
    least = Elsewhere(clerk)
    for statement in (
        "CREATE ROLE other",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT pg_read_file('/etc/passwd')",
    ):
        with pytest.raises(Exception, match=r"permission denied|must be|privileges"):
            least.query(statement)
    least.close()


def test_a_table_that_is_locked_makes_the_job_wait(open_targeted: Open, csv_file: Csv, crm: Elsewhere) -> None:
    desk = open_targeted(crm.setting)
    crm.query("CREATE TABLE people (id bigint, name text)")
    job_id = desk.submit("load_table", csv_file(TWO), database=NAME, table="people")
    with crm.engine.begin() as other:
        other.exec_driver_sql("LOCK TABLE people IN ACCESS EXCLUSIVE MODE")
        run_claim(desk.claim())
    job = job_of(desk, job_id)
    assert job.state is State.scheduled
    assert f"The database “{NAME}” is locked by another program" in (job.problem or "")
    assert desk.run_on(job_id).counts == {"done": 2}
    assert crm.query("SELECT id FROM people") == [1, 2]


def test_a_file_that_is_locked_missing_read_only_or_no_database_is_said(
    open_targeted: Open, csv_file: Csv, shop: Elsewhere, tmp_path: Path
) -> None:
    desk = open_targeted(shop.setting)
    other = pysqlite3.connect(str(tmp_path / "shop.db"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    job = run(desk, csv_file(TWO))
    assert (job.state, "is locked by another program" in (job.problem or "")) == (State.scheduled, True)
    other.execute("ROLLBACK")
    other.close()
    assert desk.run_on(job.id).counts == {"done": 2}
    job = run(open_targeted(f"{NAME}=sqlite:///{tmp_path / 'gone.db'}"), csv_file(TWO))
    assert (job.state, "its file is not there" in (job.problem or "")) == (State.failed, True)
    assert not (tmp_path / "gone.db").exists()
    (tmp_path / "text.db").write_text("no database " * 1000)
    job = run(open_targeted(f"{NAME}=sqlite:///{tmp_path / 'text.db'}"), csv_file(TWO))
    assert (job.state, "is not a database" in (job.problem or "")) == (State.failed, True)


def test_only_tables_that_the_administrator_allows_are_written(
    open_targeted: Open, csv_file: Csv, shop: Elsewhere
) -> None:
    desk = open_targeted(f"{shop.setting}?tables=goods,orders")
    job = run(desk, csv_file(TWO))
    assert job.state is State.failed
    assert f"Jobs may not write into table people of the database “{NAME}”" in (job.problem or "")
    assert "goods, orders" in (job.problem or "")
    assert run(desk, csv_file(TWO), table="goods").state is State.completed


def test_a_schema_that_is_not_public(open_targeted: Open, csv_file: Csv, crm: Elsewhere) -> None:
    desk = open_targeted(f'{crm.setting}&schema=Sales "EU"')
    job = run(desk, csv_file(TWO))
    assert (job.state, "has no schema" in (job.problem or "")) == (State.failed, True)
    crm.query('CREATE SCHEMA "Sales ""EU"""')
    assert run(desk, csv_file(TWO), load_again=True).state is State.completed
    assert crm.query('SELECT id FROM "Sales ""EU""".people') == [1, 2]


def test_a_desks_own_tables_are_out_of_reach_whatever_the_address_says(
    open_targeted: Open, csv_file: Csv, tmp_path: Path
) -> None:
    other = Desk(tmp_path / "other")
    desk = open_targeted(f"{NAME}=sqlite:///{tmp_path / 'other' / 'batchdesk.sqlite3'}")
    job = run(desk, csv_file(TWO))
    assert "holds the tables of a Batchdesk" in (job.problem or "")
    assert job.state is State.failed
    other.close()


def test_two_desks_share_one_database_without_getting_into_each_others_way(
    open_targeted: Open, csv_file: Csv, crm: Elsewhere
) -> None:
    first, second = open_targeted(crm.setting), open_targeted(crm.setting)
    one = run(first, csv_file("id,name\n1,Ada\n"), mode="upsert", key=["id"])
    two = run(second, csv_file("id,name\n1,Eve\n2,Bob\n"), mode="upsert", key=["id"])
    assert (one.number, two.number) == (1, 1)
    assert crm.query("SELECT name FROM people ORDER BY id") == ["Eve", "Bob"]
    assert second.undo(two.id).job.state is State.completed
    assert crm.query("SELECT name FROM people") == ["Ada"]


def test_a_dead_server_holds_up_nobody_elses_job(open_targeted: Open, csv_file: Csv) -> None:
    desk = open_targeted(f"{NAME}=postgresql+psycopg://desk@127.0.0.1:1/crm")
    began = time.monotonic()
    assert run(desk, csv_file(TWO)).state is State.scheduled
    assert time.monotonic() - began < 5
    assert desk.run("load_table", csv_file(TWO), table="own").counts == {"done": 2}
