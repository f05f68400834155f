"""The file of rows that went wrong, to take away: as CSV, or as a workbook in which no spreadsheet changes a cell."""

import io
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from webapp.errors import NotFound, Refused
from webapp.jobs.failed_rows import FailedRows
from webapp.jobs.items import unit_of
from webapp.jobs.mended import file_to_mend
from webapp.jobs.submit import own_job
from webapp.store.tables import Job, User
from webapp.web.desk import Desk
from webapp.web.downloads import attachment, note_taken, require_held
from webapp.web.template_file import XLSX

MOST_ROWS = 1_048_575  # and the header: 2**20
LONGEST_CELL = 32_767
TOO_MANY = "There are more rows than an Excel sheet keeps. Download them as CSV."


def failed_rows_of(desk: Desk, job: Job, *, raw: bool = False) -> FailedRows:
    """The rows of a job that went wrong."""
    return FailedRows(desk.database, desk.files, desk.submissions.secrets, job, raw)


def as_csv(request: Request, desk: Desk, user: User, job_id: UUID, *, raw: bool) -> Response:
    """The file as CSV.

    Raises:
        NotFound: the user has no such job, or it has no rows.
    """
    job = _job(desk, user, job_id)
    pieces = failed_rows_of(desk, job, raw=raw).csv()
    note_taken(request, desk, user, job_id, f"the {unit_of(job.reading)}s that went wrong")
    return StreamingResponse(pieces, headers=attachment(file_to_mend(job)), media_type="text/csv; charset=utf-8")


def as_xlsx(request: Request, desk: Desk, user: User, job_id: UUID) -> Response:
    """The file as a workbook whose cells are all text.

    Raises:
        NotFound: as for CSV.
        Refused: a sheet does not keep so many rows.
    """
    job = _job(desk, user, job_id)
    if job.rejected + job.failed + job.unknown > MOST_ROWS:
        raise Refused(TOO_MANY)
    book = io.BytesIO()
    _write(book, failed_rows_of(desk, job))
    note_taken(request, desk, user, job_id, f"the {unit_of(job.reading)}s that went wrong")
    return Response(book.getvalue(), headers=attachment(file_to_mend(job, "xlsx")), media_type=XLSX)


def _job(desk: Desk, user: User, job_id: UUID) -> Job:
    with desk.database.read() as session:
        job = own_job(session, user, job_id)
        session.expunge(job)
    require_held(job)
    if job.reading is None:
        raise NotFound("This job has no rows.")
    return job


def _write(book: IO[bytes], rows: FailedRows) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 (heavy: only who writes a workbook waits for it)

    with Workbook(book, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Rows")
        for number, cells in enumerate(_lines(rows)):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell[:LONGEST_CELL])


def _lines(rows: FailedRows) -> Iterator[list[str]]:
    yield rows.header()
    for piece in rows.pieces():
        yield from piece
