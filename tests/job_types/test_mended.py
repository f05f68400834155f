"""A file of failed rows comes back: what the desk added to it must not go anywhere."""

from collections.abc import Callable
from pathlib import Path

from tests.job_types.desk import Desk
from webapp.jobs.failed_rows import FailedRows
from webapp.jobs.mended import file_to_mend
from webapp.store.tables import Job

Csv = Callable[..., Path]


def to_mend(desk: Desk, job: Job, folder: Path) -> Path:
    """The file as the operator downloads it."""
    path = folder / file_to_mend(job)
    path.write_text("".join(FailedRows(desk.database, desk.shop.files, desk.shop.secrets, job).csv()), "utf-8")
    return path


def test_a_mended_file_brings_its_rows_and_nothing_else(desk: Desk, csv_file: Csv, tmp_path: Path) -> None:
    text = "id,qty,note\n1,1,a\n2,2,b\n3,x,=SUM(A1)\n4,y,'quoted\n" + "".join(f"{n},{n},c\n" for n in range(5, 200))
    first = desk.run("load_table", csv_file(text), table="t", key=["id"])
    file = to_mend(desk, first.job, tmp_path)
    assert file.name.endswith("-failed-rows.csv")
    assert "'=SUM(A1)" in file.read_text("utf-8"), "harmless in a spreadsheet"
    file.write_text(file.read_text("utf-8").replace("3,x,", "3,30,"), "utf-8")

    second = desk.run("load_table", file, table="t", key=["id"])

    assert [problem[:4] for problem in second.problems] == [(2, "rejected", "qty", "y")]
    assert desk.query("SELECT * FROM t WHERE id IN (3, 4)") == [(3, 30, "=SUM(A1)")], "no guard, no column of errors"


def test_what_is_still_wrong_comes_again_under_the_same_name_and_columns(
    desk: Desk, csv_file: Csv, tmp_path: Path
) -> None:
    text = "id,qty,note\n1,x,=1+1\n" + "".join(f"{n},{n},c\n" for n in range(2, 200))
    first = desk.run("load_table", csv_file(text), table="t", key=["id"])
    file = to_mend(desk, first.job, tmp_path)
    second = desk.run("load_table", file, table="t", key=["id"])
    again = to_mend(desk, second.job, tmp_path / "..")
    assert again.name == file.name
    rows, rows_before = (
        [line.split(",")[:4] for line in each.read_text("utf-8").splitlines()] for each in (again, file)
    )
    assert rows == rows_before
