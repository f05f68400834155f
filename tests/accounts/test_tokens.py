"""Programs sign in by a token."""

import pytest

from tests.accounts.conftest import GOOD
from webapp import accounts
from webapp.errors import NotFound, Refused
from webapp.store.database import Database
from webapp.store.tables import Role


def test_a_token_acts_as_its_user_until_it_is_revoked(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret = accounts.create_token(database, "Ann")
    found = accounts.find_token(database, secret)
    assert found is not None
    assert found.id == ann.id
    accounts.revoke_token(database, ann.id, accounts.list_tokens(database, ann.id)[0].fingerprint)
    assert accounts.find_token(database, secret) is None


def test_nobody_revokes_the_token_of_another(database: Database) -> None:
    ann = accounts.add_user(database, "Ann", Role.operator, GOOD)
    bob = accounts.add_user(database, "Bob", Role.admin, GOOD)
    secret = accounts.create_token(database, "Ann")
    with pytest.raises(NotFound):
        accounts.revoke_token(database, bob.id, accounts.list_tokens(database, ann.id)[0].fingerprint)
    assert accounts.find_token(database, secret) is not None


def test_there_is_a_token_only_for_a_user_and_only_so_many(database: Database) -> None:
    accounts.add_user(database, "Ann", Role.operator, GOOD)
    with pytest.raises(NotFound, match="Bob"):
        accounts.create_token(database, "Bob")
    for _ in range(20):
        accounts.create_token(database, "Ann")
    with pytest.raises(Refused, match="20"):
        accounts.create_token(database, "Ann")
