"""What stands below a table that is larger than what detection looks at."""

from pathlib import Path
from typing import Any

import pytest

from webapp.intake import Reading, count_rows, detect
from webapp.intake.detect import HEAD_BYTES, detect_closely

ROW = "{number},name of {number},{number}.50\n"
ROWS = HEAD_BYTES // 24


@pytest.fixture(scope="module")
def rows() -> str:
    return "id,name,amount\n" + "".join(ROW.format(number=number) for number in range(ROWS))


def read(rows: str, below: str, write: Any) -> tuple[Path, Reading]:
    path = write((rows + below).encode())
    return path, detect(path)


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        ("\nSource: the office of examples\n", 2),
        ("Generated on 3 May 2026 by the system of the office\n", 1),
        (",,\n,,\nAll amounts are in euros and were rounded,,\n", 3),
        ("\x1a", 1),
        ("\n\n\n", 0),
        ("7,the last one,3.5\n", 0),
        ("7\n", 0),
    ],
)
def test_notes_at_the_very_end_are_left_out(rows: str, below: str, lines: int, write: Any) -> None:
    path, reading = read(rows, below, write)
    assert reading.footer_lines == lines
    extra = 0 if lines else sum(1 for line in below.splitlines() if line)
    assert count_rows(path, reading).rows == ROWS + extra


def test_quotes_that_are_open_where_the_tail_begins_leave_nothing_out(rows: str, write: Any) -> None:
    note = '1,"a text of many lines\n' + "and one more line of it\n" * 4_000 + '",3.5\n'
    path, reading = read(rows, note, write)
    assert (reading.end_offset, count_rows(path, reading).rows) == (0, ROWS + 1)


def test_a_total_is_said_and_kept(write: Any) -> None:
    path = write(b"id,name,qty\n1,Ann,3\n2,Bo,4\nTotal,,7\n")
    detected = detect_closely(path)
    assert (detected.total_line, count_rows(path, detected.reading).rows) == (4, 3)
    assert detect_closely(write(b"id,name,qty\n1,Ann,3\n2,Bo,4\n")).total_line == 0
