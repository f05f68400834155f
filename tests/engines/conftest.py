"""What the tests of engines may use."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.house import ALL_ENGINES, ENGINES, House
from tests.jobs.bench import MakeEngine
from webapp.engines.procrastinate import ProcrastinateEngine


def pytest_configure(config: pytest.Config) -> None:
    """Name our own mark."""
    config.addinivalue_line("markers", "any_engine: holds also for an engine whose jobs have no process of their own")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hold each engine to what it is there for."""
    if "make_engine" in metafunc.fixturenames:
        engines = ALL_ENGINES if metafunc.definition.get_closest_marker("any_engine") else ENGINES
        metafunc.parametrize("make_engine", engines, ids=lambda make: make.__name__)


@pytest.fixture
def its_database(make_engine: MakeEngine, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings that name a database which the engine works on."""
    if make_engine is not ProcrastinateEngine:
        return {}
    return {"database_url": request.getfixturevalue("postgres_desk_url")}


@pytest.fixture
def build(make_engine: MakeEngine, its_database: dict[str, Any], tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Builds houses, not started yet; all are stopped at the end."""
    houses: list[House] = []

    def build_(name: str = "data", **settings: Any) -> House:
        houses.append(House(tmp_path / name, make_engine, **its_database, **settings))
        return houses[-1]

    yield build_
    for house in houses:
        house.stop()
        house.close()
