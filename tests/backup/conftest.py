"""A desk with jobs in every sort of state, and what one does with back-ups of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.bench import Bench, items
from webapp.backup.steps import Tick
from webapp.settings import Settings
from webapp.store.tables import Upload


@contextmanager
def quietly(_words: str, _size: int) -> Iterator[Tick]:
    """Nobody waits."""
    yield lambda _: None


@pytest.fixture
def bench(tmp_path: Path, database_settings: dict[str, Any]) -> Iterator[Bench]:
    """A desk with a result, rows that went wrong, a secret, jobs that wait, and half an upload."""
    bench = Bench(tmp_path / "data", **database_settings)
    bench.run("copy_table", items(20))
    bench.run("keep_rows", items(30, r7="reject", r9="error"))
    bench.submit("talk", token="hush")
    bench.submit("keep_rows", items(40))
    bench.prepare("keep_rows", items(3))
    upload = Upload(owner_id=bench.user.id, name="half.csv", size=10)
    bench.shop.files.begin_upload(upload.id)
    bench.shop.files.append(upload.id, 0, b"half")
    with bench.database.write() as session:
        session.add(upload)
    yield bench
    bench.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """A place for a restored desk."""
    return Settings(data=tmp_path / "restored")
