"""`make chaos`: a storm for as long as asked, and one line that says what came of it."""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.chaos.fleet import FLEETS
from tests.chaos.storm import Storm

MOST_HISTORIES = 10_000
HISTORIES_A_SECOND = 6  # fewer than a processor of its own goes through


def main() -> int:
    """Run by what the command line says; CHAOS_SEED repeats the choices of an earlier run."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=sorted(FLEETS), default="sqlite")
    asked = parser.parse_args()
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
    sys.stdout.write(f"CHAOS_SEED={seed} repeats these choices\n")
    sys.stdout.flush()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    histories = _simulate(seed, min(MOST_HISTORIES, int(asked.seconds * HISTORIES_A_SECOND)))
    report = Storm(folder, seed, asked.database).run(asked.seconds)
    said, _ = histories.communicate()
    sys.stdout.write("\n".join([said.strip(), *report.lines()]) + "\n")
    if report.verdict.findings or histories.returncode:
        sys.stderr.write(f"CHAOS_SEED={seed}; everything is kept in {folder}\n")
        return 1
    shutil.rmtree(folder)
    return 0


def _simulate(first: int, count: int) -> subprocess.Popen[str]:
    """Go through histories beside the storm, with what it leaves of the processors."""
    command = ["nice", "-n", "10", sys.executable, "-m", "tests.chaos.simulated", str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    sys.exit(main())
