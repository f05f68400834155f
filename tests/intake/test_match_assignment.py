"""Columns are given away for the greatest sum; what is not clear is given to nobody."""

from collections.abc import Iterator, Mapping
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake.assignment import assign

FIELDS, COLUMNS = "abcd", "1234"
weights = st.dictionaries(
    st.tuples(st.sampled_from(FIELDS), st.sampled_from(COLUMNS)), st.sampled_from([0.84, 0.88, 0.9, 0.97, 1.0, 1.02])
)


def all_sums(given: Mapping[tuple[str, str], float]) -> Iterator[float]:
    """The sum of every way to give four columns to four fields."""
    for order in permutations(COLUMNS):
        yield sum(given.get(pair, 0.0) for pair in zip(FIELDS, order, strict=True))


@given(weights)
def test_no_other_way_gives_a_greater_sum(given: dict[tuple[str, str], float]) -> None:
    found = assign(given, margin=-9)
    assert sum(given[pair] for pair in found.items()) == pytest.approx(max(all_sums(given)))
    assert len(set(found.values())) == len(found)


@given(weights)
def test_what_is_clear_is_in_the_best_way(given: dict[tuple[str, str], float]) -> None:
    assert assign(given, margin=0.01).items() <= assign(given, margin=-9).items()


def test_a_field_makes_way_for_one_that_has_no_other_column() -> None:
    given = {("a", "1"): 0.97, ("a", "2"): 0.9, ("b", "1"): 0.94}
    assert assign(given, 0.01) == {"a": "2", "b": "1"}


@pytest.mark.parametrize(
    "given",
    [
        {("a", "1"): 0.9, ("a", "2"): 0.9},
        {("a", "1"): 0.9, ("b", "1"): 0.9},
        {("a", "1"): 1.0, ("a", "2"): 1.0, ("b", "1"): 1.0, ("b", "2"): 1.0},
    ],
)
def test_what_could_as_well_be_the_other_way_round_is_not_clear(given: dict[tuple[str, str], float]) -> None:
    assert assign(given, 0.01) == {}


def test_nothing_is_given_to_nobody() -> None:
    assert assign({}, 0.01) == {}
