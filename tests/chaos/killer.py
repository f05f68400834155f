"""Kills, freezes and wakes the processes of a desk, by chances that a seed decides."""

import heapq
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from tests.chaos.processes import children, forkservers, send
from tests.engines.house import descendants


class Member(Protocol):
    """A part of the desk that was started by itself: `serve` or `worker`."""

    @property
    def pid(self) -> int:
        """Its first process."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether that is alive."""
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


Deed = Callable[[Member], int | None]
"""Does something to a member, or because of it; how many kills that was, None if it could not be done."""


class Killer:
    """One deed after the other. `kills` counts those that ended a process which was at work."""

    def __init__(
        self,
        members: Sequence[Member],
        chance: random.Random,
        lease_seconds: float,
        more: Mapping[str, tuple[int, Deed]],
    ) -> None:
        self.kills = 0
        self.done: Counter[str] = Counter()
        self.left: list[str] = []
        """Members that ended though nobody killed them."""
        self._members = members
        self._chance = chance
        self._lease_seconds = lease_seconds
        self._frozen: list[tuple[float, int]] = []
        self._deeds: dict[str, tuple[int, Deed]] = {
            "a child": (12, self._kill_a_child),
            "the forkserver": (2, self._kill_forkserver),
            "any process": (2, self._kill_any),
            "the first process": (2, self._kill_first),
            "all of one": (2, self._kill_all_of_one),
            "everything": (1, self._kill_everything),
            "a child frozen": (4, self._freeze_a_child),
            "the first process frozen": (1, self._freeze_first),
            **more,
        }

    def run(self, seconds: float, pause: tuple[float, float] = (0.2, 2.5)) -> None:
        """Go on for so long; at the end everything runs."""
        end = time.monotonic() + seconds
        names, weights = list(self._deeds), [weight for weight, _ in self._deeds.values()]
        while (now := time.monotonic()) < end:
            self.wait(min(self._chance.uniform(*pause), end - now))
            self._look_for_deserters()
            name = self._chance.choices(names, weights)[0]
            kills = self._deeds[name][1](self._chance.choice(self._members))
            if kills is not None:
                self.done[name] += 1
                self.kills += kills
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

    def _look_for_deserters(self) -> None:
        for member in self._members:
            if not member.is_running:
                self.left.append(f"{type(member).__name__} {member.pid} left by itself")
                member.kill_server_only()
                member.start()

    def _kill_one(self, victims: Sequence[int]) -> int | None:
        return 1 if victims and send(self._chance.choice(victims), signal.SIGKILL) else None

    def _kill_a_child(self, member: Member) -> int | None:
        return self._kill_one(children(member.pid))

    def _kill_forkserver(self, member: Member) -> int | None:
        return self._kill_one(forkservers(member.pid))

    def _kill_any(self, member: Member) -> int | None:
        return self._kill_one(sorted(descendants(member.pid)))

    def _kill_first(self, member: Member) -> int:
        member.kill_server_only()
        member.start()
        return 1

    def _kill_all_of_one(self, member: Member) -> int:
        member.kill()
        member.start()
        return 1

    def _kill_everything(self, _: Member) -> int:
        for member in self._members:
            member.kill()
        for member in self._members:
            member.start()
        return len(self._members)

    def _freeze_a_child(self, member: Member) -> int | None:
        victims = children(member.pid)
        return self._freeze(self._chance.choice(victims)) if victims else None

    def _freeze_first(self, member: Member) -> int | None:
        return self._freeze(member.pid)

    def _freeze(self, pid: int) -> int | None:
        """Past its lease, and a bit: others have its job by then."""
        if not send(pid, signal.SIGSTOP):
            return None
        until = time.monotonic() + self._lease_seconds * self._chance.uniform(1.1, 2.5)
        heapq.heappush(self._frozen, (until, pid))
        return 0
