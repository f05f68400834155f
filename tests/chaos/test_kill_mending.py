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
from sqlmodel import func, select

from tests.chaos.sinks import JOB_TYPES as SINK_JOB_TYPES
from tests.chaos.sinks import World
from tests.chaos.sinks import in_table as tags_in_table
from tests.running import ENDED, Program, RunningDesk
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.tables import Activity, LedgerEntry, MendedRow, Mending

ROWS = 1_200
WRONG = range(1, ROWS + 1, 2)
JOB_TYPES = Path(__file__).resolve().parents[1] / "job_types_for_tests"
TABLE = "mended"
FEW = 40
FEW_WRONG = {row: "fail" if row % 8 else "reject" for row in range(4, FEW + 1, 4)}
MENDING = ("before the mending", "in the mending", "after the mending")


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


def mended_file(program: Program, job_id: str, column: int = 1) -> bytes:
    """The file of failed rows, with nothing wrong in this column any more."""
    answer = program.request("GET", f"/api/v1/jobs/{job_id}/failed-rows.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([rows[0], *([*row[:column], "", *row[column + 1 :]] for row in rows[1:])])
    return text.getvalue().encode()


def send_back(program: Program, job_id: str, content: bytes) -> httpx.Response:
    """Drop the file on its job."""
    return program.request("POST", f"/api/v1/jobs/{job_id}/mended", files={"file": ("mended.csv", content)})


def adds_up(job: dict[str, Any], count: int = ROWS) -> bool:
    """Whether the sum does, and nothing received got lost."""
    rows = dict(job["rows"])
    received = rows.pop("received")
    return bool(received == count == sum(rows.values()))


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


def taken_back(settings: Settings) -> tuple[int, int, int]:
    """How often rows were taken back, how many, and how often that was written down."""
    database = Database(settings.database)
    with database.read() as session:
        counts = [session.exec(select(func.count()).select_from(each)).one() for each in (Mending, MendedRow)]
        acts = session.exec(select(func.count()).select_from(Activity).where(Activity.action == "mend")).one()
        waiting = session.exec(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.again)).one()
    database.close()
    assert waiting <= counts[1], "no row waits that was not taken back"
    return counts[0], counts[1], acts


@pytest.mark.both_databases
@pytest.mark.parametrize("place", MENDING)
def test_all_rows_are_taken_back_or_none_whoever_dies_over_it(
    place: str, tmp_path: Path, database_settings: dict[str, str]
) -> None:
    file, plans = tmp_path / "items.csv", tmp_path / "plans"
    plans.mkdir()
    file.write_text("id,tag,do\n" + "".join(f"{row},tag,{FEW_WRONG.get(row, '')}\n" for row in range(1, FEW + 1)))
    desk = RunningDesk(tmp_path / "data", job_types=str(SINK_JOB_TYPES), lease_seconds="1", **database_settings)
    settings = Settings.model_validate({"data": desk.data, **database_settings})
    desk.environment = {"CHAOS_PLANS": str(plans)}
    try:
        program = desk.start().program()
        job_id = program.submit("chaos_data", file)
        program.wait(job_id)
        content = mended_file(program, job_id, column=2)
        (plans / "plan").write_text(f"1|{place}|1|SIGKILL")
        with pytest.raises(httpx.TransportError):
            send_back(program, job_id, content)
        assert not (plans / "plan").exists(), "nobody has got there"
        desk.kill_quietly()
        all_of_it = (1, len(FEW_WRONG), 1)
        assert taken_back(settings) == (all_of_it if place == "after the mending" else (0, 0, 0))
        desk.start()
        assert adds_up(program.job(job_id), FEW)
        second = plans / "plan"
        second.write_text("2|in the mending|2|SIGKILL")
        for _ in range(2):
            assert send_back(program, job_id, content).status_code == 202, "sent once more, it is the same"
            job = program.wait(job_id)
            assert (job["state"], job["rows"]["done"]) == ("completed", FEW)
        assert second.exists(), "it is one commit: there is no second one to die in"
        assert taken_back(settings) == all_of_it
        found = tags_in_table("chaos_data")(World(settings, tmp_path))
        assert found == {"tag": Counter(range(1, FEW + 1))}
    finally:
        desk.kill_quietly()
