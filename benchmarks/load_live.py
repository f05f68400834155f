"""A million rows into a table, through the API, while pages are asked for: do they stay quick, does memory stay flat?

    python benchmarks/load_live.py FILE.csv

One line: rows a second, pages' median and 95th percentile in ms, and the largest memory of any process in MiB.
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from tests.running import ENDED, PASSWORD, Program, RunningDesk
from webapp.store.tables import Role


def memory_mib(server: int) -> float:
    """The largest memory (RSS) of the server and of each process below it."""
    largest = 0.0
    for process in _family(server):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            continue
        line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
        largest = max(largest, int(line.split()[1]) / 1024)
    return largest


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task").glob("*/children")
    below = [int(child) for each in children for child in each.read_text().split()]
    return [process, *(member for child in below for member in _family(child))]


def watch_pages(desk: RunningDesk, paths: list[str], stop: threading.Event, times: list[float]) -> None:
    """Ask for pages as an operator's browser would, ten times a second."""
    with httpx.Client(base_url=desk.url, headers={"Origin": desk.url}) as client:
        client.post("/sign-in", data={"name": "Ann", "password": PASSWORD})
        while not stop.is_set():
            for path in paths:
                began = time.perf_counter()
                assert client.get(path).status_code == 200
                times.append(1000 * (time.perf_counter() - began))
                time.sleep(0.1)


def main() -> None:
    """Load the file and print the line."""
    file = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder)).start()
        desk.add_user("Ann", Role.admin)
        program = desk.program()
        try:
            print(measure(desk, program, file))
        finally:
            desk.stop()


def measure(desk: RunningDesk, program: Program, file: Path) -> str:
    """Run the load, and say how it went."""
    job_id = program.submit("load_table", file, table="rows")
    times: list[float] = []
    began, stop, peak = time.perf_counter(), threading.Event(), 0.0
    pages = ["/", "/jobs", f"/jobs/{job_id}", f"/jobs/{job_id}/problems"]
    watcher = threading.Thread(target=watch_pages, args=(desk, pages, stop, times))
    watcher.start()
    while (job := program.job(job_id))["state"] not in ENDED:
        peak = max(peak, memory_mib(desk.pid))
        time.sleep(0.25)
    took = time.perf_counter() - began
    stop.set()
    watcher.join()
    rows = job["rows"]
    slow = sorted(times)[int(len(times) * 0.95)]
    return (
        f"{rows['done']:,} done, {rows['rejected']:,} rejected, {rows['received'] / took:,.0f} rows a second; "
        f"{len(times)} pages: median {statistics.median(times):.0f} ms, p95 {slow:.0f} ms; "
        f"memory at most {peak:.0f} MiB a process"
    )


if __name__ == "__main__":
    main()
