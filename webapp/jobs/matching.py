"""Checking the rows of a job against its row model."""

from collections.abc import Iterator
from typing import Any

from webapp.authoring import JobError, JobType
from webapp.intake import Match, Position, Reading, RowChecker, Slice, kept_match, match_columns
from webapp.intake.styles import styles_from_json
from webapp.jobs.batch import Batch, Entry
from webapp.jobs.failures import Failures
from webapp.jobs.mended import own_columns
from webapp.jobs.raw_rows import RawRows
from webapp.jobs.work import Work
from webapp.store.tables import Job, Outcome

Checked = tuple[list[tuple[Any, ...]], list[Entry]]
"""The good rows, each with its number and model instance first, and the entries of all others."""

Checker = RowChecker[Any] | RawRows


def match_of(work: Work) -> Match:
    """Which column feeds which field of the row job's model; a job that takes any columns has none to feed.

    Raises:
        JobError: the job needs columns by now that the file does not have.
    """
    return _match(work.job_type, work.job, work.reading)


def _match(job_type: JobType, job: Job, reading: Reading) -> Match:
    columns, model = own_columns(job.file_name, reading), job_type.row_model
    if model is None:
        return Match({}, (), columns)
    match = kept_match(Match.from_json(job.match), columns, model) if job.match else match_columns(columns, model)
    if match.missing:
        names = ", ".join(f"“{name}”" for name in match.missing)
        raise JobError(
            f"The job has changed since it was handed in and needs columns that the file lacks: {names}. "
            "Add them and hand the file in again."
        )
    return match


def checker_for(work: Work) -> Checker:
    """The checker of a row job.

    Raises:
        JobError: the job needs columns by now that the file does not have.
    """
    return checker_of(work.job_type, work.job, work.reading)


def checker_of(job_type: JobType, job: Job, reading: Reading) -> Checker:
    """The same for a job that nobody works on yet.

    Raises:
        JobError: the file does not have the columns that the job needs.
    """
    model = job_type.row_model
    if model is None:
        return RawRows(own_columns(job.file_name, reading))
    styles = styles_from_json((job.match or {}).get("styles", {}))
    return RowChecker(model, reading, _match(job_type, job, reading), styles)


def check_slice(checker: Checker, slice_: Slice, failures: Failures) -> Checked:
    """Check some rows. A model whose own code makes an error over a row costs that row only."""
    try:
        return _check(checker, slice_)
    except Exception:  # noqa: BLE001 (a validator is a job author's code)
        good, problems = [], [Entry.rejected(record) for record in slice_.broken]
        for one in _single_rows(slice_):
            try:
                found = _check(checker, one)
            except Exception as error:  # noqa: BLE001
                row = one.rows[0]
                batch = Batch(row, one.end, slices=[one])
                sentence = failures.sentence(error, f"row {row}, while it was checked")
                problems.append(batch.entry(row, Outcome.failed, sentence, code="error"))
            else:
                good += found[0]
                problems += found[1]
        return good, problems


def _check(checker: Checker, slice_: Slice) -> Checked:
    good, problems = checker.check(slice_)
    return list(good), [Entry.rejected(problem) for problem in problems]


def _single_rows(slice_: Slice) -> Iterator[Slice]:
    places = zip(slice_.rows, slice_.lines, slice_.offsets, slice_.lengths, slice_.cells, strict=True)
    for row, line, offset, length, cells in places:
        here = Position(row, line, offset)
        yield Slice(here, here, [row], [line], [offset], [length], [cells], [])
