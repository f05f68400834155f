"""Repairs as the reader gives them: suggested beside the broken record, or made where they are safe."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from webapp.intake import BrokenRecord, Position, Reading, Slice, count_rows, read_slices
from webapp.intake.batches import Batch, MiscountError
from webapp.intake.records import repair_at
from webapp.intake.repair_records import PART, Repairs

Make = Callable[..., Reading]
GOOD = b"".join(b"%d,Ann Lee,2024-01-%02d\n" % (number, number % 28 + 1) for number in range(1, 41))
RAGGED = (
    b"id,name,joined\n" + GOOD + b'50,"Bo "B" Lund",2024-01-31\n' + b"51,Cy\nMarsh,2024-02-01\n" + b"52,Di\n"
    b"53,Ed,Ng,2024-02-03\n" + b"x,y,z,1,2\n" + b"54,Flo,2024-02-04\n"
)
MADE = [
    ["50", 'Bo "B" Lund', "2024-01-31"],
    ["51", "Cy\nMarsh", "2024-02-01"],
    ["52", "Di", ""],
    ["53", "Ed,Ng", "2024-02-03"],
    ["54", "Flo", "2024-02-04"],
]


def read(path: Path, reading: Reading, repairs: Repairs, size: int = 256) -> list[Slice]:
    return list(read_slices(path, reading, size=size, repairs=repairs))


def broken_of(slices: list[Slice]) -> list[BrokenRecord]:
    return [record for cut in slices for record in cut.broken]


@pytest.mark.parametrize("size", [1, 2, 7, 256])
def test_safe_repairs_come_as_rows_where_nobody_can_be_asked(size: int, write: Any, reading: Make) -> None:
    path = write(RAGGED)
    slices = read(path, reading(3), Repairs.MADE, size)
    assert [cells for cut in slices for cells in cut.cells][40:] == MADE
    assert [(record.line, record.code) for record in broken_of(slices)] == [(47, "surplus_cells")]
    mended = [record for cut in slices for record in cut.mended]
    assert [record.line for record in mended] == [42, 43, 44, 45, 46]
    assert mended[2].code == PART
    assert mended[2].repair_note == "This line was put together with the record on line 43."
    rows = sum(len(cut.rows) for cut in slices)
    assert rows + len(broken_of(slices)) + 1 == count_rows(path, reading(3)).rows


def test_suggestions_leave_rows_and_broken_records_as_they_are(write: Any, reading: Make) -> None:
    path = write(RAGGED)
    plain, suggested = (read(path, reading(3), repairs) for repairs in (Repairs.NONE, Repairs.SUGGESTED))
    assert [cut.cells for cut in suggested] == [cut.cells for cut in plain]
    assert [record.row for record in broken_of(suggested)] == [record.row for record in broken_of(plain)]
    assert {record.repair for record in broken_of(plain)} == {None}
    assert [record.repair and list(record.repair) for record in broken_of(suggested)] == [
        *MADE[:2],
        None,
        *MADE[2:4],
        None,
    ]
    assert not any(cut.mended for cut in suggested)


def test_the_repair_of_one_record_is_found_later(write: Any, reading: Make) -> None:
    path = write(RAGGED)
    suggested = broken_of(read(path, reading(3), Repairs.SUGGESTED))
    for record in broken_of(read(path, reading(3), Repairs.NONE)):
        found = repair_at(path, reading(3), record)
        twin = next(other for other in suggested if other.row == record.row)
        if twin.code != PART:
            assert (found and found.cells, found.note if found else None) == (twin.repair, twin.repair_note)


def test_a_good_row_is_never_taken_in_by_a_short_one(write: Any, reading: Make) -> None:
    path = write(b"id,name,joined\n" + GOOD + b"50,Bo\n51,Cy,2024-02-01\n")
    (cut,) = read(path, reading(3), Repairs.MADE)
    assert cut.cells[-2:] == [["50", "Bo", ""], ["51", "Cy", "2024-02-01"]]


def slice_of(write: Any, reading: Make) -> Slice:
    return read(write(RAGGED), reading(3), Repairs.NONE)[0]


def test_a_slice_that_lost_a_record_is_not_given_out(write: Any, reading: Make) -> None:
    whole = slice_of(write, reading)
    whole.verify()
    with pytest.raises(MiscountError, match=r"row 1 \(byte 15\)"):
        replace(whole, broken=whole.broken[1:]).verify()
    with pytest.raises(MiscountError):
        replace(whole, rows=list(whole.rows)[1:]).verify()
    with pytest.raises(MiscountError):
        replace(whole, end=replace(whole.end, row=whole.end.row + 1)).verify()


@pytest.mark.parametrize("spoil", ["cells", "lines", "offsets", "lengths"])
def test_a_batch_that_does_not_add_up_ends_reading(
    spoil: str, write: Any, reading: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Batch.add_run

    def lose_one(batch: Batch, *where: Any) -> None:
        add(batch, *where)
        getattr(batch, spoil).pop()

    path = write(b"\xffid,a\n1,\xff\n" + b"1,2\n" * 10)
    monkeypatch.setattr(Batch, "add_run", lose_one)
    with pytest.raises(MiscountError):
        list(read_slices(path, reading(2)))
    with pytest.raises(MiscountError):
        count_rows(path, reading(2))


def test_records_that_share_a_byte_end_reading() -> None:
    batch = Batch(Position(1, 2, 10))
    batch.add(2, 10, 4, ["1"])
    batch.add(3, 13, 4, ["2"])
    batch.end = Position(3, 4, 17)
    with pytest.raises(MiscountError):
        batch.verify()
    batch.offsets[1] = 14
    batch.end = Position(3, 4, 18)
    batch.verify()
