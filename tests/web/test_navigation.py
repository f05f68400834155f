"""The way around: who is shown what, and what is folded away."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request

from tests.web.conftest import Browser
from webapp.accounts import add_user
from webapp.store.database import Database
from webapp.store.tables import Role, User
from webapp.web.navigation import Place, is_here, navigation

JOBS = Place("Jobs", "/jobs", 1)
NOTES = Place("Notes", "/notes", 2, folded=True)
PEOPLE = Place("People", "/people", 3, least=Role.admin, folded=True)


def at(path: str, *places: Place) -> Request:
    app = SimpleNamespace(state=SimpleNamespace(places=places))
    return Request({"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "app": app})


def user(role: Role) -> User:
    return User(name="Ann", role=role)


def test_everybody_sees_what_is_for_them() -> None:
    request = at("/", JOBS, NOTES, PEOPLE)
    assert navigation(request, user(Role.admin)).more == [NOTES, PEOPLE]
    assert navigation(request, user(Role.admin)).bar == [JOBS]


def test_a_menu_of_one_link_is_a_link() -> None:
    shown = navigation(at("/", JOBS, NOTES, PEOPLE), user(Role.operator))
    assert shown.bar == [JOBS, NOTES]
    assert shown.more == ()


@pytest.mark.parametrize(
    ("path", "here"), [("/jobs", True), ("/jobs/7", True), ("/jobsearch", False), ("/job-types", False), ("/", False)]
)
def test_a_place_is_where_its_pages_are(path: str, *, here: bool) -> None:
    assert is_here(at(path), JOBS) is here


def test_home_is_no_other_page() -> None:
    home = Place("Home", "/", 0)
    assert is_here(at("/"), home)
    assert not is_here(at("/jobs"), home)


def test_every_place_is_open_to_whom_it_is_shown(app: FastAPI, database: Database, browser: Browser) -> None:
    for role in Role:
        add_user(database, role, role, "seven small boats")
        browser.sign_in(role, "seven small boats")
        shown = navigation(at("/", *app.state.places), user(role))
        for place in (*shown.bar, *shown.more):
            answer = browser.get(place.url)
            assert answer.status_code == 200, f"{role} at {place.url}"
            assert f'href="{place.url}" aria-current="page"' in answer.text
