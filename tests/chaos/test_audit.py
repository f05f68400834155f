"""The auditor finds what is wrong: without that, a storm in which nothing was found would mean nothing."""

from dataclasses import replace

import pytest

from tests.chaos.audit import Found, Said, Verdict, Wrong, judge
from webapp.store.tables import Outcome, State

DEEDS = {1: "", 2: "reject", 3: "", 4: "fail", 5: "skip", 6: "", 7: "broken"}
FOUND = Found(DEEDS, {1: 1, 3: 1, 6: 1})
SUMS = {Outcome.done: 3, Outcome.rejected: 2, Outcome.failed: 1, Outcome.skipped: 1, Outcome.unknown: 0}
ENTRIES = [
    (1, 1, Outcome.done),
    (2, 2, Outcome.rejected),
    (3, 3, Outcome.done),
    (4, 4, Outcome.failed),
    (5, 5, Outcome.skipped),
    (6, 6, Outcome.done),
    (7, 7, Outcome.rejected),
]
SAID = Said("job 1", State.completed_with_errors, 7, SUMS, ENTRIES)


def wrongs(said: Said, found: Found) -> set[Wrong]:
    return {finding.wrong for finding in judge(said, found)}


def with_outcome(row: int, outcome: Outcome) -> Said:
    """The same job, with a row that came to something else; its sums agree."""
    entries = [(first, last, outcome if first == row else was) for first, last, was in ENTRIES]
    sums = {each: sum(was is each for _, _, was in entries) for each in Outcome}
    return replace(SAID, entries=entries, sums=sums)


def test_nothing_is_found_where_all_is_well() -> None:
    assert list(judge(SAID, FOUND)) == []


@pytest.mark.parametrize(
    ("effects", "wrong"),
    [
        ({1: 1, 6: 1}, Wrong.lost),
        ({1: 2, 3: 1, 6: 1}, Wrong.doubled),
        ({1: 1, 3: 1, 6: 1, 2: 1}, Wrong.unaccounted),
        ({1: 1, 3: 1, 6: 1, 8: 1}, Wrong.unaccounted),
    ],
)
def test_an_effect_too_few_or_too_many_is_found(effects: dict[int, int], wrong: Wrong) -> None:
    assert wrongs(SAID, replace(FOUND, effects=effects)) == {wrong}


@pytest.mark.parametrize(
    "said",
    [
        replace(SAID, received=8),
        replace(SAID, sums={**SUMS, Outcome.done: 4}),
        replace(SAID, entries=[*ENTRIES[:-1]], sums={**SUMS, Outcome.rejected: 1}),
        replace(SAID, entries=[*ENTRIES, ENTRIES[0]], sums={**SUMS, Outcome.done: 4}),
        with_outcome(2, Outcome.skipped),
        with_outcome(4, Outcome.done),
    ],
    ids=["another number of rows", "a sum", "a row without outcome", "two outcomes", "another outcome", "a false done"],
)
def test_an_account_that_does_not_fit_the_file_is_found(said: Said) -> None:
    assert Wrong.unaccounted in wrongs(said, FOUND)


def test_a_row_may_be_unknown_only_where_nobody_can_know_and_once_for_each_attempt_that_broke_off() -> None:
    said = replace(with_outcome(3, Outcome.unknown), state=State.needs_attention)
    assert wrongs(replace(said, broken_off=1), replace(FOUND, may_be_unknown=True)) == set()
    assert wrongs(replace(said, broken_off=1), FOUND) == {Wrong.unaccounted}
    assert wrongs(said, replace(FOUND, may_be_unknown=True)) == {Wrong.unaccounted}


def test_rows_may_be_skipped_only_by_a_job_that_ended_early() -> None:
    said = with_outcome(6, Outcome.skipped)
    found = replace(FOUND, effects={1: 1, 3: 1})
    assert wrongs(replace(said, state=State.cancelled), found) == set()
    assert wrongs(said, found) == {Wrong.unaccounted}


@pytest.mark.parametrize(
    ("state", "effects", "wrong"),
    [
        (State.completed, {1: 1, 2: 1, 3: 1}, set()),
        (State.cancelled, {}, set()),
        (State.completed, {}, {Wrong.lost}),
        (State.cancelled, {1: 1, 2: 1}, {Wrong.lost}),
        (State.completed, {1: 1, 2: 2, 3: 1}, {Wrong.doubled}),
    ],
)
def test_what_a_job_without_a_file_writes_is_all_there_or_none(
    state: State, effects: dict[int, int], wrong: set[Wrong]
) -> None:
    said = Said("job 2", state, 0, dict.fromkeys(Outcome, 0), [])
    assert wrongs(said, Found({}, effects, writes=3)) == wrong


def test_a_job_that_has_not_ended_is_stuck() -> None:
    verdict = Verdict()
    verdict.take(replace(SAID, state=State.running), FOUND)
    assert verdict.line(9) == "9 kills: 0 lost, 0 doubled, 0 unaccounted, 1 stuck, 0 unknown"
