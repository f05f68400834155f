"""The cells of rows that came back mended, read from the file that brought each of them last."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from webapp.intake import Reading, prepare, record_at, undefuse
from webapp.jobs.mended import columns_of
from webapp.store.files import Files
from webapp.store.pieces import pieces
from webapp.store.tables import Job, MendedRow, Mending


@dataclass(frozen=True, slots=True)
class MendedFile:
    """A file that brought rows back: where its text lies, and where each of the job's columns stands in it."""

    path: Path
    reading: Reading
    places: Sequence[int]

    def cells(self, offset: int, length: int) -> list[str]:
        """The cells of a row, in the order of the job's columns."""
        cells = record_at(self.path, self.reading, offset, length)
        return [undefuse(cells[place]) if place < len(cells) else "" for place in self.places]


class MendedCells:
    """What the rows of a job say by now."""

    def __init__(self, session: Session, files: Files, job: Job) -> None:
        self._mendings = mendings(session, job)
        for each in self._mendings:
            session.expunge(each)
        self._files, self._columns = files, columns_of(job)
        self._opened: dict[int, MendedFile] = {}

    def __bool__(self) -> bool:
        return bool(self._mendings)

    def of(self, session: Session, rows: Sequence[int]) -> dict[int, list[str]]:
        """The cells of those among some rows that came back mended, by row."""
        last: dict[int, tuple[int, MendedRow]] = {}
        for number, mending in enumerate(self._mendings):
            last |= {each.row: (number, each) for each in _rows_of(session, mending, rows)}
        return {row: self._file(number).cells(each.offset, each.length) for row, (number, each) in last.items()}

    def rounds(self, session: Session, rows: Sequence[int]) -> Counter[int]:
        """How often each of some rows came back mended."""
        return Counter(each.row for mending in self._mendings for each in _rows_of(session, mending, rows))

    def _file(self, number: int) -> MendedFile:
        if number not in self._opened:
            mending = self._mendings[number]
            self._opened[number] = open_mended(self._files, mending, self._columns)
        return self._opened[number]


def mendings(session: Session, job: Job) -> Sequence[Mending]:
    """The files of mended rows that a job has taken back, the first one first."""
    return session.exec(select(Mending).where(col(Mending.job_id) == job.id).order_by(col(Mending.id))).all()


def open_mended(files: Files, mending: Mending, columns: Sequence[str]) -> MendedFile:
    """A file of mended rows, to read cells of a job's columns from.

    Raises:
        OSError: it is not there.
        IntakeError: it can't be read.
    """
    reading = Reading.from_json(mending.reading)
    path = prepare(files.upload(mending.upload_id), reading, files.prepared(mending.upload_id))
    return MendedFile(path, reading, [reading.columns.index(name) for name in columns])


def _rows_of(session: Session, mending: Mending, rows: Sequence[int]) -> Iterator[MendedRow]:
    for piece in pieces(rows):
        query = select(MendedRow).where(col(MendedRow.mending_id) == mending.id, col(MendedRow.row).in_(piece))
        yield from session.exec(query)
