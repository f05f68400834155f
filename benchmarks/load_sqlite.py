"""L2: loading rows into SQLite, checked and accounted for, against `sqlite3 .import`, which checks nothing.

Usage: python -m benchmarks.load_sqlite [ROWS]
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.generate import generate
from webapp.engines.child import open_workshop
from webapp.engines.embedded import EmbeddedEngine
from webapp.jobs.claims import Task
from webapp.jobs.queue import claim_next
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.submission import Submission
from webapp.jobs.submit import Submissions
from webapp.jobs.work import Workshop
from webapp.kit import new_id
from webapp.settings import Settings
from webapp.store.migrate import migrate
from webapp.store.tables import Job, Role, Upload, User

ROWS = 300_000
PAIRS = 5
SEED = 1


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "rows.csv"
        generate(rows, file, SEED)
        pairs = [(desk_in_process(file), sqlite_import(file)) for _ in range(PAIRS)]
    ours, rival = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(own / other for own, other in pairs)
    print(f"L2 load {rows:,} rows into SQLite: {ours:.2f} s CPU, sqlite3 .import {rival:.2f} s, ratio {ratio:.2f}")


def desk_in_process(file: Path) -> float:
    """CPU seconds of the job, in a fresh process so that none warms the next."""
    command = [sys.executable, "-m", "benchmarks.load_sqlite", "--once", str(file)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def sqlite_import(file: Path) -> float:
    """CPU seconds of the sqlite3 shell."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["sqlite3", f"{folder}/data.sqlite3", "PRAGMA journal_mode=WAL", ".mode csv", f".import {file} rows"]
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def load_once(file: Path) -> None:
    """Run one job through the real runner and print the CPU seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        shop = open_workshop(settings)
        migrate(shop.database)
        submit(shop, file)
        claim = claim_next(shop.database, new_id(), Task.run, settings.lease_seconds)
        if claim is None:
            raise LookupError("the job does not wait")
        work = open_work(shop, claim)
        began = time.process_time()
        run_claim(work)
        print(time.process_time() - began)
        with shop.database.read() as session:
            job = session.get_one(Job, work.job_id)
        if job.accounted != job.received or not job.done:
            raise LookupError(f"the job ended as {job.state}: {job.problem}")


def submit(shop: Workshop, file: Path) -> None:
    """Hand the file in for *Load rows into a table*."""
    user = User(name="bench", role=Role.operator)
    upload = Upload(owner_id=user.id, name=file.name, size=file.stat().st_size)
    with shop.files.write_upload(upload.id) as target, file.open("rb") as source:
        while piece := source.read(1 << 20):
            target.write(piece)
    upload.sha256 = target.sha256
    with shop.database.write() as session:
        session.add(user)
        session.flush()
        session.add(upload)
    engine = EmbeddedEngine(shop.database, shop.settings)
    submissions = Submissions(shop.database, shop.files, shop.registry, engine, shop.secrets)
    submissions.submit(Submission(user, "load_table", upload.id), {"table": "rows"})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        load_once(Path(sys.argv[2]))
    else:
        main()
