"""A trial, a load and its undo of 100,000 rows into as many, on both databases, and whether the table is as it was.

    python -m benchmarks.undo_load

Prints a line for each database: seconds, what the trial counted, and whether all is as before but for two rows that
were edited since, which the undo leaves.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from tests.postgres import PostgresServer
from tests.services.test_load_undo import COLUMNS, Base
from webapp.services.datatables.load import Load, Order
from webapp.settings import Settings

T = TypeVar("T")

ROWS = 100_000
AT_ONCE = 5_000
EDITED = (60_000, 70_000)


def main() -> None:
    """Measure both."""
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", Settings(data=Path(folder)).data_database)
        server = PostgresServer()
        try:
            url = server.url(server.create_database())
            measure("postgresql", Settings(data=Path(folder), database_url=url).data_database)
        finally:
            server.close()


def measure(name: str, url: str) -> None:
    """Print one line."""
    base = Base(url)
    before: list[tuple[object, ...]] = [(row, f"Name {row}", row / 7) for row in range(1, ROWS + 1)]
    file: list[tuple[object, ...]] = [
        (row, f"Name {row}" if row % 2 else f"New {row}", row / 7) for row in range(ROWS // 2, ROWS // 2 + ROWS)
    ]
    base.load(before, size=AT_ONCE)
    digest = digest_of(base)
    job = uuid4()
    base.database.take(job, 1)
    load = Load(base.database.writer(job, 1), Order(job, 7, "people", COLUMNS, ("id",), "upsert", "f"), together=True)
    for first in range(0, ROWS, AT_ONCE):
        load.add(range(first + 1, first + AT_ONCE + 1), file[first : first + AT_ONCE])
    tried, (counts, _) = timed(lambda: load.try_out(lambda _: None))
    same = digest_of(base) == digest
    loaded, (loaded_by, _) = timed(lambda: base.load(file, "upsert", ("id",), size=AT_ONCE))
    for row in EDITED:
        base.query(f"UPDATE people SET name = 'edited' WHERE id = {row}")
    undone, result = timed(lambda: base.undo(loaded_by))
    for row in EDITED:
        base.query(f"UPDATE people SET name = 'Name {row}' WHERE id = {row}")
    same = same and digest_of(base) == digest and len(result.left) == len(EDITED)
    sys.stdout.write(f"{name}: trial {tried:.1f} s {counts}, load {loaded:.1f} s, undo {undone:.1f} s, same: {same}\n")
    base.database.close()
    base.engine.dispose()


def timed(what: Callable[[], T]) -> tuple[float, T]:
    """The seconds that something takes, and what it gives."""
    began = time.perf_counter()
    result = what()
    return time.perf_counter() - began, result


def digest_of(base: Base) -> str:
    """Of all that is in the table."""
    digest = sha256()
    with base.engine.connect() as connection:
        for row in connection.exec_driver_sql("SELECT * FROM people ORDER BY id, name"):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
