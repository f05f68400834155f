"""Names and passwords: who gets in, and how a password is kept."""

import time

import pytest

from tests.accounts.conftest import GOOD, HOME, disable
from webapp import accounts
from webapp.accounts import Throttle, passwords
from webapp.errors import BadInput
from webapp.store.database import Database
from webapp.store.tables import Role, User


def test_the_right_password_finds_the_user(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    found = accounts.authenticate(database, Throttle(), " Ann ", GOOD, HOME)
    assert found is not None
    assert (found.id, found.role) == (ann.id, Role.operator)


@pytest.mark.parametrize(
    ("kept", "typed"), [("Olga", "olga"), ("olga", "OLGA"), ("Ольга", "ольга"), ("Strauß", "STRAUSS")]
)
def test_capitals_do_not_matter_in_a_name(database: Database, kept: str, typed: str) -> None:
    user = accounts.add_user(database, kept, Role.operator, GOOD)
    found = accounts.authenticate(database, Throttle(), typed, GOOD, HOME)
    assert found is not None
    assert found.id == user.id
    accounts.set_password_of(database, f" {typed} ", "nine tall ships")
    assert accounts.authenticate(database, Throttle(), kept, "nine tall ships", HOME) is not None
    assert accounts.find_token(database, accounts.create_token(database, typed)) is not None


@pytest.mark.parametrize(("name", "password"), [("Ann", GOOD + "x"), ("Ann", ""), ("Bob", GOOD), ("", "")])
def test_anything_else_finds_nobody(database: Database, name: str, password: str) -> None:
    accounts.add_user(database, "Ann", Role.operator, GOOD)
    assert accounts.authenticate(database, Throttle(), name, password, HOME) is None


def test_a_disabled_user_and_one_without_password_find_no_way_in(database: Database) -> None:
    accounts.add_user(database, "Ann", Role.operator, GOOD)
    disable(database, "Ann")
    accounts.first_link(database)
    assert accounts.authenticate(database, Throttle(), "Ann", GOOD, HOME) is None
    assert accounts.authenticate(database, Throttle(), "admin", "nobody signs in with this", HOME) is None


@pytest.mark.parametrize(
    "password", ["short", "123456789", "password123", "PASSWORD123", "aaaaaaaaaaaaaaaa", "anna-maria 2026!", "x" * 1001]
)
def test_a_password_that_others_would_guess_is_refused(database: Database, password: str) -> None:
    with pytest.raises(BadInput) as refused:
        accounts.add_user(database, "Anna-Maria", Role.operator, password)
    assert list(refused.value.problems) == ["password"]


@pytest.mark.parametrize(
    "password", ["ten chars!", "x y z" * 200, "пароль на море", "a\0b" * 5 + "cdefg", "😀🎉🚀🌊" * 3]
)
def test_long_and_unusual_passwords_are_kept_whole(database: Database, password: str) -> None:
    accounts.add_user(database, "Ann", Role.operator, password)
    assert accounts.authenticate(database, Throttle(), "Ann", password, HOME) is not None
    assert accounts.authenticate(database, Throttle(), "Ann", password[:-1], HOME) is None


def test_passwords_are_kept_as_argon2id(database: Database) -> None:
    user = accounts.add_user(database, "Ann", Role.operator, GOOD)
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$v=19$m=32768,t=3,p=1$")


def test_an_older_weaker_hash_is_renewed_when_its_user_signs_in(database: Database) -> None:
    user = accounts.add_user(database, "Ann", Role.operator, GOOD)
    weak = type(passwords.HASHER)(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    with database.write() as session:
        session.add(user)
        user.password_hash = weak
    accounts.authenticate(database, Throttle(), "Ann", GOOD, HOME)
    with database.read() as session:
        kept = session.get_one(User, user.id).password_hash
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=32768")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\nb", "a\x00b", "a\u202eb", "ANN"])
def test_a_name_that_is_unusable_or_taken_is_refused(database: Database, name: str) -> None:
    accounts.add_user(database, "Ann", Role.operator, GOOD)
    with pytest.raises(BadInput) as refused:
        accounts.add_user(database, name, Role.operator, GOOD)
    assert list(refused.value.problems) == ["name"]


def test_an_unknown_name_takes_as_long_as_a_known_one(database: Database) -> None:
    accounts.add_user(database, "Ann", Role.operator, GOOD)
    accounts.authenticate(database, Throttle(), "Ann", "warm up", HOME)

    def took(name: str) -> float:
        began = time.perf_counter()
        accounts.authenticate(database, Throttle(), name, "wrong password", HOME)
        return time.perf_counter() - began

    pairs = [(took("Ann"), took("Bob")) for _ in range(9)]
    known, unknown = (min(times) for times in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2
