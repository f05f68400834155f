"""The first administrator gets in by a link, once."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from tests.accounts.conftest import GOOD, HOME
from webapp import accounts
from webapp.accounts import Throttle, links
from webapp.errors import BadInput, NotFound
from webapp.store.database import Database
from webapp.store.tables import Role, User


def test_the_first_link_makes_an_administrator_once(database: Database) -> None:
    secret = accounts.first_link(database) or ""
    admin = accounts.redeem_link(database, secret, "Grace", GOOD)
    assert (admin.name, admin.role) == ("Grace", Role.admin)
    assert accounts.authenticate(database, Throttle(), "Grace", GOOD, HOME) is not None
    with pytest.raises(NotFound, match="used"):
        accounts.redeem_link(database, secret, "Mallory", GOOD)
    assert accounts.first_link(database) is None


def test_a_new_link_replaces_the_old_and_makes_no_second_user(database: Database) -> None:
    old, new = accounts.first_link(database) or "", accounts.first_link(database) or ""
    with pytest.raises(NotFound):
        accounts.find_link(database, old)
    assert accounts.find_link(database, new).name == "admin"
    with database.read() as session:
        assert len(session.exec(select(User)).all()) == 1


def test_a_link_is_good_for_a_day(database: Database, later: Callable[[timedelta], None]) -> None:
    secret = accounts.first_link(database) or ""
    later(timedelta(hours=23, minutes=59))
    assert accounts.find_link(database, secret)
    later(timedelta(minutes=1))
    with pytest.raises(NotFound):
        accounts.redeem_link(database, secret, "Grace", GOOD)


def test_a_refused_name_or_password_does_not_use_the_link_up(database: Database) -> None:
    accounts.add_user(database, "Ann", Role.operator, GOOD)
    secret = accounts.first_link(database) or ""
    for name, password in (("Ann", GOOD), ("Grace", "short")):
        with pytest.raises(BadInput):
            accounts.redeem_link(database, secret, name, password)
    assert accounts.redeem_link(database, secret, "Grace", GOOD)


def test_a_link_redeemed_by_twenty_at_once_lets_one_in(database: Database) -> None:
    secret = accounts.first_link(database) or ""
    winners, together = [], threading.Barrier(20)

    def redeem(name: str) -> None:
        together.wait()
        try:
            winners.append(accounts.redeem_link(database, secret, name, GOOD))
        except NotFound:
            return

    threads = [threading.Thread(target=redeem, args=(f"user {n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1


def test_a_made_up_link_costs_no_hash(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(links, "hash_password", hashed.append)
    with pytest.raises(NotFound):
        accounts.redeem_link(database, "made-up", "Mallory", GOOD)
    assert hashed == []


@pytest.mark.parametrize("name", ["admin", "Admin"])
def test_an_operator_named_admin_does_not_become_administrator(database: Database, name: str) -> None:
    accounts.add_user(database, name, Role.operator, GOOD)
    user = accounts.find_link(database, accounts.first_link(database) or "")
    assert (user.name, user.role) == ("admin-2", Role.admin)
