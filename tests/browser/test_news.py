"""People hear of what happened without asking: a number that moves, messages, and notifications of the browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CONTACTS, OpenPage
from tests.browser.people import Person, reload_until
from tests.running import RunningDesk

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture
def olga(own_desk: RunningDesk) -> Person:
    return Person(own_desk, "Olga")


@pytest.fixture
def ada(own_desk: RunningDesk) -> Person:
    return Person(own_desk, "Ada")


def bell(page: Page) -> str:
    """What a screen reader says of the link to the inbox."""
    return page.locator("#badge a").inner_text()


def test_the_number_moves_while_somebody_looks_elsewhere(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/schedules")
    expect(page.locator("#badge .unread")).to_have_count(0)
    job = olga.run("import_contacts", CONTACTS)
    expect(page.locator("#badge .unread")).to_have_text("1 unread")
    page.get_by_role("link", name="Inbox").click()
    heading = page.get_by_role("heading", name="contacts.csv")
    expect(heading).to_have_text(re.compile(r"New: Job \d+, contacts\.csv: 982 of 1,000 rows done\. 18 need you\."))
    expect(page.locator(".letter .said")).to_contain_text("and mend them: it says how they come back")
    page.get_by_role("button", name="Open the job").click()
    page.wait_for_url(f"**{job}")
    expect(page.locator("#badge .unread")).to_have_count(0)


def test_a_job_that_was_looked_at_is_no_news_any_more(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/schedules")
    job = olga.run("import_contacts", CONTACTS)
    expect(page.locator("#badge .unread")).to_have_text("1 unread")
    page.goto(job)
    expect(page.locator("#badge .unread")).to_have_count(0)


def test_news_leave_the_title_of_a_page_alone(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/schedules")
    olga.run("import_contacts", CONTACTS)
    expect(page.locator("#badge .unread")).to_have_text("1 unread")
    expect(page).to_have_title("Schedules · Batchdesk")
    page.goto("/account")
    page.wait_for_timeout(1500)
    expect(page).to_have_title("Your account · Batchdesk")


@both
def test_an_administrator_tells_two_people_something(
    open_page: OpenPage, own_desk: RunningDesk, ada: Person, olga: Person, *, javascript: bool
) -> None:
    paul = Person(own_desk, "Paul")
    readers = [open_page(who, javascript=javascript) for who in (olga, paul)]
    for reader in readers:
        reader.goto("/jobs")
    page = open_page(ada, javascript=javascript)
    page.goto("/jobs/new/broadcast")
    page.get_by_label("Title").fill("Closed on Friday")
    page.get_by_label("Text").fill("We count the stock.")
    page.get_by_label("To", exact=False).first.select_option("people")
    page.get_by_label("People", exact=False).last.fill("Olga\nPaul")
    page.get_by_label("Link").fill("/schedules")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 2 rows done.")
    for reader in readers:
        if not javascript:
            reader.reload()
        expect(reader.locator("#badge .unread")).to_have_text("1 unread")
        reader.goto("/inbox")
        expect(reader.locator(".letter")).to_contain_text("Closed on Friday")
        expect(reader.locator(".letter")).to_contain_text("Ada")
        reader.get_by_role("button", name="Open the page").click()
        reader.wait_for_url("**/schedules")
        expect(reader.locator("#badge .unread")).to_have_count(0)


def test_a_browser_that_may_shows_it_itself(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/notifications")
    expect(page.locator("[data-popups-said]")).to_contain_text("none yet")
    page.context.grant_permissions(["notifications"], origin=olga.desk.url)
    page.add_init_script(
        "window.told = []; const Real = Notification;"
        "window.Notification = class extends Real { constructor(title, more) { super(title, more);"
        " told.push([title, more.body]); } static get permission() { return Real.permission } }"
    )
    page.reload()
    expect(page.locator("[data-popups-said]")).to_contain_text("This browser shows them")
    olga.run("import_contacts", CONTACTS)
    expect(page.locator("#badge .unread")).to_have_text("1 unread")
    ((title, text),) = page.evaluate("told")
    assert re.fullmatch(r"Job \d+, contacts\.csv: 982 of 1,000 rows done\. 18 need you\.", title)
    assert "it says how they come back" in text
    page.reload()
    page.wait_for_timeout(1000)
    assert page.evaluate("told") == [], "once is enough"


@both
def test_what_is_chosen_holds_and_wrong_addresses_are_said(
    open_page: OpenPage, olga: Person, tmp_path: Path, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript, expects=["422"])
    page.goto("/jobs")
    page.locator(".menu.own summary").click()
    page.get_by_role("link", name="Notifications").click()
    page.get_by_label("A job of mine ended well: Inbox").uncheck()
    page.get_by_label("A job of mine ended well: Browser").uncheck()
    page.get_by_label("A job of mine failed: Webhook").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("To call a webhook, say which.")
    expect(page.get_by_label("A job of mine ended well: Inbox")).not_to_be_checked()
    page.get_by_label("Webhook", exact=True).fill("https://127.0.0.1/hook")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#secret")).to_have_text(re.compile(r"whsec_\S{40,}"))
    page.get_by_role("button", name="Send a test").click()
    sent = page.locator("#sent .badge").first
    reload_until(page, lambda: sent.inner_text() == "Failed")
    expect(page.locator("#sent")).to_contain_text("127.0.0.1")
    good = tmp_path / "good.csv"
    good.write_text("".join(CONTACTS.read_text("utf-8").splitlines(keepends=True)[:4]))
    olga.run("import_contacts", good)
    page.wait_for_timeout(3000)
    page.goto("/inbox")
    expect(page.locator(".letter")).to_have_count(0)
