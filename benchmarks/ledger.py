"""R3: what the ledger and its checkpoints cost: a row job against the same without them; CPU seconds, one process.

    python benchmarks/ledger.py FILE.csv [PAIRS]

One line: seconds with the ledger, without it, the ratio.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from benchmarks.row_job import open_shop, submit
from webapp.jobs.claims import Task
from webapp.jobs.context import JobContext
from webapp.jobs.failures import Failures
from webapp.jobs.ledger import Ledger
from webapp.jobs.queue import claim_next
from webapp.jobs.rows import run_rows
from webapp.jobs.run import open_work
from webapp.kit import new_id
from webapp.settings import Settings


def with_ledger(file: Path) -> float:
    """CPU seconds for all rows, each accounted for in the database five times a second."""
    with tempfile.TemporaryDirectory() as folder:
        shop = open_shop(Settings(data=Path(folder)))
        submit(shop, file)
        claim = claim_next(shop.database, new_id(), Task.run, 600)
        assert claim is not None
        work = open_work(shop, claim)
        began = time.process_time()
        run_rows(work, JobContext(work), work.job_type.validate({}), Failures())
        took = time.process_time() - began
        shop.database.close()
        return took


def without_ledger(file: Path) -> float:
    """The same with nothing written down."""
    with patch.object(Ledger, "commit", lambda *_, **__: None):
        return with_ledger(file)


def main() -> None:
    file, pairs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    measured = [(with_ledger(file), without_ledger(file)) for _ in range(pairs)]
    ratio = statistics.median(kept / bare for kept, bare in measured)
    kept, bare = (statistics.median(each) for each in zip(*measured, strict=True))
    print(f"R3 ledger: {kept:.2f} s with, {bare:.2f} s without, ratio {ratio:.3f}")


if __name__ == "__main__":
    main()
