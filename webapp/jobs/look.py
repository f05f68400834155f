"""The first look into a job's file: how it is read, what is in it, and whether the job can work on it as it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.authoring import JobType
from webapp.errors import BadInput
from webapp.intake import IntakeError, Preview, Reading, preview
from webapp.intake.reading import READ_IN_PLACE
from webapp.jobs.around import look_around
from webapp.jobs.matching import match_with
from webapp.jobs.mended import own_columns
from webapp.jobs.preview import keep_preview
from webapp.jobs.settled import Settled
from webapp.store.files import Files
from webapp.store.tables import State, Upload


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `problem` says in a sentence what has to be settled first."""

    reading: Reading
    preview: dict[str, Any]
    rows: int | None
    problem: str | None

    def columns(self) -> dict[str, Any]:
        """The same as columns of a job."""
        return {
            "state": State.draft if self.problem else State.checking,
            "problem": self.problem,
            "reading": self.reading.to_json(),
            "preview": self.preview,
            "received": self.rows or 0,
            "counted": self.rows is not None,
        }


def look_into(files: Files, upload: Upload, job_type: JobType, settled: Settled) -> Look:
    """Look at the beginning of a file of any size, within a second.

    Raises:
        BadInput: it can't be used as a table, or not as it was settled; under `file`, or the name of what was settled.
    """
    path, copy = files.upload(upload.id), files.prepared(upload.id)
    try:
        seen = preview(path, copy=copy, choices=settled.file)
    except IntakeError as error:
        raise BadInput({_at_fault(settled): str(error)}) from error
    _require_lines(seen, settled)
    return Look(
        reading=seen.reading,
        preview=keep_preview(seen, look_around(*_text_of(path, copy, seen.reading), seen.reading)),
        rows=seen.rows_total,
        problem=_lacks(upload, seen, job_type, settled),
    )


def _at_fault(settled: Settled) -> str:
    """The name of what is most likely wrong: what was settled last is not known, so what changes most."""
    names = ("header_line", "last_line", "encoding", "delimiter", "quote", "sheet")
    return next((name for name in names if getattr(settled.file, name) is not None), "file")


def _require_lines(seen: Preview, settled: Settled) -> None:
    """Refuse lines that the file does not have.

    Raises:
        BadInput: under their names.
    """
    wanted = settled.file.header_line
    if wanted and seen.reading.header_line != wanted:
        raise BadInput(
            {"header_line": f"There is no header in line {wanted:,}: the file has no such line near its beginning."}
        )


def _text_of(path: Path, copy: Path, reading: Reading) -> tuple[Path, str]:
    """Where the file's text is to be looked at, and its encoding there. A large file has no copy yet."""
    if copy.exists():
        return copy, "utf-8"
    return path, reading.text_encoding if reading.encoding in READ_IN_PLACE else reading.encoding


def _lacks(upload: Upload, seen: Preview, job_type: JobType, settled: Settled) -> str | None:
    if not job_type.row_model:
        return None
    missing = match_with(own_columns(upload.name, seen.reading), job_type.row_model, settled.match).missing
    if not missing:
        return None
    names = ", ".join(f"“{name}”" for name in missing)
    has = ", ".join(f"“{name}”" for name in seen.reading.columns[:20])
    return (
        f"The file has no column for {names}. Its columns are {has}. Choose the column below, or choose another file."
    )
