"""Audits a desk when all is calm: every job that was handed in, every effect there is, every file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from tests.chaos.audit import Finding, Found, Verdict, Wrong
from tests.chaos.desk_says import damage, jobs_nobody_handed_in, results_of, said_of
from tests.chaos.orders import Order
from tests.chaos.sinks import Effects, Sink, World
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.tables import State

WELL = {State.completed, State.completed_with_errors}


class Auditor:
    """Knows what outlives the desk, and what jobs come to that make a file."""

    def __init__(self, world: World, sinks: Sequence[Sink]) -> None:
        self._world = world
        self._sinks = sinks
        self._expected: dict[str, list[str]] = {}

    def expect(self, order: Order) -> None:
        """Take the results of a job that nobody disturbed for what all jobs of its kind come to."""
        self._expected[order.sink.name] = self._results(order)

    def audit(self, orders: Sequence[Order]) -> Verdict:
        """Look at everything there is."""
        verdict = self.judge(orders)
        database = Database(self._world.settings.database)
        with database.read() as session:
            verdict.findings += jobs_nobody_handed_in(session, {UUID(order.job_id) for order in orders})
        database.close()
        verdict.findings += _strangers(orders, self._effects())
        verdict.findings += damage(self._world.settings)
        return verdict

    def judge(self, orders: Sequence[Order]) -> Verdict:
        """Look at some jobs only."""
        verdict, effects, database = Verdict(), self._effects(), Database(self._world.settings.database)
        with database.read() as session:
            for order in orders:
                said = said_of(session, UUID(order.job_id))
                verdict.take(said, _found(order, effects))
                verdict.findings += self._compared(order, said.state)
        database.close()
        return verdict

    def _effects(self) -> dict[str, Effects]:
        return {sink.name: sink.counted(self._world) for sink in self._sinks if sink.counted}

    def _compared(self, order: Order, state: State) -> Iterator[Finding]:
        """A job that makes a file makes the same one, however often it was killed."""
        if order.sink.counted is None and state in WELL and self._results(order) != self._expected[order.sink.name]:
            yield Finding(Wrong.lost, f"{order.tag}: its result is not that of an undisturbed run")

    def _results(self, order: Order) -> list[str]:
        database, files = Database(self._world.settings.database), Files(self._world.settings.data)
        with database.read() as session:
            found = results_of(session, files, UUID(order.job_id))
        database.close()
        return found


def _found(order: Order, effects: Mapping[str, Effects]) -> Found:
    counted = effects[order.sink.name].get(order.tag, Counter()) if order.sink.counted else None
    if order.sink.takes_file:
        return Found(order.deeds(), counted, order.sink.may_be_unknown, order.sink.keyed)
    return Found({}, counted, writes=order.rows)


def _strangers(orders: Sequence[Order], effects: Mapping[str, Effects]) -> Iterator[Finding]:
    known = {(order.sink.name, order.tag) for order in orders}
    for sink, by_tag in effects.items():
        for tag in by_tag:
            if (sink, tag) not in known:
                yield Finding(Wrong.unaccounted, f"an effect at {sink} of {tag}, which nobody handed in")
