"""Kill -9 while mended rows run, and while two people send them back: none lost, none twice, counted in the table."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import ENDED, Program, RunningDesk
from webapp.settings import Settings
from webapp.store.database import connect

ROWS = 1_200
WRONG = range(1, ROWS + 1, 2)
JOB_TYPES = Path(__file__).resolve().parents[1] / "job_types_for_tests"
TABLE = "mended"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path / "data", job_types=str(JOB_TYPES), lease_seconds="1").start()
    yield desk
    desk.kill_quietly()


def in_table(desk: RunningDesk) -> Counter[Any]:
    """How often each row stands in the table."""
    engine = connect(Settings(data=desk.data).data_database)
    with engine.connect() as connection:
        found = Counter(connection.exec_driver_sql(f"SELECT id FROM {TABLE}").scalars())
    engine.dispose()
    return found


def mended_file(program: Program, job_id: str) -> bytes:
    """The file of failed rows, with nothing wrong any more."""
    answer = program.request("GET", f"/api/v1/jobs/{job_id}/failed-rows.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([rows[0], *([row[0], "", *row[2:]] for row in rows[1:])])
    return text.getvalue().encode()


def send_back(program: Program, job_id: str, content: bytes) -> httpx.Response:
    """Drop the file on its job."""
    return program.request("POST", f"/api/v1/jobs/{job_id}/mended", files={"file": ("mended.csv", content)})


def adds_up(job: dict[str, Any]) -> bool:
    """Whether the sum does, and nothing received got lost."""
    rows = dict(job["rows"])
    received = rows.pop("received")
    return bool(received == ROWS == sum(rows.values()))


def test_mended_rows_survive_kills_and_two_senders(running: RunningDesk, program: Program, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("id,do\n" + "".join(f"{row},{'reject' if row in WRONG else ''}\n" for row in range(1, ROWS + 1)))
    job_id = program.submit("keep_rows", file, table=TABLE, pause=0.003)
    before = program.wait(job_id)
    assert before["rows"]["rejected"] == len(WRONG)
    content = mended_file(program, job_id)
    with ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda _: send_back(program, job_id, content), range(4)))
    assert {answer.status_code for answer in answers} == {202}
    for share in (0.1, 0.4, 0.7):
        middle = program.wait_for_rows(job_id, int(len(WRONG) * (1 + share)))
        assert adds_up(middle)
        assert middle["state"] not in ENDED, "it must be in the middle"
        running.kill()
        running.start()
        assert adds_up(program.job(job_id))
        assert send_back(program, job_id, content).status_code == 202, "sent once more, it is the same"
    job = program.wait(job_id)
    assert (job["state"], job["rows"]["done"]) == ("completed", ROWS)
    assert in_table(running) == Counter(range(1, ROWS + 1))
