"""Whether a back-up is whole: asked before it gets its name, and again before anything is restored from it."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine

from webapp.backup.contents import kept_files, sum_of
from webapp.backup.manifest import DATA, DESK, KEY, Manifest
from webapp.backup.moment import open_copy
from webapp.backup.steps import Step, Tick
from webapp.errors import BadBackup
from webapp.store.migrate import NEWEST, NewerSchemaError


def verify(folder: Path, step: Step) -> Manifest:
    """Read all of a back-up and compare it with what it says of itself.

    Raises:
        BadBackup: something is missing, or is not as it was written.
        NewerSchemaError: a newer Batchdesk made it.
    """
    manifest = Manifest.read(folder)
    if manifest.schema > NEWEST:
        raise NewerSchemaError(
            f"This back-up has schema version {manifest.schema}, which this Batchdesk does not know. "
            f"It was made by Batchdesk {manifest.batchdesk}: restore it with that one or a newer one."
        )
    with step("Checking the back-up", manifest.bytes) as tick:
        for wrong in _wrong(folder, manifest, tick):
            raise BadBackup(f"The back-up {folder} is damaged: {wrong}")
    return manifest


def _wrong(folder: Path, manifest: Manifest, tick: Tick) -> Iterator[str]:
    for name, expected in manifest.sums.items():
        yield from _sum_differs(folder, name, expected, tick)
    for name in (DESK, DATA):
        still = open_copy(folder / name)
        yield from (f"{name}: {reason}" for reason in _unsound(still))
        if row_counts(still) != manifest.rows.get(name):
            yield f"{name} has other rows than {folder.name} says."
    if manifest.key is not None:
        yield from _sum_differs(folder, KEY, manifest.key, tick)
    for file in kept_files(open_copy(folder / DESK)):
        if file.place not in manifest.damaged:
            yield from _sum_differs(folder, file.place, file.sha256, tick)


def row_counts(engine: Engine) -> dict[str, int]:
    """How many rows each table of a database has."""
    quote = engine.dialect.identifier_preparer.quote_identifier
    with engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).scalars()
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one()  # noqa: S608 (a name that the database gave)
            for name in names.all()
        }


def _sum_differs(folder: Path, name: str, expected: str, tick: Tick) -> Iterator[str]:
    try:
        if sum_of(folder / name, tick) != expected:
            yield f"{name} is not as it was written."
    except OSError as error:
        yield f"{name} can't be read ({error.strerror})."


def _unsound(engine: Engine) -> Iterator[str]:
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        if found != "ok":
            yield f"{found}."
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"a row of {row[0]} belongs to one of {row[2]} that is not there."
