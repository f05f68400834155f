"""Several files that a job works through: each is a row of the list that was made of them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from webapp.authoring import Failed, JobError, NotSent, Rejected, Skipped
from webapp.intake import Slice
from webapp.intake.listing import COLUMNS, FILES, LISTS, UnusableFileError, listed, opened_file, problems_of
from webapp.jobs.batch import Entry
from webapp.jobs.failures import Failures
from webapp.jobs.table import CheckedTable, TableBatch
from webapp.jobs.waiting import waiting_for
from webapp.jobs.work import Work
from webapp.services.data import FenceLostError
from webapp.store.tables import Outcome

NAME = COLUMNS[0]


class HandedItem:
    """One file, as `authoring.Item` describes."""

    def __init__(self, batch: TableBatch, index: int, file: BinaryIO, failures: Failures) -> None:
        self._batch = batch
        self._index = index
        self._file = file
        self._failures = failures
        self.row = batch.rows[index]
        self.name, size = batch.cells[index]
        self.size = int(size)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """See `authoring.Item`; what ends the whole job passes through."""
        try:
            self._file.seek(0)
            yield self._file
        except (JobError, FenceLostError):
            raise
        except Rejected as error:
            self.reject(str(error))
        except Skipped as error:
            self.skip(str(error))
        except (Failed, NotSent) as error:
            self.fail(str(error))
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if waiting_for(error):
                raise
            self.fail(self._failures.sentence(error, f"file {self.row}"))

    def reject(self, reason: str) -> None:
        self._batch.reject(self._index, reason, NAME)

    def fail(self, reason: str) -> None:
        self._batch.fail(self._index, reason, NAME)

    def skip(self, reason: str) -> None:
        self._batch.skip(self._index, reason)


class HandedItems:
    """The files after the checkpoint, as `authoring.Items` describes."""

    def __init__(self, work: Work, table: CheckedTable, failures: Failures) -> None:
        self.name = table.name
        self.packed = table.reading.container == FILES
        self._failures = failures
        self._table = table
        self._path = work.shop.files.upload(work.require_upload().id)

    def __len__(self) -> int:
        return len(listed(self._path, self._table.reading))

    def __iter__(self) -> Iterator[HandedItem]:
        for batch in self._table.batches(1):
            for index, row in enumerate(batch.rows):
                try:
                    with opened_file(self._path, self._table.reading, row) as file:
                        yield HandedItem(batch, index, file, self._failures)
                except UnusableFileError as error:
                    batch.reject(index, str(error), NAME)


def is_list(reading: Mapping[str, object] | None) -> bool:
    """Whether a job's rows are files."""
    return reading is not None and reading["container"] in LISTS


def unit_of(reading: Mapping[str, object] | None) -> str:
    """What people call one of a job's rows."""
    return "file" if is_list(reading) else "row"


class Unusable:
    """Which files of a job can't be taken out, known before any is."""

    def __init__(self, work: Work) -> None:
        path = work.shop.files.upload(work.require_upload().id)
        self._problems = problems_of(path, work.reading)

    def entries(self, slice_: Slice) -> Sequence[Entry]:
        """What will become of those in a slice."""
        rows = zip(slice_.rows, slice_.lines, slice_.cells, strict=True)
        return [
            Entry(row, Outcome.rejected, self._problems[row], line=line, column=NAME, found=cells[0])
            for row, line, cells in rows
            if row in self._problems
        ]
