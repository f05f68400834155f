"""Kills, freezes and wakes the processes of desks, by chances that a seed decides."""

import heapq
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from tests.chaos.processes import children, forkservers, send
from tests.engines.house import descendants


class Member(Protocol):
    """A part of the desk that was started by itself: `serve` or `worker`."""

    @property
    def pid(self) -> int:
        """Its first process."""
        ...

    def start(self) -> object:
        """Start it, or start it again."""
        ...

    def kill(self) -> None:
        """Kill -9, with all that it started."""
        ...

    def kill_server_only(self) -> None:
        """Kill -9, the first process only."""
        ...


class Killer:
    """One deed after the other. `kills` counts those that ended a process which was at work."""

    def __init__(self, members: Sequence[Member], chance: random.Random, lease_seconds: float) -> None:
        self.kills = 0
        self.done: Counter[str] = Counter()
        self._members = members
        self._chance = chance
        self._lease_seconds = lease_seconds
        self._frozen: list[tuple[float, int]] = []
        self.deeds: dict[str, tuple[int, Callable[[Member], bool]]] = {
            "a child": (10, self._kill_a_child),
            "the forkserver": (2, self._kill_forkserver),
            "any process": (2, self._kill_any),
            "the first process": (2, self._kill_first),
            "all at once": (2, self._kill_all),
            "a child frozen": (4, self._freeze_a_child),
            "the first process frozen": (1, self._freeze_first),
        }
        """What may be done, and how likely each is."""

    def run(self, seconds: float, pause: tuple[float, float] = (0.2, 2.5)) -> None:
        """Go on for so long; at the end everything runs."""
        end = time.monotonic() + seconds
        names, weights = list(self.deeds), [weight for weight, _ in self.deeds.values()]
        while (now := time.monotonic()) < end:
            self.wait(min(self._chance.uniform(*pause), end - now))
            name = self._chance.choices(names, weights)[0]
            if self.deeds[name][1](self._chance.choice(self._members)):
                self.done[name] += 1
        self.thaw_all()

    def wait(self, seconds: float) -> None:
        """Let them work, and wake those whose time has come."""
        end = time.monotonic() + seconds
        while self._frozen and self._frozen[0][0] <= end:
            at, pid = heapq.heappop(self._frozen)
            time.sleep(max(0.0, at - time.monotonic()))
            send(pid, signal.SIGCONT)
        time.sleep(max(0.0, end - time.monotonic()))

    def thaw_all(self) -> None:
        """Wake whoever is frozen, now."""
        while self._frozen:
            send(heapq.heappop(self._frozen)[1], signal.SIGCONT)

    def _kill_one(self, victims: Sequence[int]) -> bool:
        killed = bool(victims) and send(self._chance.choice(victims), signal.SIGKILL)
        self.kills += killed
        return killed

    def _kill_a_child(self, member: Member) -> bool:
        return self._kill_one(children(member.pid))

    def _kill_forkserver(self, member: Member) -> bool:
        return self._kill_one(forkservers(member.pid))

    def _kill_any(self, member: Member) -> bool:
        return self._kill_one(sorted(descendants(member.pid)))

    def _kill_first(self, member: Member) -> bool:
        member.kill_server_only()
        return self._start_again(member)

    def _kill_all(self, member: Member) -> bool:
        member.kill()
        return self._start_again(member)

    def _start_again(self, member: Member) -> bool:
        self.kills += 1
        member.start()
        return True

    def _freeze_a_child(self, member: Member) -> bool:
        victims = children(member.pid)
        return bool(victims) and self._freeze(self._chance.choice(victims))

    def _freeze_first(self, member: Member) -> bool:
        return self._freeze(member.pid)

    def _freeze(self, pid: int) -> bool:
        """Past its lease, and a bit: others have its job by then."""
        frozen = send(pid, signal.SIGSTOP)
        if frozen:
            until = time.monotonic() + self._lease_seconds * self._chance.uniform(1.1, 2.5)
            heapq.heappush(self._frozen, (until, pid))
        return frozen
