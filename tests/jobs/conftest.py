"""What the tests of jobs may use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.bench import Bench
from webapp.jobs.removal import Removals
from webapp.store.tables import Role, User


@pytest.fixture
def bench(tmp_path: Path, database_settings: dict[str, Any]) -> Iterator[Bench]:
    """A desk whose jobs are worked on by hand."""
    bench = Bench(tmp_path / "data", **database_settings)
    yield bench
    bench.close()


@pytest.fixture
def removals(bench: Bench) -> Removals:
    """The removing of what its jobs hold."""
    return Removals(bench.database, bench.shop.files, bench.data)


@pytest.fixture
def admin(bench: Bench) -> User:
    """Somebody who may do that."""
    return bench.person("Root", Role.admin)
