"""`python -m tests.chaos.power.first_day FOLDER SAID`: a desk is made in an empty folder, and jobs come to their end.

It says what people are told: that the desk is ready, that a job was accepted, that it has ended.
"""

import os
import sys
from pathlib import Path

from tests.chaos.sim_desk import file_text
from tests.chaos.sinks import JOB_TYPES
from tests.jobs.bench import Bench
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.migrate import migrate

ROWS = 12
TYPES = ("chaos_data", "clean_csv", "chaos_table", "clean_csv")


def make_desk(folder: Path) -> None:
    """Make its database as a desk does; what tests copy instead was never synced."""
    database = Database(Settings(data=folder).database)
    migrate(database)
    database.close()


def main() -> None:
    """Make it, and hand in a job after the other."""
    folder, said = sys.argv[1:]
    saying = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    make_desk(Path(folder))
    bench = Bench(Path(folder), JOB_TYPES)
    os.write(saying, b"ready\n")
    for number, job_type in enumerate(TYPES):
        job_id = bench.submit(job_type, file_text(f"tag-{number}", ("",) * ROWS))
        os.write(saying, f"accepted {number} {job_id}\n".encode())
        job = bench.run_waiting(job_id)
        os.write(saying, f"{job.state} {number} {job_id}\n".encode())
    bench.close()


if __name__ == "__main__":
    main()
