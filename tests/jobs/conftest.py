"""What the tests of jobs may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A desk whose jobs are worked on by hand."""
    bench = Bench(tmp_path / "data")
    yield bench
    bench.close()
