"""What other sessions do to a table of PostgreSQL while a load goes in: no row is lost, and none is there twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.services.test_load_undo import BEFORE, FILE, Base
from webapp.authoring import JobError
from webapp.settings import Settings

LONG_ENOUGH = 1.0
"""Seconds in which the other session is done, unless it has to wait."""


@pytest.fixture
def base(tmp_path: Path, postgres_url: str) -> Iterator[Base]:
    base = Base(Settings(data=tmp_path, database_url=postgres_url).data_database)
    yield base
    base.database.close()
    base.engine.dispose()


@contextmanager
def meanwhile(statement: str, act: Callable[[], object]) -> Iterator[list[Future[object]]]:
    """Have another session act just before the first statement that begins so."""
    acting: list[Future[object]] = []
    with ThreadPoolExecutor(1) as other:

        def interpose(_connection: Any, _cursor: Any, asked: str, _values: Any, _context: Any, _many: Any) -> None:
            if asked.startswith(statement) and not acting:
                acting.append(other.submit(act))
                wait_for(acting, LONG_ENOUGH)

        event.listen(Engine, "before_cursor_execute", interpose)
        try:
            yield acting
        finally:
            event.remove(Engine, "before_cursor_execute", interpose)


def test_a_row_that_is_added_while_all_rows_are_replaced_is_not_lost(base: Base) -> None:
    base.load(BEFORE)
    late = (9, "late", 9.0)
    with meanwhile('DELETE FROM "people"', lambda: base.query("INSERT INTO people VALUES (9, 'late', 9.0)")) as acting:
        job, _ = base.load(FILE, "replace", together=True)
    acting[0].result()
    base.undo(job)
    assert base.rows()[1:] == sorted([*BEFORE, late], key=repr)


def test_the_same_file_is_not_loaded_by_two_jobs_at_once(base: Base) -> None:
    base.load(BEFORE)
    with meanwhile("INSERT INTO batchdesk_load ", lambda: base.load(FILE, sha256="f1")) as acting:
        base.load(FILE, sha256="f1")
    with pytest.raises(JobError, match="into people was begun by job 7"):
        acting[0].result()
    assert base.rows()[1:] == sorted([*BEFORE, *FILE], key=repr)


def test_a_row_that_is_added_while_rows_are_changed_is_not_taken_away_by_the_undo(base: Base) -> None:
    base.load(BEFORE)
    with meanwhile("WITH written AS ", lambda: base.query("INSERT INTO people VALUES (5, 'late', 9.0)")) as acting:
        job, _ = base.load([FILE[0], *FILE[2:], (6, "twice", 6.0)], "upsert", ("id",), size=4)
    acting[0].result()
    undone = base.undo(job)
    assert (undone.rows, undone.left) == (2, []), "what was there in place of row 5 is not known"
    assert base.rows()[1:] == sorted([*BEFORE, FILE[2]], key=repr)
