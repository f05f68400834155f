"""The list of jobs: what it shows of each, and how one finds one again."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, Role, State, User


@pytest.fixture
def listed(database: Database, ann: User) -> None:
    """Three jobs of Ann's."""
    common: dict[str, Any] = {"owner_id": ann.id, "job_type": "load_table", "queued_at": now()}
    with database.write() as session:
        session.add(Job(number=1, state=State.queued, priority=10, params={"table": "Kühe_100%"}, **common))
        session.add(Job(number=2, state=State.completed, priority=10, file_name="sheep.csv", **common))
        session.add(Job(number=3, state=State.queued, **common))


def numbers(browser: Browser, text: str) -> set[int]:
    """The jobs that are found."""
    return set(map(int, re.findall(r"job (\d+)</small>", browser.get("/jobs", params={"q": text}).text)))


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("text", "found"),
    [("kühe", {1}), ("100%", {1}), ("0%_", set()), ("sheep", {2}), ("job 3", {3}), ("ann", {1, 2, 3}), ("bob", set())],
)
def test_a_job_is_found_by_its_file_an_entry_its_owner_or_its_number(
    ann_browser: Browser, text: str, found: set[int]
) -> None:
    assert numbers(ann_browser, text) == found


@pytest.mark.usefixtures("listed")
def test_an_administrator_finds_the_jobs_of_somebody(app: FastAPI, database: Database) -> None:
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser = Browser(app)
    browser.sign_in("Ada")
    assert numbers(browser, "Ann") == {1, 2, 3}
    assert numbers(browser, "Ada") == set()


@pytest.mark.usefixtures("listed")
def test_the_priority_is_shown_where_it_makes_a_difference(ann_browser: Browser) -> None:
    assert ann_browser.get("/jobs").text.count("High priority") == 1


@pytest.mark.parametrize("page", ["/jobs", "/activity", "/statistics"])
def test_kinds_of_jobs_stand_in_the_order_of_their_names(page: str, app: FastAPI, database: Database) -> None:
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser = Browser(app)
    browser.sign_in("Ada")
    offered = re.findall(r"<option value=\"[a-z_]+\"[^>]*>([^<]+)</option>", browser.get(page).text)
    titles = {job_type.title for job_type in app.state.desk.registry.values()}
    assert [title for title in offered if title in titles] == sorted(titles, key=str.casefold)
    assert "Clean a CSV" in offered
