"""In and out, in a browser: the first link, a wrong password, what each role finds, and what a stranger does not."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person, sign_in
from tests.running import PASSWORD, RunningDesk
from webapp.store.tables import Role

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@both
def test_a_stranger_signs_in_and_is_where_they_wanted_to_go(
    open_page: OpenPage, desk: RunningDesk, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript, at=desk, expects=["status of 422"])
    page.goto("/jobs/new/send_reminder")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.get_by_label("Name").fill("Olga")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is not right.")
    expect(page.get_by_label("Name")).to_have_value("Olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send a reminder")
    page.locator(".menu.own > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/jobs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_first_link_makes_the_administrator_and_works_once(own_desk: RunningDesk, open_page: OpenPage) -> None:
    assert own_desk.link is not None
    page = open_page(at=own_desk)
    page.goto(own_desk.link)
    page.get_by_label("Name").fill("Grace")
    page.get_by_label(re.compile("Password|password")).first.fill(PASSWORD)
    page.get_by_role("button").last.click()
    page.get_by_role("navigation").get_by_text("More").click()
    page.get_by_role("link", name="Users", exact=True).click()
    expect(page.get_by_label("Role of Grace", exact=True)).to_have_value("admin")
    again = open_page(at=own_desk, expects=["status of 4"])
    again.goto(own_desk.link)
    expect(again.get_by_role("main")).to_contain_text("link")
    expect(again.get_by_role("link", name="Admin", exact=True)).to_have_count(0)


def test_each_role_finds_what_is_theirs_to_do(open_page: OpenPage, desk: RunningDesk, olga: Person) -> None:
    desk.add_user("Vera", Role.viewer)
    job = olga.run("send_reminder", to="Mia")
    vera = open_page(at=desk, expects=["status of 403", "status of 404"])
    sign_in(vera, "Vera")
    vera.goto("/jobs/new/send_reminder")
    expect(vera.get_by_role("alert")).to_contain_text("You may not do this")
    vera.goto(job)
    expect(vera.get_by_role("alert")).to_contain_text("Nothing here")
    vera.goto("/admin")
    expect(vera.get_by_role("alert")).to_contain_text("You may not do this")
    operator = open_page(olga, expects=["status of 403"])
    operator.goto("/")
    expect(operator.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
    operator.goto("/admin")
    expect(operator.get_by_role("alert")).to_contain_text("You may not do this")


@pytest.mark.parametrize("path", ["/jobs", "/uploads", "/schedules"])
def test_what_is_sent_without_a_session_does_nothing(desk: RunningDesk, olga: Person, path: str) -> None:
    jobs = {"Cookie": f"batchdesk={olga.cookie}", "Accept": "text/html"}
    before = httpx.get(f"{desk.url}/jobs", headers=jobs).text.count('href="/jobs/0')
    answer = httpx.post(f"{desk.url}{path}", data={"job_type": "send_reminder", "params.to": "a stranger"})
    assert answer.status_code in {303, 401, 403}
    assert httpx.get(f"{desk.url}/jobs", headers=jobs).text.count('href="/jobs/0') == before
    programs = httpx.post(f"{desk.url}/api/v1/jobs", files={"job_type": (None, "send_reminder")})
    assert programs.status_code == 401
