"""How long a job will take, said before it starts: a range from past runs of its type, never one number.

Of the last runs that went through in one attempt a fixed part and a part for each row are fitted. How far each run was
from that makes the range: what lies between one run in ten and nine in ten, and wider where runs are few or smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from webapp.authoring import JobType, Registry
from webapp.store.tables import Attempt, Job, State

FEWEST_RUNS = 3
RUNS = 50  # the last ones are looked at
FEW = 20  # with fewer, the range reaches from the quickest to the slowest
TENTH, NINE_TENTHS = 0.1, 0.9
MARGIN = 1.2
OF_FEW = 2.0  # the fewer runs, the wider: with three of them by two thirds
FAR = 3.0  # so many times as many rows as any run had: nobody has seen that yet
SHORTEST_S = 0.05
NARROWEST = 1.3  # a range that is narrower would look exact
MOST_AHEAD = 50
WENT_THROUGH = (State.completed, State.completed_with_errors, State.needs_attention)

Run = tuple[int, float]
"""How many rows a run had, and how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds, at least and at most."""

    least: float
    most: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.least + other.least, self.most + other.most)

    def over(self, slots: int) -> "Range":
        """The same with so many at work at once."""
        return Range(self.least / slots, self.most / slots)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long the work takes, and the wait before it.

    `work` is None if nobody can say: then `runs` are too few. They are None if the job type's author has said it.
    `ahead` are the jobs that go first; `wait` is None if nobody can say that of each.
    """

    work: Range | None
    runs: int | None
    ahead: int
    wait: Range | None


def estimate(session: Session, registry: Registry, job: Job, slots: int) -> Estimate:
    """What to expect of a job that has not been started; `slots` is how many run at once on this machine."""
    job_type = registry.job_types.get(job.job_type)
    if job_type is None:
        return Estimate(None, 0, 0, None)
    runs = past_runs(session, job.job_type)
    work = _range(job_type, runs, job.received)
    ahead, wait = _wait(session, registry, job, slots)
    return Estimate(work, None if job_type.estimate and work else len(runs), ahead, wait)


def past_runs(session: Session, job_type: str) -> list[Run]:
    """The last runs of a job type that went through in one attempt."""
    query = (
        select(Job.received, Attempt.started_at, Attempt.finished_at)
        .join(Attempt, col(Attempt.job_id) == Job.id)
        .where(
            col(Job.job_type) == job_type,
            col(Job.state).in_(WENT_THROUGH),
            col(Job.attempt) == 1,
            col(Job.undo_of).is_(None),
            col(Job.pause_after).is_(None),
            col(Attempt.finished_at).is_not(None),
        )
        .order_by(col(Job.id).desc())
        .limit(RUNS)
    )
    return [(rows, max((end - start).total_seconds(), SHORTEST_S)) for rows, start, end in session.exec(query) if end]


def range_of(runs: Sequence[Run], rows: int) -> Range | None:
    """What so many rows will take, going by past runs; None if they are too few."""
    if len(runs) < FEWEST_RUNS:
        return None
    fixed, each = _fit(runs)
    ratios = sorted(seconds / max(fixed + each * count, SHORTEST_S) for count, seconds in runs)
    low, high = _quantile(ratios, TENTH), _quantile(ratios, NINE_TENTHS)
    if len(runs) < FEW:
        low, high = ratios[0], ratios[-1]
    unseen = rows > FAR * max(count for count, _ in runs)
    margin = MARGIN * (1 + OF_FEW / len(runs)) * (MARGIN if unseen else 1)
    expected = max(fixed + each * rows, SHORTEST_S)
    least, most = expected * low / margin, expected * high * margin
    return Range(least, max(most, least * NARROWEST))


def _range(job_type: JobType, runs: Sequence[Run], rows: int) -> Range | None:
    if job_type.estimate is None:
        return range_of(runs, rows)
    try:
        least, most = job_type.estimate(rows)
        return Range(max(float(least), 0.0), max(float(most), float(least), 0.0))
    except Exception:  # noqa: BLE001 (a job author's code: what it can't say is not said)
        return None


def _wait(session: Session, registry: Registry, job: Job, slots: int) -> tuple[int, Range | None]:
    """How many jobs go first, and how long that takes; those of a lower priority do not, unless they are at work."""
    waits = (col(Job.state) == State.queued) & (col(Job.priority) >= job.priority) & (col(Job.id) != job.id)
    at_work = col(Job.state).in_((State.running, State.pausing, State.cancelling))
    jobs = session.exec(select(Job).where(waits | at_work).limit(MOST_AHEAD + 1)).all()
    queued = sum(each.state is State.queued for each in jobs)
    if len(jobs) - queued < slots and not queued:
        return 0, Range(0, 0)
    ranges: list[Range] = []
    runs: dict[str, list[Run]] = {}
    for each in jobs:
        known = registry.job_types.get(each.job_type)
        if each.job_type not in runs:
            runs[each.job_type] = past_runs(session, each.job_type)
        found = _range(known, runs[each.job_type], each.waiting) if known else None
        if found is None or len(jobs) > MOST_AHEAD:
            return len(jobs), None
        ranges.append(found)
    whole = sum(ranges, Range(0, 0))
    at_least = min(each.least for each in ranges) if slots > 1 and not queued else whole.over(slots).least
    return len(jobs), Range(at_least, whole.over(slots).most if queued else max(each.most for each in ranges))


def _fit(runs: Sequence[Run]) -> tuple[float, float]:
    """The fixed seconds and those for each row with the least relative error; neither is below nothing."""
    weights = [1 / seconds**2 for _, seconds in runs]
    both = list(zip(weights, runs, strict=True))
    total = sum(weights)
    rows = sum(weight * count for weight, (count, _) in both)
    squares = sum(weight * count**2 for weight, (count, _) in both)
    seconds = sum(weight * took for weight, (_, took) in both)
    product = sum(weight * count * took for weight, (count, took) in both)
    spread = total * squares - rows**2
    if spread <= 1e-9 * total * max(squares, 1e-9):  # all runs had as many rows
        return (0.0, product / squares) if squares else (seconds / total, 0.0)
    each = (total * product - rows * seconds) / spread
    fixed = (seconds - each * rows) / total
    if each < 0:
        return seconds / total, 0.0
    return (fixed, each) if fixed >= 0 else (0.0, product / squares)


def _quantile(ordered: Sequence[float], part: float) -> float:
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
