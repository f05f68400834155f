"""A seed decides everything: who runs when, who dies where, who freezes, how time passes and what the operator does.

The claims, the leases, the ledger, the markers and the recovery are the desk's own, on real SQLite files; the processes
are coroutines, so that ten thousand histories take minutes and each can be repeated by its seed.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from tests.chaos.actors import Actor
from tests.chaos.audit import Finding, Found, Wrong, judge
from tests.chaos.desk_says import said_of
from tests.chaos.sim_desk import LEASE_SECONDS, SimDesk
from tests.chaos.sinks import Effects, count_in
from webapp.errors import Refused
from webapp.jobs import rows, table
from webapp.jobs.claims import Task, renew
from webapp.jobs.deeds import Action
from webapp.jobs.lifecycle import ENDED, STOPPING, WAITING
from webapp.jobs.queue import claim_next
from webapp.jobs.recovery import take_back, take_back_expired
from webapp.jobs.run import work_to_the_end
from webapp.kit import new_id

WORKERS = 3
STEPS = 70
CALM_ROUNDS = 60


PLANS: dict[str, tuple[int, ...]] = {
    "chaos_data": (3, 8),
    "chaos_own": (3, 8),
    "chaos_keyed": (2, 5),
    "chaos_hook": (2, 5),
    "chaos_table": (4, 9),
    "chaos_plain": (),
}
"""The kinds of jobs, and how many rows their files have."""
SENT_ONCE = {"chaos_hook"}
PLAIN_WRITES = 4
DEEDS = ("", "", "", "", "reject", "skip", "fail", "broken")


@dataclass(frozen=True, slots=True)
class SimJob:
    """A job of a history, and what is to become of its rows."""

    job_id: UUID
    job_type: str
    tag: str
    deeds: tuple[str, ...]


class History:
    """What happens under one seed."""

    def __init__(self, desk: SimDesk, seed: int) -> None:
        self._desk = desk
        self._chance = desk.fate.chance = random.Random(seed)
        self._actors: list[Actor] = []
        self._lost: list[Actor] = []
        self._jobs: list[SimJob] = []
        self._deeds: dict[Callable[[], None], int] = {
            self._let_one_go_on: 10,
            self._start_worker: 4,
            self._let_time_pass: 4,
            self._freeze_one: 2,
            self._freeze_one_past_its_lease: 2,
            self._thaw_one: 3,
            self._look_for_expired: 2,
            self._take_back_lost: 2,
            self._act_on_one: 1,
        }

    def findings(self) -> list[Finding]:
        """Let it happen, and audit it."""
        self._desk.wipe()
        self._hand_in()
        self._rage()
        calm = self._calm_down()
        for actor in self._actors:
            actor.kill()
        return [*self._audit(), *([] if calm else [Finding(Wrong.stuck, "it does not come to an end")])]

    def _hand_in(self) -> None:
        self._be_calm()
        rows.COMMIT_SECONDS = table.COMMIT_SECONDS = self._chance.choice([0.0, 3600.0])
        for number in range(1, self._chance.randint(1, 3) + 1):
            job_type = self._chance.choice(sorted(PLANS))
            deeds = _some_deeds(self._chance, PLANS[job_type], judged=job_type not in {"chaos_table", "chaos_plain"})
            tag = f"tag-{number}"
            params = {} if deeds else {"tag": tag, "count": PLAIN_WRITES}
            job_id = self._desk.hand_in(job_type, tag, deeds, params)
            self._jobs.append(SimJob(job_id, job_type, tag, deeds))

    def _rage(self) -> None:
        fate = self._desk.fate
        fate.deadly, fate.switching = self._chance.choice([0.02, 0.06, 0.12]), self._chance.choice([0.1, 0.4])
        deeds, weights = list(self._deeds), list(self._deeds.values())
        for _ in range(STEPS):
            self._chance.choices(deeds, weights)[0]()

    def _be_calm(self) -> None:
        self._desk.fate.deadly = self._desk.fate.switching = 0.0

    def _calm_down(self) -> bool:
        """Nobody dies any more: whether all comes to its end."""
        self._be_calm()
        for _ in range(CALM_ROUNDS):
            self._chance.shuffle(self._actors)
            for actor in list(self._actors):
                actor.is_frozen = False
                self._run(actor)
            if self._desk.states() <= ENDED:
                return True
            for job in self._jobs:
                self._act(job.job_id, Action.resume)
            self._let_time_pass()
            self._look_for_expired()
            self._start_worker()
        return False

    def _begin(self, name: str, play: Callable[[Actor], None]) -> None:
        actor = Actor(name, play)
        self._actors.append(actor)
        self._run(actor)

    def _run(self, actor: Actor) -> None:
        actor.go_on()
        if actor.has_ended:
            self._actors.remove(actor)
            if actor.is_dead and actor.claim:
                self._lost.append(actor)

    def _start_worker(self) -> None:
        at_work = sum(actor.name == "worker" for actor in self._actors)
        if at_work < WORKERS and self._desk.states() & WAITING:
            self._begin("worker", self._work)

    def _work(self, actor: Actor) -> None:
        actor.claim = claim_next(self._desk.database, new_id(), Task.run, LEASE_SECONDS)
        if actor.claim is not None:
            work_to_the_end(self._desk.shop, actor.claim, actor.stop)

    def _let_one_go_on(self) -> None:
        ready = [actor for actor in self._actors if not actor.is_frozen]
        if ready:
            self._run(self._chance.choice(ready))

    def _let_time_pass(self) -> None:
        """Whoever is awake renews its claim four times in a lease, and ends if it has lost it."""
        for _ in range(self._chance.randint(1, 6)):
            self._let_a_quarter_pass()

    def _let_a_quarter_pass(self) -> None:
        self._desk.clock.advance(LEASE_SECONDS / 4)
        for actor in [each for each in self._actors if each.claim and not each.is_frozen]:
            self._renew(actor)

    def _renew(self, actor: Actor) -> None:
        assert actor.claim is not None
        state = renew(self._desk.database, actor.claim, LEASE_SECONDS)
        if state is None:
            actor.kill()
            self._actors.remove(actor)
        elif state in STOPPING:
            actor.stop.set()

    def _freeze_one(self) -> None:
        if self._actors:
            self._chance.choice(self._actors).is_frozen = True

    def _freeze_one_past_its_lease(self) -> None:
        """A worker sleeps for so long that another has its job when it wakes."""
        workers = [actor for actor in self._actors if actor.claim]
        if workers:
            self._chance.choice(workers).is_frozen = True
            for _ in range(5):
                self._let_a_quarter_pass()
            self._look_for_expired()
            self._start_worker()

    def _thaw_one(self) -> None:
        frozen = [actor for actor in self._actors if actor.is_frozen]
        if frozen:
            actor = self._chance.choice(frozen)
            actor.is_frozen = False
            self._run(actor)  # it may get further before it looks at its lease

    def _look_for_expired(self) -> None:
        self._begin("look", lambda _: ignored(take_back_expired(self._desk.database, self._desk.data)))

    def _take_back_lost(self) -> None:
        """A worker's end is noticed by who started it, unless that died as well."""
        if self._lost:
            claim = self._lost.pop(self._chance.randrange(len(self._lost))).claim
            assert claim is not None
            lost = self._chance.random() < 0.8
            self._begin("take back", lambda _: take_back(self._desk.database, self._desk.data, claim, lost=lost))

    def _act_on_one(self) -> None:
        """The operator does what there is a button for, or for which there was one a moment ago."""
        action = self._chance.choice([Action.cancel, Action.pause, Action.resume, Action.retry, Action.retry_rows])
        self._act(self._chance.choice(self._jobs).job_id, action)

    def _act(self, job_id: UUID, action: Action) -> None:
        with suppress(Refused):
            self._desk.controls.act(self._desk.user, job_id, action)

    def _audit(self) -> Iterator[Finding]:
        effects = self._effects()
        for job in self._jobs:
            with self._desk.database.read() as session:
                said = said_of(session, job.job_id)
            deeds = dict(enumerate(job.deeds, 1))
            writes = 0 if deeds else PLAIN_WRITES
            counted = effects.get(job.tag, Counter())
            yield from judge(
                said, Found(deeds, counted, job.job_type in SENT_ONCE, job.job_type == "chaos_keyed", writes)
            )

    def _effects(self) -> Effects:
        effects = dict(self._desk.received)
        with self._desk.data.own._engine.connect() as connection:
            for each in ("chaos_data", "chaos_plain"):
                effects.update(count_in(connection, each))
        with self._desk.database.engine.connect() as connection:
            effects.update(count_in(connection, "chaos_own"))
        return effects


def _some_deeds(chance: random.Random, lengths: tuple[int, ...], *, judged: bool) -> tuple[str, ...]:
    """One of a few files, so that each is made once."""
    if not lengths:
        return ()
    which = random.Random(chance.randrange(3))
    allowed = DEEDS if judged else ("", "", "", "", "broken")
    return tuple(which.choice(allowed) for _ in range(chance.choice(lengths)))


def ignored(_: object) -> None:
    """What nobody asks for."""
