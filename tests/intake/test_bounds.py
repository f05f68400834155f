"""Monstrous files are read, or refused in words, in bounded time and memory."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from webapp.intake import Reading, TooWideError, count_rows, detect, preview, read_slices
from webapp.intake import exact as exact_module

Make = Callable[..., Reading]
MIB = 1024 * 1024


@contextmanager
def at_most(mebibytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < mebibytes * MIB
    finally:
        tracemalloc.stop()


def test_a_field_of_10_mb_is_read(write: Any, read_all: Any) -> None:
    long = "x" * (10 * MIB)
    path = write(f'id,text\n1,{long}\n2,"{long}"\n3,short\n'.encode())
    seen = read_all(path, detect(path))
    assert [len(cells[1]) for cells in seen.cells] == [10 * MIB, 10 * MIB, 5]
    assert not seen.broken


def test_10000_columns_of_500_rows_are_read(write: Any) -> None:
    row = ",".join(map(str, range(10_000)))
    path = write((",".join(f"c{place}" for place in range(10_000)) + "\n" + f"{row}\n" * 500).encode())
    seen = preview(path)
    assert (len(seen.columns), len(seen.rows), seen.rows_total or seen.rows_estimate) == (10_000, 20, 500)
    assert sum(len(cut.cells) for cut in read_slices(path, seen.reading)) == 500


def test_more_columns_than_a_spreadsheet_has_are_refused(write: Any) -> None:
    with pytest.raises(TooWideError, match="16,385 columns"):
        detect(write((",".join(f"c{place}" for place in range(16_385)) + "\n").encode()))


def test_a_line_without_end_breaks_only_itself_and_memory_stays_flat(
    tmp_path: Path, read_all: Any, reading: Make
) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(100):
            file.write(b"x" * MIB)
        file.write(b"\n3,4\n")
    with at_most(150):
        seen = read_all(path, reading(2))
    assert seen.cells == [["1", "2"], ["3", "4"]]
    assert seen.faults == [(3, "line_too_long")]
    assert seen.broken[0].length == 100 * MIB + 1
    assert count_rows(path, reading(2)).rows == 3


def test_a_quote_left_open_in_a_long_file_takes_one_line(write: Any, read_all: Any, reading: Make) -> None:
    path = write(b'a,b\n1,"open\n' + b"2,3\n" * 200_000)
    seen = read_all(path, reading(2))
    assert (len(seen.rows), seen.faults) == (200_000, [(2, "unclosed_quote")])


@pytest.mark.parametrize(
    "line",
    [
        b'b","c\n',
        b'"a"b,c\n',
        b',"\n',
        b'x,"y\n',
        b'"""\n',
        b'x,y,"\na,b"\n',
        b'1,2,"\n',
        b'"\n""\n',
    ],
    ids=repr,
)
def test_time_grows_with_the_length_of_a_file_full_of_broken_quotes(
    line: bytes, write: Any, read_all: Any, reading: Make
) -> None:
    def once(lines: int) -> float:
        path = write(b"a,b\n" + line * lines + b'stray" "x"y,"z"w\n')
        begin = time.process_time()
        read_all(path, reading(2))
        return time.process_time() - begin

    def seconds(lines: int) -> float:
        return min(once(lines) for _ in range(3))  # the machine may be busy: the least is nearest to the truth

    assert seconds(40_000) < 16 * max(seconds(5_000), 0.05), "eight times the lines, far from 64 times the work"


def test_a_quoted_cell_may_be_as_long_as_the_bound_and_no_longer(
    write: Any, read_all: Any, reading: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact_module, "LONGEST_RECORD", 100_000)
    good, long = b'"' + b"x\n" * 49_997 + b'x",1\n', b'"' + b"x\n" * 60_000 + b'",1\n'
    assert len(good) == 100_000
    seen = read_all(write(b"a,b\n" + good + b"3,4\n"), reading(2))
    assert (len(seen.rows), seen.broken) == (2, [])
    seen = read_all(write(b"a,b\n" + long + b"3,4\n"), reading(2))
    assert seen.cells == [["3", "4"]]
    assert seen.faults[0] == (2, "unclosed_quote")
    assert {code for _, code in seen.faults[1:-1]} == {"missing_cells"}
