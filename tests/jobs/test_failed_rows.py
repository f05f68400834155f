"""The file of failed rows is a table whatever was wrong with its records: each has its cells, then what is wrong."""

import csv
from uuid import UUID

import pytest

from tests.jobs.bench import Bench
from webapp.jobs.failed_rows import FailedRows
from webapp.jobs.mended import ADDED, columns_of, file_to_mend
from webapp.jobs.submission import Submission
from webapp.store.tables import Job

FINE = "".join(f"{row};;fine\n" for row in range(10, 60))
SURPLUS = "3;;a;b;c"
STRAY = '4;;"Bolt" M8;x'
MISSING = "5;"


def run(bench: Bench, text: str, name: str = "items.csv") -> Job:
    """Hand a file in under a name, and run it."""
    upload: UUID = bench.upload(text, name)
    job = bench.submissions.submit(Submission(bench.user, "keep_rows", upload), {})
    return bench.run_waiting(job.id)


def to_mend(bench: Bench, job: Job) -> str:
    """The file as it is downloaded, without its mark."""
    return "".join(FailedRows(bench.database, bench.shop.files, bench.shop.secrets, job).csv()).removeprefix("\ufeff")


def broken(bench: Bench) -> tuple[Job, str]:
    """A job with every kind of record that is no row, and its file to mend."""
    job = run(bench, f"id;do;note\n{FINE}{SURPLUS}\n{STRAY}\n{MISSING}\n")
    return job, to_mend(bench, job)


def test_what_is_wrong_stands_last_and_no_cell_is_lost(bench: Bench) -> None:
    header, *rows = csv.reader(broken(bench)[1].splitlines(), delimiter=";")
    assert header == ["id", "do", "note", *ADDED]
    assert [row[:3] for row in rows] == [["3", "", "a;b;c"], ["4", "", '"Bolt" M8;x'], ["5", "", ""]]
    assert [len(row) for row in rows] == [6, 6, 6]
    for (*_, error, _row, _mark), said in zip(rows, ("5 cells", "quotation mark", "2 cells"), strict=True):
        assert said in error


def test_a_mended_file_of_broken_records_is_read(bench: Bench) -> None:
    job, file = broken(bench)
    mended = run(bench, file.replace("a;b;c", "abc"), file_to_mend(job))
    assert columns_of(mended) == ("id", "do", "note")
    assert (mended.received, mended.done) == (3, 3)


@pytest.mark.parametrize("more", ["", ";and more"])
def test_what_was_wrong_before_is_no_cell_of_a_file_that_is_still_wrong(bench: Bench, more: str) -> None:
    job, file = broken(bench)
    again = run(bench, file.replace("5;;;", f'5;error;"{more}";'), file_to_mend(job))
    rows = list(csv.reader(to_mend(bench, again).splitlines(), delimiter=";"))
    assert [row[:3] for row in rows[1:]] == [["5", "error", more]]
