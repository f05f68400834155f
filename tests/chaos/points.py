"""A desk that is made to die at named places, one after the other, and what each job comes to."""

import random
import signal
import time
from dataclasses import replace
from pathlib import Path

from tests.chaos.audit import Verdict
from tests.chaos.auditor import Auditor
from tests.chaos.orders import Operators, Order
from tests.chaos.processes import command, send
from tests.chaos.receivers import Receivers
from tests.chaos.sinks import JOB_TYPES, SINKS, Sink, World
from tests.running import RunningDesk
from webapp.settings import Settings

PATIENCE_S = 90.0
FEW = {sink.name: replace(sink, rows=sink.few) for sink in SINKS}


class CrashHouse:
    """A desk whose processes follow the plans that lie in a folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._plans = folder / "plans"
        self._plans.mkdir()
        self._serial = 0
        given = {"job_types": str(JOB_TYPES), "lease_seconds": "2", **settings}
        self._desk = RunningDesk(folder / "data", **given)
        self._receivers = Receivers(folder / "receivers")
        self._world = World(Settings.model_validate({"data": self._desk.data, **given}), folder / "receivers")
        self._auditor = Auditor(self._world, SINKS)

    def start(self) -> "CrashHouse":
        """Start it, and see what comes of the jobs whose results are compared while nothing is planned."""
        self._desk.environment = {**self._receivers.environment, "CHAOS_PLANS": str(self._plans)}
        self._desk.start()
        self._world.prepare()
        self._operators = Operators([self._desk.program()], SINKS, self._folder, random.Random(1), again=0.0)
        # a job may begin, and the desk die of it, before it has said that it took it
        self._operators.unanswered = self._keep_running
        for sink in SINKS:
            if sink.counted is None:
                self._auditor.expect(self._run(sink))
        return self

    def stop(self) -> None:
        """End it."""
        self._desk.kill_quietly()
        self._receivers.stop()

    def crash(self, sink: Sink, *plans: tuple[str, int]) -> Verdict:
        """Run a job, and have the desk's processes die at these one or two places, one after the other.

        Raises:
            AssertionError: none did.
        """
        for name, plan in zip(("plan", "next"), plans, strict=False):
            self._plan(name, *plan, signal.SIGKILL)
        order = self._run(sink)
        self._require_done()
        return self._auditor.judge([order])

    def freeze(self, sink: Sink, place: str, nth: int) -> Verdict:
        """Run a job, have its process freeze at this place, and wake it when another has ended the job.

        Raises:
            AssertionError: no process has got there, or none has ended the job.
        """
        self._plan("plan", place, nth, signal.SIGSTOP)
        order = self._run(sink)
        frozen = int((self._plans / "died").read_text())
        assert send(frozen, signal.SIGCONT), "it did not sleep"
        deadline = time.monotonic() + PATIENCE_S
        while command(frozen):
            assert time.monotonic() < deadline, "it goes on without end"
            time.sleep(0.02)
        self._require_done()
        return self._auditor.judge([order])

    def _plan(self, name: str, place: str, nth: int, what: signal.Signals) -> None:
        self._serial += 1
        (self._plans / name).write_text(f"{self._serial}|{place}|{nth}|{what.name}")

    def _require_done(self) -> None:
        left = sorted(path.read_text() for path in self._plans.iterdir() if path.name != "died")
        for path in self._plans.iterdir():
            path.unlink()
        assert left == [], "no process has got there"

    def audit(self) -> Verdict:
        """Look at everything there is."""
        return self._auditor.audit(self._operators.orders)

    def _run(self, sink: Sink) -> Order:
        self._keep_running()
        order = self._operators.order(FEW[sink.name])
        deadline = time.monotonic() + PATIENCE_S
        while not self._operators.has_ended(order):
            self._keep_running()
            assert time.monotonic() < deadline, f"it does not end: {self._desk.log()[-3000:]}"
            time.sleep(0.02)
        return order

    def _keep_running(self) -> None:
        if not self._desk.is_running:
            self._desk.kill_quietly()
            self._desk.start()
