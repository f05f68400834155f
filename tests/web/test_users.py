"""The page on users: administrators alone, the last of whom stays; all of it is told by the activity."""

import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlmodel import select

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user
from webapp.kit import new_id
from webapp.store.database import Database
from webapp.store.tables import Activity, Role, User


@pytest.fixture
def ada(app: FastAPI, database: Database) -> Browser:
    """The browser of an administrator."""
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser = Browser(app)
    browser.sign_in("Ada")
    return browser


def user(database: Database, name: str) -> User:
    with database.read() as session:
        return session.exec(select(User).where(User.name == name)).one()


def link_in(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/welcome\?link=[\w-]+)", text)
    assert found
    return found[1]


def test_somebody_is_added_and_comes_in_by_a_link_that_is_shown_once(
    app: FastAPI, ada: Browser, database: Database
) -> None:
    page = ada.post("/users", data={"name": "Ines", "role": "operator"})
    assert page.status_code == 201
    address = link_in(page.text)
    assert "/welcome?link=" not in ada.get("/users").text
    assert "No password yet" in ada.get("/users").text
    ines = Browser(app)
    secret = address.partition("=")[2]
    assert ines.get(address).status_code == 200
    assert ines.post("/welcome", data={"link": secret, "name": "Ines", "password": PASSWORD}).status_code == 303
    assert "Ines" in ines.get("/account").text
    assert ines.get(address).status_code == 404
    assert "1 browser signed in" in ada.get("/users").text
    with database.read() as session:
        told = [each.action for each in session.exec(select(Activity).order_by("id"))]
        assert secret not in str([each.model_dump() for each in session.exec(select(Activity))])
    assert told == ["add_user", "sign_in", "add_user", "make_link", "redeem_link", "sign_in"]


def test_a_role_that_is_changed_counts_at_once(ada: Browser, ann_browser: Browser, ann: User) -> None:
    assert ann_browser.get("/users").status_code == 403
    assert ada.post(f"/users/{ann.id}/role", data={"role": "admin"}).headers["location"] == "/users?done=role"
    assert ann_browser.get("/users").status_code == 200
    assert ada.post(f"/users/{ann.id}/role", data={"role": "king"}).status_code == 422
    assert "The role is changed." in ada.get("/users?done=role").text


def test_whoever_is_disabled_is_out_at_once_and_may_be_let_in_again(
    ada: Browser, ann_browser: Browser, ann: User
) -> None:
    assert ada.post(f"/users/{ann.id}/disabling").status_code == 303
    assert ann_browser.get("/jobs").status_code == 303
    assert ann_browser.sign_in("Ann").status_code == 422
    assert "Disabled" in ada.get("/users").text
    assert ada.post(f"/users/{ann.id}/link").status_code == 409
    assert ada.post(f"/users/{ann.id}/enabling").status_code == 303
    assert ann_browser.sign_in("Ann").status_code == 303
    assert ada.post(f"/users/{ann.id}/sessions/revocation").headers["location"] == "/users?done=sessions"
    assert ann_browser.get("/jobs").headers["location"].startswith("/sign-in")


def test_the_last_administrator_is_not_locked_out(ada: Browser, database: Database) -> None:
    me = user(database, "Ada").id
    for address, form in ((f"/users/{me}/disabling", {}), (f"/users/{me}/role", {"role": "viewer"})):
        answer = ada.post(address, data=form)
        assert (answer.status_code, "This is the last administrator" in answer.text) == (409, True)
    assert user(database, "Ada").role is Role.admin


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"name": ""}, 422, "Enter a name."),
        ({"name": "ADA"}, 422, "Somebody has this name already."),
        ({"name": "x" * 101}, 422, "Use at most 100 characters."),
        ({"name": "a\u200bb"}, 422, "characters that can&#39;t be seen"),
        ({"name": "Bob", "role": "king"}, 422, ""),
        ({"name": "Bob", "password": "x"}, 422, ""),
        ({"name": "<img src=x>"}, 201, "&lt;img src=x&gt;"),
    ],
)
def test_bad_entries_are_answered_beside_them(ada: Browser, form: dict[str, str], status: int, words: str) -> None:
    answer = ada.post("/users", data=form)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert "<img src=x>" not in answer.text


def test_who_is_not_there_is_not_found(ada: Browser) -> None:
    for what in ("link", "disabling", "enabling", "sessions/revocation"):
        assert ada.post(f"/users/{new_id()}/{what}").status_code == 404, what
        assert ada.get(f"/users/{UUID(int=0)}/{what}").headers["location"] == "/users"
    assert ada.post(f"/users/{new_id()}/role", data={"role": "viewer"}).status_code == 404


def test_nobody_else_may(ann_browser: Browser, ann: User) -> None:
    for what in ("", f"/{ann.id}/link", f"/{ann.id}/role", f"/{ann.id}/disabling", f"/{ann.id}/enabling"):
        assert ann_browser.post(f"/users{what}", data={"role": "admin", "name": "x"}).status_code == 403, what
