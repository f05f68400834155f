"""Kill -9 while a job loads rows: nothing lost, nothing twice, counted at the far end in the table itself."""

from pathlib import Path

import pytest
from benchmarks.generate import generate

from tests.running import Program, RunningDesk
from webapp.settings import Settings
from webapp.store.database import connect

ROWS = 200_000


def rows_in_table(desk: RunningDesk, table: str) -> tuple[int, int]:
    """How many rows the table holds, and how many different ids."""
    engine = connect(Settings(data=desk.data).data_database)
    with engine.connect() as connection:
        count, different = connection.exec_driver_sql(f'SELECT count(*), count(DISTINCT id) FROM "{table}"').one()
    engine.dispose()
    return count, different


@pytest.mark.parametrize("way", ["everything", "server only", "politely"])
def test_a_job_goes_on_after_its_server_was_killed(
    way: str, running: RunningDesk, program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    generate(ROWS, file, seed=1)
    job_id = program.submit("load_table", file, table="orders")
    before = program.wait_for_rows(job_id, ROWS // 5)
    assert before["state"] == "running", "it must be in the middle"
    match way:
        case "everything":
            running.kill()
        case "server only":
            running.kill_server_only()
        case _:
            assert running.stop() == 0
    running.start()
    after = program.wait(job_id, seconds=120)
    assert after["rows"]["received"] == ROWS
    assert after["attempt"] == 2
    count, different = rows_in_table(running, "orders")
    assert count == different == after["rows"]["done"]
    assert count + after["rows"]["rejected"] == ROWS
