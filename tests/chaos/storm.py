"""A storm: a desk at work, killed again and again, and audited when all is calm."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.audit import Finding, Verdict, Wrong
from tests.chaos.auditor import Auditor
from tests.chaos.fleet import FLEETS, LEASE_SECONDS
from tests.chaos.killer import Killer
from tests.chaos.orders import Operators, Order
from tests.chaos.sinks import SINKS, Sink
from tests.running import ENDED
from webapp.jobs.deeds import Action
from webapp.store.tables import State

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
    """A fleet, its operators and its killer, all by one seed."""

    def __init__(self, folder: Path, seed: int, database: str = "sqlite", sinks: Sequence[Sink] = SINKS) -> None:
        self.fleet = FLEETS[database](folder)
        self._folder = folder
        self._seed = seed
        self._sinks = sinks
        self._auditor = Auditor(self.fleet.world, sinks)

    def run(self, seconds: float) -> Report:
        """Let it rage for so long, and look at what is left."""
        try:
            self.fleet.start()
            chance = random.Random(f"{self._seed} jobs")
            operators = Operators(self.fleet.programs(), self._sinks, self._folder, chance)
            self._undisturbed(operators)
            killer = Killer(self.fleet.members, random.Random(self._seed), LEASE_SECONDS, self.fleet.deeds())
            operators.start()
            try:
                killer.run(seconds)
            finally:
                killer.thaw_all()
                operators.stop()
            if operators.trouble:
                raise operators.trouble
            self._wait_for(operators.orders, operators)
            verdict = self._auditor.audit(operators.orders)
        finally:
            self.fleet.stop()
        verdict.findings += [Finding(Wrong.stuck, each) for each in killer.left]
        return Report(killer.kills, killer.done, verdict)

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
