"""A storm: a desk at work, killed again and again, and audited when all is calm."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.audit import Verdict
from tests.chaos.auditor import Auditor
from tests.chaos.killer import Killer
from tests.chaos.orders import Operators, Order
from tests.chaos.receivers import Receivers
from tests.chaos.sinks import SINKS, Sink, World
from tests.running import ENDED, RunningDesk
from webapp.jobs.deeds import Action
from webapp.settings import Settings
from webapp.store.tables import State

JOB_TYPES = Path(__file__).resolve().parent / "job_types"
LEASE_SECONDS = 2
WORK_SECONDS = 120.0
"""What the jobs under way may need after the last kill, beside two leases."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a storm came to."""

    kills: int
    done: Counter[str]
    verdict: Verdict

    def lines(self) -> list[str]:
        """For people; the last line has the figures."""
        jobs = ", ".join(f"{count} {state}" for state, count in sorted(self.verdict.jobs.items()))
        deeds = ", ".join(f"{count} × {deed}" for deed, count in sorted(self.done.items()))
        said = [f"{finding.wrong}: {finding.text}" for finding in self.verdict.findings[:20]]
        return [*said, f"jobs: {jobs}; {self.verdict.rows:,} rows", f"killed: {deeds}", self.verdict.line(self.kills)]


class Storm:
    """One desk on SQLite, its operators and its killer, all by one seed."""

    def __init__(self, folder: Path, seed: int, sinks: Sequence[Sink] = SINKS) -> None:
        self.desk = RunningDesk(
            folder / "data", job_types=str(JOB_TYPES), lease_seconds=str(LEASE_SECONDS), workers="3"
        )
        self.world = World(Settings(data=self.desk.data, job_types=JOB_TYPES), folder / "receivers")
        self._folder = folder
        self._seed = seed
        self._sinks = sinks
        self._auditor = Auditor(self.world, sinks)

    def run(self, seconds: float) -> Report:
        """Let it rage for so long, and look at what is left."""
        receivers = Receivers(self.world.receivers)
        self.desk.start()
        try:
            self.world.prepare()
            operators = Operators([self.desk.program()], self._sinks, self._folder, random.Random(f"{self._seed} jobs"))
            self._undisturbed(operators)
            killer = Killer([self.desk], random.Random(self._seed), LEASE_SECONDS)
            operators.start()
            try:
                killer.run(seconds)
            finally:
                operators.stop()
            if operators.trouble:
                raise operators.trouble
            self._wait_for(operators.orders, operators)
        finally:
            self.desk.kill_quietly()
            receivers.stop()
        return Report(killer.kills, killer.done, self._auditor.audit(operators.orders))

    def _undisturbed(self, operators: Operators) -> None:
        """See once, while nobody is killed, what comes of the jobs whose results are compared."""
        for sink in self._sinks:
            if sink.counted is None:
                order = operators.order(sink)
                self._wait_for([order], operators)
                self._auditor.expect(order)

    def _wait_for(self, waiting: Sequence[Order], operators: Operators) -> None:
        """Until all have ended, or have had the time for it; what is paused goes on."""
        deadline = time.monotonic() + 2 * LEASE_SECONDS + WORK_SECONDS
        while waiting and time.monotonic() < deadline:
            states = [(order, operators.state(order)) for order in waiting]
            waiting = [order for order, state in states if state not in ENDED]
            for order, state in states:
                if state == State.paused:
                    operators.act(order, Action.resume)
            time.sleep(0.1)
