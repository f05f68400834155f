"""Headers are known again; what is different is said in words, and what was decided is carried over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake.drift import Drift, carried_over, drift, fingerprint

KNOWN = ["Id", "Qty", "Fax", "Customer"]


def test_the_same_header_has_the_same_fingerprint() -> None:
    assert (
        fingerprint(["Cust. No", "Größe"]) == fingerprint(["CUST NO", "Grosse"]) != fingerprint(["Größe", "Cust. No"])
    )
    assert fingerprint(["a", "b"]) != fingerprint(["ab"])
    assert fingerprint(["%", "€"]) != fingerprint(["€", "%"])


def test_what_has_changed_is_said_in_words() -> None:
    found = drift(KNOWN, ["Id", "Quantity", "Customer", "Notes"], {})
    assert found.sentence == "Qty is now Quantity; Notes is new; Fax is gone."
    assert not found.moved


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        (["ID", "qty", "FAX", "customer"], ""),
        (["Id", "Qty", "Fax", "Customer", "A", "B"], "A and B are new."),
        (["Id", "Customer"], "Qty and Fax are gone."),
        (["Customer", "Id", "Qty", "Fax"], "The columns stand in another order."),
        (["Quantity", "Id", "Fax", "Customer"], "Qty is now Quantity. The columns stand in another order."),
        ([*KNOWN, *"ABCDEFG"], "A, B, C, D, E and 2 more are new."),
        ([*KNOWN, "x" * 70], f"{'x' * 60}… is new."),
    ],
)
def test_one_two_and_many_changes(new: list[str], sentence: str) -> None:
    assert drift(KNOWN, new, {}).sentence == sentence


def test_a_column_that_is_now_called_as_its_field_is_recognised() -> None:
    assert drift(["Posten"], ["Weight"], {"weight": "Posten"}).renamed == (("Posten", "Weight", 1.0),)
    assert drift(["Posten"], ["Weight"], {"height": "Posten"}).renamed == ()


def test_what_could_be_one_of_two_is_not_taken_for_renamed() -> None:
    found = drift(["Id", "Amount"], ["Id", "Amount (EUR)", "Amount (USD)"], {})
    assert (found.renamed, found.gone) == ((), ("Amount",))


def test_what_was_decided_is_carried_over_and_what_is_renamed_is_doubtful() -> None:
    new = ["Quantity", "ID", "Customer", "Notes"]
    pairs = {"number": "Id", "quantity": "Qty", "fax": "Fax", "note": None}
    remembered = carried_over(KNOWN, new, pairs, drift(KNOWN, new, pairs))
    assert remembered.pairs == {"number": "ID", "quantity": "Quantity", "note": None}
    assert list(remembered.renamed) == ["quantity"]
    assert remembered.renamed["quantity"] < 1


def test_only_headers_that_have_most_in_common_are_close() -> None:
    assert drift(KNOWN, KNOWN, {}).is_close
    assert drift(KNOWN, ["Id", "Quantity", "Customer", "Notes"], {}).is_close
    assert not drift(KNOWN, ["Id", "Colour", "Size", "Weight"], {}).is_close
    assert not drift(KNOWN, ["a", "b"], {}).is_close
    assert not Drift().is_close


def test_a_very_wide_header_takes_no_time() -> None:
    old, new = [f"old {place}" for place in range(16_000)], [f"new {place}" for place in range(16_000)]
    found = drift(old, new, {})
    assert (len(found.gone), len(found.new)) == (16_000, 16_000)
    assert len(found.sentence) < 300
    assert drift(new, [*new[1:], "Qty"], {}).sentence == "Qty is new; new 0 is gone."


names = st.lists(st.text(min_size=1, max_size=8), max_size=8, unique=True)


@given(names, names)
def test_every_column_is_kept_renamed_new_or_gone(old: list[str], new: list[str]) -> None:
    found = drift(old, new, {})
    assert found.kept + len(found.renamed) + len(found.gone) == len(old)
    assert found.kept + len(found.renamed) + len(found.new) == len(new)
    remembered = carried_over(old, new, {f"field {name}": name for name in old}, found)
    assert set(remembered.pairs.values()) <= set(new)
    assert len(set(remembered.pairs.values())) == len(remembered.pairs) == found.kept + len(found.renamed)
