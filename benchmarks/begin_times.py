"""What `submit_to_start.py` measures.

A line for the embedded engine, and one for Procrastinate on a PostgreSQL made for this, where the job is handed in by
one engine and run by another, as on two machines. Each time is from before the call that hands the job in, which
commits it durably, to the function's first statement, by the machine's one clock.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.engines.house import House
from tests.jobs.bench import MakeEngine
from tests.postgres import PostgresServer
from webapp.engines.embedded import EmbeddedEngine
from webapp.engines.procrastinate import ProcrastinateEngine

JOB_TYPE = '''
import time
from pathlib import Path
from webapp.authoring import job


@job()
def begin(*, mark: str = "") -> None:
    """Say when it began."""
    if mark:
        Path(mark).write_text(str(time.time()))
'''


def wait(house: House, mark: Path) -> float:
    """When the function began, once the desk is idle again."""
    while not mark.exists() or not mark.read_text():
        time.sleep(0.005)
    while house.engine.health().busy:
        time.sleep(0.005)
    time.sleep(0.2)  # the process for the next job gets ready
    return float(mark.read_text())


def measure(desk: House, worker: House, jobs: int, burst: int, folder: Path) -> str:
    """Jobs one by one, then many at once."""
    times = []
    for number in range(jobs + 3):
        mark = folder / f"mark {number}"
        asked = time.time()
        desk.submit("begin", mark=str(mark))
        times.append(1000 * (wait(worker, mark) - asked))
    times = sorted(times[3:])  # the first ones warm up
    began = time.perf_counter()
    last = [desk.submit("begin") for _ in range(burst)]
    for job_id in last:
        desk.wait(job_id, seconds=600)
    rate = burst / (time.perf_counter() - began)
    slow = times[min(len(times) - 1, int(len(times) * 0.99))]
    return f"p50 {statistics.median(times):.0f} ms, p99 {slow:.0f} ms; {rate:.0f} no-op jobs/s"


@contextmanager
def house(folder: Path, make: MakeEngine, **settings: Any) -> Iterator[House]:  # noqa: ANN401 (as `Settings` has them)
    """A desk with the one job type."""
    types = folder / "types"
    types.mkdir(exist_ok=True)
    (types / "begin.py").write_text(JOB_TYPE)
    house = House(folder / "data", make, job_types=types, **settings)
    yield house
    house.stop()
    house.close()


def embedded(jobs: int, burst: int) -> str:
    """One process, SQLite."""
    with tempfile.TemporaryDirectory() as name, house(Path(name), EmbeddedEngine) as desk:
        desk.start()
        return measure(desk, desk, jobs, burst, Path(name))


def procrastinate(jobs: int, burst: int) -> str:
    """One that hands in and one that runs."""
    server = PostgresServer(fsync="on", full_page_writes="on")
    try:
        url = server.url(server.create_database())
        with (
            tempfile.TemporaryDirectory() as name,
            house(Path(name), ProcrastinateEngine, database_url=url) as worker,
            house(Path(name), ProcrastinateEngine, database_url=url, workers=0) as desk,
        ):
            worker.start()
            return measure(desk, worker, jobs, burst, Path(name))
    finally:
        server.close()
