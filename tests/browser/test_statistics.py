"""What an administrator looks at after a week: what jobs came to, and who may sign in."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import CONTACTS, OpenPage
from tests.browser.people import Person
from tests.running import PASSWORD, RunningDesk


def test_an_operator_reads_what_their_jobs_came_to(open_page: OpenPage, olga: Person) -> None:
    job = olga.run("import_contacts", CONTACTS)
    page = open_page(olga)
    page.goto(job)
    expect(page.locator(".hero .badge")).to_have_text("Completed with errors")
    page.goto("/statistics")
    expect(page.get_by_role("img", name="Rows by what became of them")).to_be_visible()
    page.get_by_text("Rows by what became of them, as figures").click()
    expect(page.get_by_role("region", name="Rows by what became of them, as figures")).to_contain_text("982")
    page.get_by_role("link", name="Last 7 days").click()
    expect(page).to_have_url(re.compile("from=.*to="))
    page.get_by_label("Kind of job").select_option("import_contacts")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name=re.compile("Import contacts"))).to_contain_text("1,000")
    expect(page.locator("select[name=person]")).to_have_count(0)


def test_an_administrator_lets_somebody_in_and_out_again(open_page: OpenPage, ada: Person, desk: RunningDesk) -> None:
    page = open_page(ada)
    page.goto("/users")
    page.get_by_label("Name").fill("Ines")
    page.get_by_role("button", name="Add and make a sign-in link").click()
    link = page.locator("#link").inner_text()
    guest = open_page(at=desk, expects=["status of 422"])
    guest.goto(link[link.index("/welcome") :])
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button").last.click()
    expect(guest.get_by_role("navigation", name="Main")).to_be_visible()
    page.goto("/users")
    line = page.get_by_role("row", name=re.compile("^Ines"))
    line.get_by_text("Disable", exact=True).click()
    line.get_by_role("button", name="Disable the account").click()
    expect(page.locator("#notices")).to_contain_text("The account is disabled")
    guest.goto("/jobs")
    expect(guest).to_have_url(re.compile("/sign-in"))
