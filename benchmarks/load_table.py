"""*Load rows into a table* in rows a second, on SQLite and PostgreSQL: `python -m benchmarks.load_table [ROWS]`.

Each mode runs through the real runner and its ledger, with all rows good and with one in a hundred refused by the key
of the table.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.postgres import PostgresServer
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

ROWS = 100_000
REFUSED = 100  # one row in so many
RUNS: dict[str, dict[str, Any]] = {
    "add": {},
    "add by key": {"key": ["id"]},
    "add or change by key": {"mode": "upsert", "key": ["id"]},
}


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    server = PostgresServer()
    try:
        with TemporaryDirectory() as name:
            files = {"all good": Path(name) / "good.csv", "1 in 100 refused": Path(name) / "bad.csv"}
            for what, path in files.items():
                write(path, rows, REFUSED if "refused" in what else 0)
            for url in (None, server.url(server.create_database())):
                where = "PostgreSQL" if url else "SQLite"
                shop, user = open_desk(Path(name) / where, url)
                for number, (mode, params) in enumerate(RUNS.items()):
                    for what, path in files.items():
                        if "refused" in what and mode != "add by key":
                            continue
                        table = f"t{number}_{what[:1].replace('1', 'r')}"
                        speed = run(shop, user, path, {"table": table, **params})
                        print(f"{where}, {mode}, {what}: {speed:,.0f} rows a second", flush=True)
    finally:
        server.close()


def write(path: Path, rows: int, refused: int) -> None:
    """A file of people; one in `refused` has the id of the first."""
    with path.open("w") as file:
        file.write("id,name,email,born,amount,active\n")
        for row in range(1, rows + 1):
            number = 1 if refused and row % refused == 0 else row
            born = f"{1950 + row % 50}-{row % 12 + 1:02}-{row % 28 + 1:02}"
            file.write(f"{number},Name {row},p{row}@example.com,{born},{row % 1000}.{row % 90 + 10},yes\n")


def open_desk(folder: Path, url: str | None) -> tuple[Workshop, User]:
    folder.mkdir()
    shop = open_workshop(Settings(data=folder, database_url=url))
    migrate(shop.database)
    user = User(name="bench", role=Role.operator)
    with shop.database.write() as session:
        session.add(user)
    return shop, user


def run(shop: Workshop, user: User, path: Path, params: dict[str, Any]) -> float:
    """Rows a second of one job, from the claim to its end."""
    upload = Upload(owner_id=user.id, name=path.name, size=path.stat().st_size)
    with shop.files.write_upload(upload.id) as target:
        target.write(path.read_bytes())
    upload.sha256 = target.sha256
    with shop.database.write() as session:
        session.add(upload)
    engine = EmbeddedEngine(shop.database, shop.settings)
    submissions = Submissions(shop.database, shop.files, shop.registry, engine, shop.secrets)
    job_id = submissions.submit(Submission(user, "load_table", upload.id), params).id
    claim = claim_next(shop.database, new_id(), Task.run, 60)
    if claim is None:
        raise LookupError("the job does not wait")
    began = time.perf_counter()
    run_claim(open_work(shop, claim))
    took = time.perf_counter() - began
    with shop.database.read() as session:
        job = session.get_one(Job, job_id)
    if job.accounted != job.received or not job.done:
        raise LookupError(f"the job ended as {job.state}: {job.problem}")
    return job.received / took


if __name__ == "__main__":
    main()
