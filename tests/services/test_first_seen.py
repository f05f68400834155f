"""Telling repeated keys in a stream."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.services.first_seen import FirstSeen


@given(st.lists(st.text(max_size=3), max_size=200))
def test_it_answers_as_a_dict_would(keys: list[str]) -> None:
    first_seen, known = FirstSeen(), dict[str, int]()
    for number, key in enumerate(keys, 1):
        assert first_seen.seen(key, number) == known.get(key)
        known.setdefault(key, number)
    assert len(first_seen) == len(known)


def test_it_remembers_all_while_it_grows() -> None:
    first_seen = FirstSeen()
    numbers = range(1, 50_001)
    assert not any(first_seen.seen(f"key {number}", number) for number in numbers)
    assert all(first_seen.seen(f"key {number}", 99_999) == number for number in numbers)


def test_a_key_need_not_be_proper_text() -> None:
    first_seen = FirstSeen()
    assert first_seen.seen("\ud800", 7) is None
    assert first_seen.seen("\ud800", 8) == 7
