"""What every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import PostgresServer
from tests.running import Program, RunningDesk

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes says more about the machine than about the code: time has tests of its own.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


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
