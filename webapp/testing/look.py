"""Reading what became of a job from where the desk has written it down."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, inspect, select
from sqlmodel import col
from sqlmodel import select as select_rows

from webapp.jobs.work import Workshop
from webapp.store.database import connect
from webapp.store.tables import Attempt, Job, LedgerEntry, LogLine, Outcome, ResultFile
from webapp.testing.ran import Ran, RowSaid

OWN = "batchdesk_"
"""How the desk's own tables in the data database begin."""


def look_at(shop: Workshop, job_id: UUID) -> Ran:
    """All that became of a job.

    Raises:
        AssertionError: its rows do not add up, which no job's code should be able to bring about.
    """
    with shop.database.read() as session:
        job = session.get_one(Job, job_id)
        ledger = select_rows(LedgerEntry).where(LedgerEntry.job_id == job_id, ~col(LedgerEntry.again))
        entries = session.exec(ledger.order_by(col(LedgerEntry.first_row))).all()
        files = session.exec(select_rows(ResultFile).where(ResultFile.job_id == job_id)).all()
        said = select_rows(LogLine.message).where(LogLine.job_id == job_id).order_by(col(LogLine.id))
        log = session.exec(said).all()
        attempts = select_rows(Attempt.detail).where(Attempt.job_id == job_id).order_by(col(Attempt.number))
        details = session.exec(attempts).all()
        session.expunge_all()
    outcomes = [str(entry.outcome) for entry in entries for _ in range(entry.first_row, entry.last_row + 1)]
    if len(outcomes) != job.accounted:
        raise AssertionError(f"{job.accounted} rows are accounted for, and the ledger has {len(outcomes)}")
    return Ran(
        state=str(job.state),
        outcomes=outcomes,
        said=[_said(entry, row) for entry in entries if entry.outcome is not Outcome.done for row in _rows(entry)],
        log=list(log),
        results={file.name: shop.files.result(job_id, file.id).read_bytes() for file in files},
        tables=_tables(shop.settings.data_database),
        problem=job.problem,
        detail="\n".join(detail for detail in details if detail),
    )


def _rows(entry: LedgerEntry) -> range:
    return range(entry.first_row, entry.last_row + 1)


def _said(entry: LedgerEntry, row: int) -> RowSaid:
    return RowSaid(row, str(entry.outcome), entry.reason or "", entry.column, entry.found)


def _tables(url: str) -> dict[str, list[Mapping[str, Any]]]:
    engine = connect(url)
    try:
        names = [name for name in inspect(engine).get_table_names() if not name.startswith(OWN)]
        metadata = MetaData()
        metadata.reflect(engine, only=names)
        with engine.connect() as connection:
            return {
                name: [dict(row) for row in connection.execute(select(metadata.tables[name])).mappings()]
                for name in names
            }
    finally:
        engine.dispose()
