"""Moments at which the power fails, and what is on the disk then."""

import os
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.power.disk import FORGOTTEN, SYNCS, Disk, lay_out
from tests.chaos.power.recording import Call, record
from tests.chaos.simulated import MEMORY

KEPT = 5
QUIET = b"\n"
"""What is said by a program that does nothing of interest until it says something else, or again."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What the program had said by then, since it was quiet, and what is on the disk; `seed` has chosen both."""

    seed: int
    said: Sequence[str]
    files: Mapping[str, bytes]

    def keep(self, folder: Path) -> str:
        """Lay a few of them out for whoever looks into it: each record is another, and a seed alone says little."""
        if len(list(folder.glob("seed-*"))) < KEPT:
            lay_out(self.files, folder / f"seed-{self.seed}")
        return f"seed {self.seed}, see {folder}"


class Recorded:
    """What a program has asked of the disk, from an empty folder on."""

    def __init__(self, folder: Path, module: str, *arguments: object) -> None:
        """Run it on `folder/desk`, and have it say in `folder/said` what it has done.

        Raises:
            AssertionError: it failed, or what is on the disk is not what it was seen to ask for.
        """
        self._desk, self._said = folder / "desk", str(folder / "said")
        self._desk.mkdir(parents=True)
        calls = record(module, self._desk, self._said, *arguments)
        self._calls = [call for call in calls if any(path.startswith(str(folder)) for path in call.paths)]
        disk = Disk(self._desk)
        for call in self._calls:
            disk.take(call)
        seen = disk.now()
        there = {str(path.relative_to(self._desk)) for path in self._desk.rglob("*") if path.is_file()}
        unlike = [name for name, content in seen.items() if (self._desk / name).read_bytes() != content]
        assert (unlike, {name for name in there if not name.endswith(FORGOTTEN)}) == ([], set(seen))

    def cuts(self, seeds: Iterable[int]) -> Iterator[Cut]:
        """The power fails at a moment that each seed chooses, in the order of these moments."""
        spans = [*self._spans().values()]
        chances = {seed: random.Random(seed) for seed in seeds}
        moments = sorted(
            (chance.randrange(*chance.choice(chance.choice(spans))), seed) for seed, chance in chances.items()
        )
        disk, said, done = Disk(self._desk), list[str](), 0
        for moment, seed in moments:
            for call in self._calls[done:moment]:
                disk.take(call)
                if self._is_said(call):
                    said = [] if call.data == QUIET else [*said, call.data.decode()]
            done = moment
            yield Cut(seed, tuple(said), disk.after_power_loss(chances[seed]))

    def _spans(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """The calls between one wait for the disk and the next, by the database that was waited for last."""
        spans: dict[str, list[tuple[int, int]]] = {}
        first, last, quiet = 0, "", next(call.data for call in self._calls if self._is_said(call)) == QUIET
        for number, call in enumerate(self._calls, 1):
            waited = call.name in SYNCS and call.result is not None
            if waited or self._is_said(call):
                if not quiet:
                    spans.setdefault(last, []).append((first, number))
                first = number
            if waited and call.paths[0] != str(self._desk):
                last = Path(call.paths[0]).stem
            if self._is_said(call):
                quiet = call.data == QUIET
        return spans

    def _is_said(self, call: Call) -> bool:
        return call.result is None and call.name == "write" and call.paths == (self._said,)


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder where nothing is waited for: thousands of files are written and read there."""
    folder = Path(tempfile.mkdtemp(prefix="power-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
