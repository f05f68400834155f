"""The auditor: what the desk says of each row, held against the file itself and what was found at the far end.

It believes no counter: rows are counted in the file, effects where they took place. Each thing that does not fit is a
finding, under the word that the last line of a run counts it by.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from webapp.jobs.claims import MAX_STALLS
from webapp.jobs.lifecycle import ENDED
from webapp.store.tables import Outcome, State


class Wrong(StrEnum):
    """What can be wrong with a row or a job."""

    lost = "lost"  # said to be done, without an effect
    doubled = "doubled"  # more than one effect
    unaccounted = "unaccounted"  # the sums or the outcomes do not fit the file, or an effect nobody owns up to
    stuck = "stuck"  # the job has not ended


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in words."""

    wrong: Wrong
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the desk says of a job: its state, its sums, and its ledger as first row, last row and outcome."""

    name: str
    state: State
    received: int
    sums: Mapping[Outcome, int]
    entries: Iterable[tuple[int, int, Outcome]]
    broken_off: int = 0
    """How many of its attempts did not end by themselves."""
    ended_early: bool = False
    """Whether it failed or was called off at any time, be it that it went on later."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found outside of the desk: the deeds in the file by row, and how often each row had an effect.

    `effects` is None where the effect is not one of rows. A row with a key may be unknown only if its job came to an
    early end, or it was given up: it was to be sent once more. A job without a file has so many `writes`.
    """

    deeds: Mapping[int, str]
    effects: Mapping[int, int] | None
    may_be_unknown: bool = False
    keyed: bool = False
    writes: int = 0


@dataclass(slots=True)
class Verdict:
    """What an audit came to."""

    findings: list[Finding] = field(default_factory=list)
    unknown: int = 0
    rows: int = 0
    jobs: Counter[State] = field(default_factory=Counter)

    @property
    def well(self) -> int:
        """How many jobs did all that could be done."""
        return sum(self.jobs[state] for state in (State.completed, State.completed_with_errors, State.needs_attention))

    def count(self, wrong: Wrong) -> int:
        """How many findings of a kind there are."""
        return sum(finding.wrong is wrong for finding in self.findings)

    def line(self, kills: int) -> str:
        """The last line of a run."""
        found = ", ".join(f"{self.count(wrong)} {wrong}" for wrong in Wrong)
        return f"{kills} kills: {found}, {self.unknown} unknown"

    def take(self, said: Said, found: Found) -> None:
        """Judge a job."""
        outcomes = dict(_outcomes(said.entries))
        self.findings += judge(said, found)
        self.unknown += sum(outcome is Outcome.unknown for outcome in outcomes.values())
        self.rows += len(found.deeds)
        self.jobs[said.state] += 1


def judge(said: Said, found: Found) -> Iterator[Finding]:
    """Everything that is wrong with a job."""
    if said.state not in ENDED:
        yield Finding(Wrong.stuck, f"{said.name} is {said.state}")
        return
    yield from _sums(said, found)
    outcomes = dict(_outcomes(said.entries))
    yield from _coverage(said, found, outcomes)
    for row, deed in found.deeds.items():
        outcome = outcomes.get(row)
        yield from _row(said, row, deed, outcome)
        if found.effects is not None and outcome is not None:
            yield from _effect(said, row, outcome, found.effects.get(row, 0))
    yield from _unknown(said, found, outcomes)
    yield from _writes(said, found)
    for row in set(found.effects or ()) - set(found.deeds) - set(range(1, found.writes + 1)):
        yield Finding(Wrong.unaccounted, f"{said.name}: an effect of row {row}, which is not in the file")


def _outcomes(entries: Iterable[tuple[int, int, Outcome]]) -> Iterator[tuple[int, Outcome]]:
    for first, last, outcome in entries:
        for row in range(first, last + 1):
            yield row, outcome


def _sums(said: Said, found: Found) -> Iterator[Finding]:
    counted = Counter(outcome for _, outcome in _outcomes(said.entries))
    if said.received != len(found.deeds):
        yield Finding(Wrong.unaccounted, f"{said.name}: received {said.received}, the file has {len(found.deeds)}")
    for outcome in Outcome:
        if said.sums[outcome] != counted[outcome]:
            said_and_found = f"the job says {said.sums[outcome]} {outcome}, the ledger {counted[outcome]}"
            yield Finding(Wrong.unaccounted, f"{said.name}: {said_and_found}")


def _coverage(said: Said, found: Found, outcomes: Mapping[int, Outcome]) -> Iterator[Finding]:
    times = Counter(row for row, _ in _outcomes(said.entries))
    for row, count in times.items():
        if count > 1:
            yield Finding(Wrong.unaccounted, f"{said.name}: row {row} has {count} outcomes")
    for row in set(outcomes) ^ set(found.deeds):
        yield Finding(Wrong.unaccounted, f"{said.name}: row {row} is only in the file, or only in the ledger")


EARLY = {State.failed, State.cancelled}
WANTED = {
    "": Outcome.done,
    "reject": Outcome.rejected,
    "broken": Outcome.rejected,
    "skip": Outcome.skipped,
    "fail": Outcome.failed,
}


def _row(said: Said, row: int, deed: str, outcome: Outcome | None) -> Iterator[Finding]:
    """A row may only come to what its file wants, be skipped by a job that ended early, or be unknown."""
    allowed = {WANTED[deed], Outcome.unknown} | ({Outcome.skipped} if said.state in EARLY else set())
    if outcome is not None and outcome not in allowed:
        yield Finding(Wrong.unaccounted, f"{said.name}: row {row} should be {WANTED[deed]} and is {outcome}")


def _effect(said: Said, row: int, outcome: Outcome, effects: int) -> Iterator[Finding]:
    if effects > 1:
        yield Finding(Wrong.doubled, f"{said.name}: row {row} ({outcome}) has {effects} effects")
    elif outcome is Outcome.done and effects == 0:
        yield Finding(Wrong.lost, f"{said.name}: row {row} is done and has no effect")
    elif outcome not in {Outcome.done, Outcome.unknown} and effects:
        yield Finding(Wrong.unaccounted, f"{said.name}: row {row} is {outcome} and has an effect")


def _writes(said: Said, found: Found) -> Iterator[Finding]:
    """What a job without a file has written is there once, or none of it."""
    effects = found.effects or {}
    numbers = range(1, found.writes + 1)
    for number in numbers:
        if effects.get(number, 0) > 1:
            yield Finding(Wrong.doubled, f"{said.name}: write {number} is there {effects[number]} times")
    missing = [number for number in numbers if not effects.get(number)]
    if missing and (said.state is State.completed or len(missing) < found.writes):
        yield Finding(Wrong.lost, f"{said.name}: {len(missing)} of {found.writes} writes are missing")


def _unknown(said: Said, found: Found, outcomes: Mapping[int, Outcome]) -> Iterator[Finding]:
    rows = [row for row, outcome in outcomes.items() if outcome is Outcome.unknown]
    given_up = found.keyed and (said.ended_early or said.broken_off >= MAX_STALLS)
    if rows and not (found.may_be_unknown or given_up):
        yield Finding(Wrong.unaccounted, f"{said.name}: row {rows[0]} is unknown, where it can be known")
    if len(rows) > said.broken_off:
        several = f"{len(rows)} rows are unknown after {said.broken_off} attempts that broke off"
        yield Finding(Wrong.unaccounted, f"{said.name}: {several}")
