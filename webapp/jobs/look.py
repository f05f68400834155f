"""The first look into a job's file: how it is read, what is in it, and whether the job can work on it as it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from webapp.authoring import JobType
from webapp.errors import BadInput
from webapp.intake import (
    BrokenRecord,
    IntakeError,
    Match,
    MatchError,
    NoRowsError,
    Preview,
    Reading,
    detect,
    preview,
    preview_of_files,
    settle_match,
)
from webapp.intake.containers import open_container
from webapp.intake.doubts import DAYS
from webapp.intake.guess import Guess
from webapp.intake.prepare import copy_of
from webapp.intake.reading import READ_IN_PLACE
from webapp.intake.records import repair_at
from webapp.intake.settle import NOTHING_REMEMBERED
from webapp.intake.styles import styles_of, styles_to_json
from webapp.jobs.around import Around, look_around
from webapp.jobs.mapping_memory import Memory, recall
from webapp.jobs.mended import own_columns
from webapp.jobs.preview import MAX_BROKEN, OTHER_ROWS, Beside, choices_for, keep_preview
from webapp.jobs.private import shapes_of
from webapp.jobs.settled import Settled
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.tables import Job, State, Upload


class Shelf(Protocol):
    """Where files lie and what is remembered of others."""

    @property
    def database(self) -> Database: ...

    @property
    def files(self) -> Files: ...


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; `match` is None for a job without a row model, `styles` are the columns' ways of writing.

    Of what was seen for a `private` job only shapes are kept.
    """

    seen: Preview
    beside: Beside
    match: Match | None
    styles: Mapping[str, Guess] = field(default_factory=dict)
    private: bool = False

    @property
    def problem(self) -> str | None:
        """What has to be settled first, in a sentence."""
        return _lacks(self.match.missing, self.seen.reading) if self.match and self.match.missing else None

    def columns(self) -> dict[str, Any]:
        """The same as columns of a job."""
        kept = keep_preview(self.seen, self.beside)
        return {
            "state": State.draft if self.problem else State.checking,
            "problem": self.problem,
            "reading": self.seen.reading.to_json(),
            "preview": shapes_of(kept) if self.private else kept,
            "match": {**self.match.to_json(), "styles": styles_to_json(self.styles)} if self.match else None,
            "received": self.seen.rows_total or 0,
            "counted": self.seen.rows_total is not None,
        }


def look_into(shelf: Shelf, upload: Upload, job_type: JobType, settled: Settled) -> Look:
    """Look at the beginning of a file of any size, within a second.

    Raises:
        BadInput: it can't be used as a table, or not as it was settled; under `file`, or the name of what was settled.
    """
    if job_type.file_kind == "items":
        return _look_into_files(shelf, upload)
    path, copy = shelf.files.upload(upload.id), shelf.files.prepared(upload.id)
    try:
        seen = preview(path, copy=copy, choices=settled.file)
    except NoRowsError as error:
        _require_line(detect(path, settled.file, copy), settled)
        raise BadInput({_at_fault(settled): str(error)}) from error
    except IntakeError as error:
        raise BadInput({_at_fault(settled): str(error)}) from error
    _require_line(seen.reading, settled)
    seen = _with_repairs(seen, _text_of(path, copy, seen.reading))
    beside = Beside(_around(path, copy, seen.reading), _sheets(path), _read_otherwise(path, copy, seen, settled))
    if job_type.row_model is None:
        return Look(seen, beside, None, private=job_type.private)
    columns = own_columns(upload.name, seen.reading)
    with shelf.database.read() as session:
        memory = recall(session, job_type.name, columns)
    match = _match(columns, seen, job_type, memory, settled)
    return Look(seen, replace(beside, memory=memory), match, _styles(seen, settled), job_type.private)


def _look_into_files(shelf: Shelf, upload: Upload) -> Look:
    """The list of the files in what was handed in."""
    path, copy = shelf.files.upload(upload.id), shelf.files.prepared(upload.id)
    try:
        seen = preview_of_files(path, upload.name, copy)
    except IntakeError as error:
        raise BadInput({"file": str(error)}) from error
    return Look(seen, Beside(Around([], [], None)), None)


def _match(
    columns: tuple[str, ...], seen: Preview, job_type: JobType, memory: Memory | None, settled: Settled
) -> Match | None:
    """Which column feeds which field. What was chosen for columns that are gone by now is passed over.

    On the page another header, chosen after the columns, takes them away; `require_columns` is for who chooses once.
    """
    if job_type.row_model is None:
        return None
    kinds = {column.name: column.kind for column in seen.columns}
    there = {None, *columns}
    chosen = {name: column for name, column in settled.match.items() if column in there}
    try:
        return settle_match(
            columns, kinds, job_type.row_model, memory.remembered if memory else NOTHING_REMEMBERED, chosen
        )
    except MatchError as error:
        raise BadInput({f"match.{name}": sentence for name, sentence in error.problems.items()}) from error


