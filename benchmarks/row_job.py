"""R1: a row job over a file, against a plain loop over csv.DictReader; CPU seconds, one process.

    python benchmarks/row_job.py FILE.csv [PAIRS]

The job parses, validates each row into a model, calls a function that does nothing, keeps the ledger and commits a
checkpoint five times a second; the rival loop does none of this. One line: our seconds, the loop's, the ratio.
"""

import csv
import hashlib
import statistics
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, Field

from webapp.authoring import Registry, job
from webapp.engines.child import open_workshop
from webapp.intake import preview
from webapp.jobs.claims import Task
from webapp.jobs.queue import claim_next
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.work import Workshop
from webapp.kit import new_id
from webapp.settings import Settings
from webapp.store.migrate import migrate
from webapp.store.tables import Job, Role, State, Upload, User


class Order(BaseModel):
    """A row of the generator's file."""

    id: int
    email: str = Field(pattern="@")
    name: str
    amount: Decimal
    date: date
    country: str
    qty: int = Field(ge=1, le=10_000)
    note: str = ""


@job(name="nothing")
def nothing(row: Order) -> None:
    """Do nothing with each row."""


def loop(file: Path) -> float:
    """The rival: CPU seconds of a plain loop."""
    began = time.process_time()
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            nothing(row)  # type: ignore[arg-type]  # the rival hands over what it has
    return time.process_time() - began


def ours(file: Path) -> float:
    """CPU seconds of the whole job, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        shop = open_shop(Settings(data=Path(folder)))
        submit(shop, file)
        began = time.process_time()
        claim = claim_next(shop.database, new_id(), Task.run, 60)
        assert claim is not None
        run_claim(open_work(shop, claim))
        took = time.process_time() - began
        with shop.database.read() as session:
            ended = session.get_one(Job, claim.job_id)
            assert ended.state in {State.completed, State.completed_with_errors}, ended.problem
            assert ended.accounted == ended.received > 0
        shop.database.close()
        return took


def open_shop(settings: Settings) -> Workshop:
    shop = open_workshop(settings)
    migrate(shop.database)
    return Workshop(
        settings, shop.database, shop.files, Registry({"nothing": nothing.job_type}), shop.data, shop.secrets
    )


def submit(shop: Workshop, file: Path) -> None:
    user = User(name="bench", role=Role.operator)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    upload = Upload(owner_id=user.id, name=file.name, size=file.stat().st_size, sha256=sha256)
    shop.files.upload(upload.id).symlink_to(file.resolve())
    job_row = Job(
        number=1,
        owner_id=user.id,
        job_type="nothing",
        state=State.queued,
        upload_id=upload.id,
        file_name=file.name,
        reading=preview(file).reading.to_json(),
    )
    with shop.database.write() as session:
        session.add(user)
        session.flush()
        session.add(upload)
        session.flush()
        session.add(job_row)


def main() -> None:
    """Measure in turn, and print the median ratio."""
    file, pairs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    times = [(ours(file), loop(file)) for _ in range(pairs)]
    ratio = statistics.median(a / b for a, b in times)
    print(f"R1 {min(a for a, _ in times):.2f} s, the loop {min(b for _, b in times):.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
