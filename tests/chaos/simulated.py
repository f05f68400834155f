"""`python -m tests.chaos.simulated FIRST COUNT`: so many histories, and the seeds of the bad ones."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.chaos.audit import Finding
from tests.chaos.sim_desk import SimDesk
from tests.chaos.simulation import History
from tests.chaos.sinks import JOB_TYPES

MEMORY = Path("/dev/shm")
SAID_EVERY = 1000


def simulate(seeds: Iterable[int]) -> dict[int, list[Finding]]:
    """What is wrong under which seed; the files are kept in memory, if the system has a place for that."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
    desk = SimDesk(folder, JOB_TYPES)
    try:
        return {seed: found for seed in _said(seeds) if (found := History(desk, seed).findings())}
    finally:
        desk.close()
        shutil.rmtree(folder)


def _said(seeds: Iterable[int]) -> Iterator[int]:
    """Say now and then how far it is: many take half an hour of a processor's time."""
    for done, seed in enumerate(seeds):
        if done and done % SAID_EVERY == 0:
            sys.stderr.write(f"{done:,} histories\n")
        yield seed


def main() -> int:
    """Say which seeds are bad; 1 if any is."""
    first, count = (int(each) for each in sys.argv[1:])
    bad = simulate(range(first, first + count))
    for seed, findings in bad.items():
        sys.stdout.write(f"seed {seed}: {findings[0].wrong}: {findings[0].text}\n")
    sys.stdout.write(f"{count} histories, {len(bad)} of them bad\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
