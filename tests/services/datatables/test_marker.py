"""The marker in the data database: whoever is killed or late, it and the rows agree."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tests.services.datatables.support import JOB, Query, commit, tables
from webapp.services.data import DataDatabase, DataWriter, FenceLostError, Marker
from webapp.store.database import connect


def test_an_older_claim_can_write_nothing_more(database: DataDatabase, writer: DataWriter, engine: Engine) -> None:
    writer.insert("t", {"id": 1}, row_number=1)
    database.take(JOB, 2)
    with pytest.raises(FenceLostError):
        commit(writer)
    with pytest.raises(FenceLostError):
        writer.create_table("t", {"id": int})
    with pytest.raises(FenceLostError):
        database.take(JOB, 1)
    assert tables(engine) == set()


def test_the_next_claim_is_told_of_the_last_batch(database: DataDatabase) -> None:
    assert database.take(JOB, 2) is None
    second = database.writer(JOB, 2)
    second.insert("t", {"id": 1}, row_number=1)
    second.commit(lambda refused: {"end": 1, "refused": dict(refused), "note": "Größe"})
    assert database.take(uuid4(), 1) is None
    assert database.take(JOB, 5) == Marker(2, {"end": 1, "refused": {}, "note": "Größe"})


def test_a_batch_without_writes_is_settled_and_leaves_the_marker_alone(
    database: DataDatabase, writer: DataWriter
) -> None:
    settled: list[Mapping[int, str]] = []
    writer.commit(lambda refused: settled.append(refused) or {"end": 1})  # type: ignore[func-returns-value] # None or ...
    assert settled == [{}]
    assert database.take(JOB, 2) is None


def test_when_the_account_fails_nothing_was_written_and_the_batch_can_be_tried_again(
    writer: DataWriter, query: Query, engine: Engine
) -> None:
    writer.insert("t", {"id": 1}, row_number=1)

    def settle(_: Mapping[int, str]) -> dict[str, Any]:
        raise RuntimeError("no account")

    with pytest.raises(RuntimeError, match="no account"):
        writer.commit(settle)
    assert tables(engine) == set()
    assert writer.pending == 1
    assert commit(writer) == {}
    assert writer.pending == 0
    assert query("SELECT id FROM t") == [1]


KILLED = """
import os, signal, sys
from uuid import UUID
from webapp.services.data import DataDatabase

database = DataDatabase(sys.argv[1])
job, point = UUID(sys.argv[2]), sys.argv[3]
database.take(job, 1)
writer = database.writer(job, 1)
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
for end in (1, 2):
    writer.insert("t", {"id": end}, row_number=end)
    writer.commit(lambda refused: kill() if (point, end) == ("inside", 2) else {"end": end})
kill()
"""


@pytest.mark.parametrize(("point", "end"), [("inside", 1), ("after", 2)])
def test_after_a_kill_the_marker_and_the_rows_agree(database: DataDatabase, query: Query, point: str, end: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, database.url, str(JOB), point], check=False)
    assert done.returncode == -signal.SIGKILL
    assert database.take(JOB, 2) == Marker(1, {"end": end})
    assert query("SELECT id FROM t") == list(range(1, end + 1))


def test_who_may_not_wait_long_for_a_lock_is_told_soon(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data.sqlite3'}"
    hurried = DataDatabase(url, patience_s=0.2)
    hurried.take(uuid4(), 1)
    engine = connect(url)
    with engine.execution_options(write=True).begin():
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"):
            hurried.take(uuid4(), 1)
        assert time.monotonic() - began < 5, "not the fifteen seconds of one who writes rows"
    engine.dispose()
    hurried.take(uuid4(), 1)
    hurried.close()
