"""A load, its trial and its undo take time with the rows, not with their square: what each statement looks through."""

import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event

from tests.services.test_load_undo import BEFORE, COLUMNS, FILE, Base
from webapp.services.datatables.load import Load, Mode, Order
from webapp.settings import Settings

WHOLE = "(batchdesk_image=?)"
"""How a step ends that goes through all images of a kind, though by an index."""


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    base = Base(Settings(data=tmp_path).data_database)
    yield base
    base.database.close()
    base.engine.dispose()


@pytest.fixture
def plans() -> Iterator[dict[str, list[str]]]:
    """How SQLite finds the rows of each statement that is executed."""
    found: dict[str, list[str]] = {}

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        if not many and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)", statement):
            driver = connection.connection.driver_connection
            plan = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found[statement] = [row[3] for row in plan.fetchall()]

    event.listen(Engine, "before_cursor_execute", explain)
    yield found
    event.remove(Engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("declared", ["INTEGER", "NUMERIC", ""])
@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_no_statement_looks_through_a_table_for_each_row_of_another(
    declared: str, mode: Mode, base: Base, plans: dict[str, list[str]]
) -> None:
    base.query(f"CREATE TABLE people (id {declared}, name TEXT, amount REAL)")
    base.load(BEFORE, key=("id",))
    plans.clear()
    job = uuid4()
    base.database.take(job, 1)
    order = Order(job, 7, "people", COLUMNS, ("id",), mode, "f")
    trial = Load(base.database.writer(job, 1), order, together=True)
    trial.add(range(1, len(FILE) + 1), FILE)
    counts, _ = trial.try_out(lambda _: None)
    assert counts
    assert counts.changed == 1
    loaded, _ = base.load(FILE, mode, ("id",), together=mode == "replace")
    base.undo(loaded)
    images = {statement: plan for statement, plan in plans.items() if "batchdesk_undo_" in statement}
    assert len(images) >= 6
    twice = {
        statement: plan
        for statement, plan in images.items()
        if sum(step.startswith("SCAN") or step.endswith(WHOLE) or "AUTOMATIC" in step for step in plan) > 1
    }
    assert twice == {}


def test_a_trial_does_not_keep_the_rows_it_compares_in_memory(base: Base) -> None:
    count, wide = 5_000, 5_000
    base.load([(number, "x" * wide, 1.0) for number in range(count)], size=count)
    job = uuid4()
    base.database.take(job, 1)
    trial = Load(base.database.writer(job, 1), Order(job, 7, "people", COLUMNS, (), "replace", "f"), together=True)
    tracemalloc.start()
    counts, _ = trial.try_out(lambda _: None)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counts
    assert counts.removed == count
    assert most < count * wide * 0.7
