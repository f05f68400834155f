"""Kill -9 while a job runs: nothing lost, nothing twice, counted at the far end in the table and in the file."""

import csv
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generate import generate
from tests.engines.house import descendants
from tests.running import Program, RunningDesk
from webapp.settings import Settings
from webapp.store.database import connect

ROWS = 200_000
MOMENTS = (0.05, 0.2, 0.4, 0.6, 0.8)
JOB_TYPES = Path(__file__).resolve().parents[1] / "job_types_for_tests"
TABLE = "orders"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="1").start()
    yield desk
    desk.kill_quietly()


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("orders") / "orders.csv"
    generate(ROWS, file, seed=1)
    return file


def emails(file: Path) -> dict[int, str]:
    """The e-mail address of each row, which no other row has; read by nothing of ours."""
    with file.open(newline="", encoding="utf-8") as lines:
        return {number: row["email"] for number, row in enumerate(csv.DictReader(lines), 1)}


def in_table(desk: RunningDesk, column: str) -> Counter[Any]:
    """How often each value stands in the table."""
    engine = connect(Settings(data=desk.data).data_database)
    with engine.connect() as connection:
        found = Counter(connection.exec_driver_sql(f'SELECT "{column}" FROM "{TABLE}"').scalars())
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    engine.dispose()
    return found


def assert_each_row_is_once_in_table_or_problems(
    desk: RunningDesk, program: Program, job: dict[str, Any], file: Path
) -> None:
    wrong = {problem["row"] for problem in program.problems(job["id"])}
    assert job["rows"]["received"] == ROWS
    assert job["rows"]["done"] + len(wrong) == ROWS
    expected = {email for number, email in emails(file).items() if number not in wrong}
    assert in_table(desk, "email") == Counter(expected)


def test_a_load_that_is_killed_at_five_moments_loses_no_row_and_doubles_none(
    running: RunningDesk, program: Program, orders: Path
) -> None:
    job_id = program.submit("load_table", orders, table=TABLE)
    for moment in MOMENTS:
        before = program.wait_for_rows(job_id, int(ROWS * moment))
        assert before["state"] == "running", "it must be in the middle"
        running.kill()
        running.start()
    job = program.wait(job_id)
    assert job["attempt"] == len(MOMENTS) + 1
    assert_each_row_is_once_in_table_or_problems(running, program, job, orders)


def test_a_row_job_that_is_killed_at_five_moments_loses_no_row_and_doubles_none(
    running: RunningDesk, program: Program, tmp_path: Path
) -> None:
    good = {row for row in range(1, ROWS + 1) if row % 1_000 != 7}
    file = tmp_path / "items.csv"
    file.write_text("id,do\n" + "".join(f"{row},{'' if row in good else 'reject'}\n" for row in range(1, ROWS + 1)))
    job_id = program.submit("keep_rows", file, table=TABLE)
    for moment in MOMENTS:
        before = program.wait_for_rows(job_id, int(ROWS * moment))
        assert before["state"] == "running", "it must be in the middle"
        running.kill()
        running.start()
    job = program.wait(job_id)
    assert (job["rows"]["done"], job["rows"]["rejected"]) == (len(good), ROWS - len(good))
    assert in_table(running, "id") == Counter(good)


@pytest.mark.parametrize("way", ["server only", "children only", "politely"])
def test_a_job_goes_on_whoever_is_taken_from_it(way: str, running: RunningDesk, program: Program, orders: Path) -> None:
    job_id = program.submit("load_table", orders, table=TABLE)
    assert program.wait_for_rows(job_id, ROWS // 5)["state"] == "running"
    match way:
        case "server only":
            running.kill_server_only()
            running.start()
        case "children only":
            for pid in descendants(running.pid):
                kill(pid)
        case _:
            assert running.stop() == 0
            running.start()
    job = program.wait(job_id)
    assert job["attempt"] == 2
    assert_each_row_is_once_in_table_or_problems(running, program, job, orders)


def kill(pid: int) -> None:
    """Kill -9, unless it went with another already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
