"""PostgreSQL: a session that fails in time, a server that goes and comes back, and one thing done at a time."""

import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DataError, IntegrityError

from tests.postgres import PostgresServer
from webapp.store import database as database_module
from webapp.store.database import DATABASE_TROUBLE, Database, connect
from webapp.store.locks import hold
from webapp.store.postgres import MissingDriverError


@pytest.fixture
def desk(postgres_url: str) -> Iterator[Database]:
    """A database that keeps a tally."""
    database = Database(postgres_url)
    with database.write() as session:
        session.execute(text("CREATE TABLE tally (value integer)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))
    yield database
    database.close()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of one's own, to kill."""
    server = PostgresServer()
    yield server
    server.close()


def setting(database: Database, name: str) -> str:
    with database.engine.connect() as connection:
        return str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())


def tally(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT value FROM tally")).scalar_one())


def add_one(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE tally SET value = value + 1"))


def do(database: Database, *statements: str) -> None:
    with database.write() as session:
        for statement in statements:
            session.execute(text(statement))


def test_no_session_waits_for_ever_and_all_count_time_alike(desk: Database) -> None:
    assert setting(desk, "timezone") == "UTC"
    assert setting(desk, "lock_timeout") == "15s"
    assert setting(desk, "statement_timeout") == "5min"
    assert setting(desk, "idle_in_transaction_session_timeout") == "15s"


def test_what_the_url_says_stands(postgres_url: str) -> None:
    url = make_url(postgres_url).update_query_dict({"options": "-c lock_timeout=77ms", "application_name": "mine"})
    database = Database(url.render_as_string(hide_password=False))
    assert setting(database, "lock_timeout") == "77ms"
    assert setting(database, "application_name") == "mine"
    assert setting(database, "timezone") == "UTC"
    database.close()


def test_a_reader_sees_one_state_while_others_write(desk: Database) -> None:
    with desk.read() as session:
        before = session.execute(text("SELECT value FROM tally")).scalar_one()
        add_one(desk)
        assert session.execute(text("SELECT value FROM tally")).scalar_one() == before
    assert tally(desk) == before + 1


def test_a_block_that_raises_writes_nothing(desk: Database) -> None:
    with pytest.raises(DataError):
        do(desk, "UPDATE tally SET value = 7", "SELECT 1 / 0")
    assert tally(desk) == 0


def test_whoever_holds_a_name_is_alone_and_the_next_one_sees_what_was_written(desk: Database) -> None:
    def read_then_write(_: int) -> None:
        with desk.write() as session:
            hold(session.connection(), "the tally")
            value = session.execute(text("SELECT value FROM tally")).scalar_one()
            session.execute(text("UPDATE tally SET value = :next"), {"next": value + 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_then_write, range(200)))
    assert tally(desk) == 200


def test_another_name_is_another_lock(desk: Database) -> None:
    with desk.write() as first, desk.write() as second:
        hold(first.connection(), "one")
        hold(second.connection(), "two")


def test_waiting_too_long_for_another_is_trouble_that_passes(postgres_url: str) -> None:
    engine = connect(postgres_url, patience_s=0.1)
    with engine.begin() as one, engine.connect() as other:
        hold(one, "name")
        with pytest.raises(DATABASE_TROUBLE, match="lock timeout"):
            hold(other, "name")
    engine.dispose()


def test_two_that_wait_for_each_other_are_told_apart_and_one_goes_on(desk: Database) -> None:
    with desk.write() as session:
        session.execute(text("CREATE TABLE pair (name text, value integer)"))
        session.execute(text("INSERT INTO pair VALUES ('a', 0), ('b', 0)"))
    gate = threading.Barrier(2)

    def take_both(names: tuple[str, str]) -> bool:
        try:
            with desk.write() as session:
                for name in names:
                    session.execute(text("UPDATE pair SET value = value + 1 WHERE name = :name"), {"name": name})
                    if name == names[0]:
                        gate.wait(10)
        except DATABASE_TROUBLE:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take_both, [("a", "b"), ("b", "a")])) == [False, True]


def test_connections_that_were_cut_off_are_made_anew_without_an_error(
    desk: Database, postgres_server: PostgresServer
) -> None:
    add_one(desk)
    with postgres_server.connect() as admin:
        mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid()"
        assert admin.execute(mine, (make_url(desk.url).database,)).fetchall()
    add_one(desk)
    assert tally(desk) == 2


def test_a_transaction_that_is_cut_off_is_trouble_and_writes_nothing(desk: Database) -> None:
    with pytest.raises(DATABASE_TROUBLE):
        do(desk, "UPDATE tally SET value = 7", "SELECT pg_terminate_backend(pg_backend_pid())")
    assert tally(desk) == 0


def test_a_server_that_is_gone_is_trouble_and_once_it_is_back_all_goes_on(server: PostgresServer) -> None:
    database = Database(server.url())
    with database.write() as session:
        session.execute(text("CREATE TABLE tally (value integer)"))
        session.execute(text("INSERT INTO tally VALUES (1)"))
    server.kill()
    for _ in range(3):
        with pytest.raises(DATABASE_TROUBLE):
            tally(database)
    server.start()
    assert tally(database) == 1
    database.close()


def test_a_server_that_has_stopped_to_lead_is_trouble_that_passes(
    desk: Database, postgres_server: PostgresServer
) -> None:
    tally(desk)
    name = make_url(desk.url).database
    with postgres_server.connect() as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        desk.engine.dispose()
        with pytest.raises(DATABASE_TROUBLE):
            add_one(desk)  # there is none that leads
        admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    add_one(desk)
    with pytest.raises(DATABASE_TROUBLE, match="read-only"):  # as on a connection to one that led until now
        do(desk, "SET LOCAL transaction_read_only = on", "UPDATE tally SET value = 7")
    assert tally(desk) == 1


def test_whoever_falls_silent_within_a_transaction_lets_go_of_its_locks(desk: Database) -> None:
    with desk.engine.connect() as silent:
        silent.execute(text("SET LOCAL idle_in_transaction_session_timeout = '100ms'"))
        silent.execute(text("UPDATE tally SET value = 7"))
        add_one(desk)  # waits for the row, and gets it
        with pytest.raises(DATABASE_TROUBLE):
            silent.execute(text("UPDATE tally SET value = 8"))
    assert tally(desk) == 1


def test_an_error_does_not_tell_what_a_row_holds(desk: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        do(desk, "CREATE TABLE person (name text, born date NOT NULL)", "INSERT INTO person VALUES ('Ada', NULL)")
    assert "born" in str(caught.value)
    assert "Ada" not in "".join(traceback.format_exception(caught.value)).replace("VALUES ('Ada'", "")


def test_without_its_driver_postgresql_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(MissingDriverError, match=r"install batchdesk\[postgres\]"):
        database_module.Database("postgresql+psycopg://nobody@nowhere/desk")


def test_a_nul_that_a_cell_or_an_error_holds_does_not_keep_the_desk_from_writing(desk: Database) -> None:
    with desk.read() as session:
        assert session.execute(text("SELECT :said"), {"said": "a\0b"}).scalar_one() == "a␀b"
