"""The text of records that broke, read again from the file, and how each could be repaired."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from webapp.intake import BrokenRecord, IntakeError, Reading, first_position, prepare
from webapp.intake.repair_records import Mender
from webapp.intake.source import Source
from webapp.store.files import Files
from webapp.store.tables import Job, LedgerEntry

BROKEN = frozenset({"stray_quote", "unclosed_quote", "nul_byte", "missing_cells", "surplus_cells", "bad_bytes"})
"""Codes of records that are no rows; see `intake.broken`."""

MOST = 100
MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class BrokenText:
    """The record as it stands in the file. `note` says how it could be repaired, `cells` what it would be then."""

    raw: str
    note: str | None
    cells: tuple[str, ...]


def broken_texts(files: Files, job: Job, entries: Iterable[LedgerEntry]) -> Mapping[int, BrokenText]:
    """The texts of the first hundred broken records among some entries of a job's ledger, by row.

    There are none where the file can't be read any more.
    """
    wanted = [entry for entry in entries if entry.code in BROKEN and entry.offset is not None][:MOST]
    if not wanted or job.reading is None or job.upload_id is None:
        return {}
    try:
        return _texts(files, job.upload_id, Reading.from_json(job.reading), wanted)
    except (OSError, IntakeError):
        return {}  # the rows and their reasons are there without the file


def _texts(files: Files, upload_id: UUID, reading: Reading, entries: Iterable[LedgerEntry]) -> Mapping[int, BrokenText]:
    path = prepare(files.upload(upload_id), reading, files.prepared(upload_id))
    with path.open("rb") as file:
        source = Source(file, reading.end_offset)
        mender = Mender(path, reading, first_position(path, reading), source)
        return {entry.first_row: _text(entry, reading, source, mender) for entry in entries}


def _text(entry: LedgerEntry, reading: Reading, source: Source, mender: Mender) -> BrokenText:
    offset, length = entry.offset or 0, entry.length or 0
    raw = source.bytes_at(offset, min(length, 4 * MAX_TEXT)).decode(reading.text_encoding, "replace")
    record = BrokenRecord(
        row=entry.first_row,
        line=entry.line or 0,
        offset=offset,
        length=length,
        code=entry.code or "",
        reason=entry.reason or "",
        raw=raw,
    )
    repair = mender.repair_at(record)
    cells = tuple(cell[:MAX_TEXT] for cell in repair.cells) if repair else ()
    return BrokenText(raw.rstrip("\r\n")[:MAX_TEXT], repair.note if repair else None, cells)
