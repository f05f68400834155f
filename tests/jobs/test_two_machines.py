"""Two machines with folders of their own: the databases and the storage of files are all that they share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.bench import Bench, items
from webapp.store.tables import State


@pytest.fixture
def machines(tmp_path: Path, s3_place: str) -> Iterator[tuple[Bench, Bench]]:
    """A job is handed in on the first, and run on the second."""
    shared: dict[str, Any] = {name: f"sqlite:///{tmp_path / name}" for name in ("database_url", "data_database_url")}
    first, second = (Bench(tmp_path / name, files=s3_place, **shared) for name in ("first", "second"))
    yield first, second
    first.close()
    second.close()


def test_a_job_is_handed_in_on_one_and_run_on_the_other_and_its_result_is_read_on_the_first(
    machines: tuple[Bench, Bench],
) -> None:
    first, second = machines
    job_id = first.submit("copy_table", items(50))
    assert second.run_waiting(job_id).state is State.completed
    (result,) = first.results(job_id).values()
    assert result.decode().split() == [str(row) for row in range(1, 51)]


def test_a_file_of_another_encoding_is_prepared_on_each(machines: tuple[Bench, Bench]) -> None:
    first, second = machines
    job_id = first.submit("keep_rows", items(20).encode("utf-16"))
    assert second.run_waiting(job_id).state is State.completed
    assert second.kept() == list(range(1, 21))