def require_columns(chosen: Mapping[str, str | None], columns: Sequence[str]) -> None:
    """Refuse columns that were chosen and are not there.

    Raises:
        BadInput: under `match.FIELD`.
    """
    gone = {name: column for name, column in chosen.items() if column is not None and column not in columns}
    if gone:
        has = f"Its columns are {_quoted(columns[:20])}."
        raise BadInput(
            {f"match.{name}": f"In the file there is no column “{column[:60]}”. {has}" for name, column in gone.items()}
        )


def _styles(seen: Preview, settled: Settled) -> dict[str, Guess]:
    """How the columns are written: as found, and where days and months can't be told apart, as settled."""
    styles = styles_of(seen.columns)
    for column in seen.columns:
        first = settled.dates.get(column.name)
        if first and column.kind in DAYS:
            either = [column.style, column.other.style if column.other else ""]
            style = next((style for style in either if style.startswith(first)), first)
            styles[column.name] = Guess(column.kind, style, 1.0)
    return styles


def _at_fault(settled: Settled) -> str:
    """The name of what was settled that most likely makes a file unreadable."""
    names = ("header_line", "last_line", "encoding", "delimiter", "quote", "sheet")
    return next((name for name in names if getattr(settled.file, name) is not None), "file")


def _require_line(reading: Reading, settled: Settled) -> None:
    """Refuse a line for the header that the file does not have.

    Raises:
        BadInput: under its name.
    """
    wanted = settled.file.header_line
    if wanted and reading.header_line != wanted:
        sentence = f"The header can't be in line {wanted:,}: there is no such line near the beginning of the file."
        raise BadInput({"header_line": sentence})


def _text_of(path: Path, copy: Path, reading: Reading) -> Path | None:
    """The text that records are read from; None for a large file that is not unpacked or transcoded yet."""
    if not reading.container and reading.encoding in READ_IN_PLACE:
        return path
    made = copy_of(copy, reading.container, reading.sheet, reading.encoding)
    return made if made.exists() else None


def _around(path: Path, copy: Path, reading: Reading) -> Around:
    if text := _text_of(path, copy, reading):
        return look_around(text, reading.text_encoding, reading)
    return Around([], [], None) if reading.container else look_around(path, reading.encoding, reading)


def _with_repairs(seen: Preview, text: Path | None) -> Preview:
    """The preview with a suggestion for each of the first broken records that has one."""
    if text is None:
        return seen
    return replace(seen, broken=[_suggested(text, seen.reading, record) for record in seen.broken[:MAX_BROKEN]])


def _suggested(text: Path, reading: Reading, record: BrokenRecord) -> BrokenRecord:
    repair = repair_at(text, reading, record)
    if repair is None:
        return record
    return replace(record, repair=repair.cells, repair_note=repair.note, repair_safe=repair.safe)


def _sheets(path: Path) -> list[str]:
    container = open_container(path)
    return [sheet.name for sheet in container.sheets] if container else []


def _read_otherwise(path: Path, copy: Path, seen: Preview, settled: Settled) -> Preview | None:
    """The file in the other way that is nearly as likely, unless the operator has settled that."""
    if seen.alternative is None or settled.file.delimiter is not None:
        return None
    try:
        return preview(path, rows=OTHER_ROWS, copy=copy, choices=replace(settled.file, **choices_for(seen.alternative)))
    except IntakeError:
        return None


def _lacks(missing: tuple[str, ...], reading: Reading) -> str:
    return f"The file has no column for {_quoted(missing)}. Its columns are {_quoted(reading.columns[:20])}."


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def require_sure_columns(job: Job) -> None:
    """Refuse columns that are only like what they would feed: nobody looks at them before the rows are run.

    Raises:
        BadInput: under `choices`.
    """
    match = Match.from_json(job.match) if job.match else None
    said = Settled.from_json(job.choices).match
    doubtful = {name: match.pairs[name] for name in match.doubtful if name not in said} if match else {}
    if doubtful:
        alike = ", ".join(f"“{column}” is only like “{name}”" for name, column in doubtful.items())
        settled = json.dumps({"match": doubtful}, ensure_ascii=False)
        raise BadInput({"choices": f"{alike}. Rename the column, or say that it is meant: {settled}"})
