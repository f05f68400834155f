"""What every test may use."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.mail_server import MailSink
from tests.postgres import PostgresServer
from tests.receiver import Receiver
from tests.running import Program, RunningDesk
from tests.s3 import S3Server
from webapp.store.database import Database
from webapp.store.migrate import migrate

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes says more about the machine than about the code: time has tests of its own.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes by their parameter and a number: what is packed has the time in it, and names are the same in every run."""
    return argname if isinstance(val, bytes) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked so on both databases, or of them on the `only` one that a test is about."""
    mark = metafunc.definition.get_closest_marker("both_databases")
    if mark and "database_settings" in metafunc.fixturenames:
        only = mark.kwargs.get("only")
        metafunc.parametrize("database_settings", [only] if only else ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk that runs, with the example's job types; killed at the end whatever happened."""
    desk = RunningDesk(tmp_path / "data", job_types=str(ROOT / "examples" / "job_types"), lease_seconds="2").start()
    yield desk
    desk.kill_quietly()


@pytest.fixture
def program(running: RunningDesk) -> Program:
    """A program that may run jobs on it."""
    return running.program()


@pytest.fixture
def sink() -> Iterator[MailSink]:
    """A mail server."""
    sink = MailSink().start()
    yield sink
    sink.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that answers to all that it is asked."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL that all tests share. Who kills it wants one of his own: `PostgresServer()`."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database in PostgreSQL."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a database that holds the newest schema and nothing else, to be copied."""
    name = postgres_server.create_database(name="batchdesk_template")
    database = Database(postgres_server.url(name))
    migrate(database)
    database.close()
    return name


@pytest.fixture
def postgres_desk_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The address of a desk's empty database in PostgreSQL, of the newest schema."""
    name = postgres_server.create_database(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def database_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings that name a desk's database: none, for SQLite, unless a test is marked `both_databases`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("postgres_desk_url")}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The S3 server that all tests share."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.close()


@pytest.fixture
def s3_place(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place in S3, which this process and those that it starts can speak to."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server.new_place()


@pytest.fixture
def small_disk(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk of so many kilobytes; not below pytest's folder, which could not be cleared while it is there."""
    disk = Path(tempfile.mkdtemp(prefix="disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={request.param}k", "t", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()
