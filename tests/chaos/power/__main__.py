"""`python -m tests.chaos.power FIRST COUNT`: the power fails ten times in each of so many histories."""

import sys
import tempfile
from pathlib import Path

from tests.chaos.power.aftermath import bad_cuts

AT_ONCE, FAILURES = 12, 10


def main() -> int:
    """Say what was wrong; 1 if anything was."""
    first, count = (int(each) for each in sys.argv[1:])
    kept = Path(tempfile.mkdtemp(prefix="power-"))
    bad = 0
    for seed in range(first, first + count, AT_ONCE):
        histories = min(AT_ONCE, first + count - seed)
        for cut, findings in bad_cuts(seed, histories, histories * FAILURES, kept).items():
            sys.stdout.write(f"histories from {seed}, {cut}: {findings[0].wrong}: {findings[0].text}\n")
            bad += 1
    sys.stdout.write(f"{count * FAILURES} power failures, {bad} of them bad\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
