"""What the tests of jobs may use."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.bench import Bench


@pytest.fixture
def bench(tmp_path: Path, database_settings: dict[str, Any]) -> Iterator[Bench]:
    """A desk whose jobs are worked on by hand."""
    bench = Bench(tmp_path / "data", **database_settings)
    yield bench
    bench.close()
