"""An estimate is a range from past runs, and the runs that follow fall into it."""

import math
import random

import pytest

from tests.jobs.bench import Bench, items
from webapp.authoring import Registry
from webapp.jobs.claims import Task
from webapp.jobs.estimate import Estimate, Range, Run, estimate, past_runs, range_of


def run_of(rolled: random.Random, fixed: float, each: float, noise: float) -> Run:
    """A run of some size, as long as such runs are."""
    rows = int(10 ** rolled.uniform(1, 4))
    return rows, (fixed + each * rows) * math.exp(rolled.gauss(0, noise))


@pytest.mark.parametrize("runs", [3, 5, 10, 50])
@pytest.mark.parametrize(("fixed", "each"), [(0.5, 0.001), (5.0, 0.0), (0.0, 0.02), (30.0, 0.001)])
@pytest.mark.parametrize("noise", [0.05, 0.4])
def test_most_runs_fall_into_the_range(runs: int, fixed: float, each: float, noise: float) -> None:
    rolled = random.Random(f"{runs} {fixed} {noise}")
    hits, wide = 0, 0
    for _ in range(300):
        rows, took = run_of(rolled, fixed, each, noise)
        found = range_of([run_of(rolled, fixed, each, noise) for _ in range(runs)], rows)
        assert found is not None
        assert found.most >= 1.3 * found.least, "it is never shown as exact"
        hits += found.least <= took <= found.most
        wide += found.most > 40 * found.least
    assert hits >= 0.8 * 300
    assert wide <= 0.1 * 300, "a range that says nothing is no estimate"


def test_nothing_is_said_of_a_first_time() -> None:
    assert range_of([(10, 1.0), (20, 2.0)], 10) is None
    assert range_of([(0, 5.0), (0, 6.0), (0, 7.0)], 0) is not None, "a job without rows has runs too"


def test_real_runs_fall_into_the_range_of_those_before_them(bench: Bench) -> None:
    rolled, hits, tries = random.Random(7), 0, 0
    for _ in range(14):
        rows = rolled.randrange(20, 200)
        with bench.database.read() as session:
            found = range_of(past_runs(session, "keep_rows"), rows)
        bench.run("keep_rows", items(rows), pause=0.002)
        with bench.database.read() as session:
            took = past_runs(session, "keep_rows")[0][1]
        if found is not None:
            tries += 1
            hits += found.least <= took <= found.most
    assert tries == 11
    assert hits >= 8


def of_prepared(bench: Bench, slots: int = 1) -> Estimate:
    """What is said of a prepared job with a hundred rows."""
    job = bench.run_waiting(bench.prepare("keep_rows", items(100)), Task.check)
    with bench.database.read() as session:
        return estimate(session, bench.shop.registry, job, slots)


def test_the_wait_is_that_of_the_jobs_ahead(bench: Bench) -> None:
    assert of_prepared(bench) == Estimate(None, 0, 0, Range(0, 0))
    for _ in range(4):
        bench.run("keep_rows", items(20))
    alone = of_prepared(bench)
    assert (alone.runs, alone.ahead, alone.wait) == (4, 0, Range(0, 0))
    assert alone.work is not None
    for _ in range(2):
        bench.submit("keep_rows", items(100))
    behind = of_prepared(bench)
    assert behind.ahead == 2
    assert behind.wait is not None
    assert behind.wait.most == pytest.approx(2 * alone.work.most)
    bench.submit("keep_table", items(5))
    assert of_prepared(bench).wait is None, "of one ahead nobody can say how long it takes"


def test_an_author_may_say_it(bench: Bench) -> None:
    known = bench.shop.registry.get("ship")
    assert known.estimate is not None
    job = bench.run_waiting(bench.prepare("ship", "order\n" + "".join(f"{n}\n" for n in range(50))), Task.check)
    with bench.database.read() as session:
        found = estimate(session, Registry({"ship": known}), job, 1)
    assert (found.work, found.runs) == (Range(5.0, 10.0), None)
