"""`python -m tests.chaos.power.histories FOLDER SAID FIRST COUNT`: histories as the simulation's, on a recorded disk.

What they say: which jobs a history has once they are committed, and each row that a far end has received.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.chaos.power.cuts import QUIET
from tests.chaos.power.first_day import make_desk
from tests.chaos.sim_desk import SimDesk
from tests.chaos.simulation import History
from tests.chaos.sinks import JOB_TYPES


class SayingDesk(SimDesk):
    """A desk that says what its far ends receive, and is quiet when it is wiped."""

    def __init__(self, folder: Path, said: str) -> None:
        self._saying = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(self._saying, QUIET)
        super().__init__(folder, JOB_TYPES)

    def say(self, **what: Any) -> None:
        """Have it stand in the record."""
        os.write(self._saying, json.dumps(what).encode() + b"\n")

    def wipe(self) -> None:
        os.write(self._saying, QUIET)
        super().wipe()

    def arrive(self, tag: str, row: int, key: str) -> None:
        self.say(arrived=(tag, row, key))
        super().arrive(tag, row, key)


class SayingHistory(History):
    """A history that says which jobs it has."""

    def __init__(self, desk: SayingDesk, seed: int) -> None:
        super().__init__(desk, seed)
        self._say = desk.say
        # as leases are: few claims are renewed, and with that synced, before they have written something
        self._deeds |= {self._let_time_pass: 1, self._freeze_one_past_its_lease: 1}

    def _hand_in(self) -> None:
        super()._hand_in()
        self._say(jobs=[(str(job.job_id), job.job_type, job.tag, job.deeds) for job in self._jobs])


def main() -> None:
    """Go through histories."""
    folder, said, first, count = sys.argv[1:]
    make_desk(Path(folder))
    desk = SayingDesk(Path(folder), said)
    for seed in range(int(first), int(first) + int(count)):
        found = SayingHistory(desk, seed).findings()
        assert not found, found
    desk.close()


if __name__ == "__main__":
    main()
