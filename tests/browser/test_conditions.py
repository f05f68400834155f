"""Fields that are asked only if others have a value, as an operator meets them."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person


def test_a_field_comes_and_goes_with_what_it_depends_on(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/jobs/new/send_parcel")
    address, insured, worth = (page.get_by_label(label) for label in ("Mail address", "Insured", "What it is worth"))
    expect(address).to_be_hidden()
    expect(insured).to_be_visible()
    expect(page.get_by_text("Only asked if")).to_have_count(3)
    assert not any(words.is_visible() for words in page.get_by_text("Only asked if").all())
    expect(worth).to_be_hidden()
    insured.check()
    expect(worth).to_be_visible()
    worth.fill("0")
    page.get_by_label("How it is sent").select_option("By mail")
    expect(address).to_be_visible()
    expect(insured).to_be_hidden()
    expect(worth).to_be_hidden()
    address.fill("olga@example.org")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".log")).to_contain_text("mail, olga@example.org, False, 50", timeout=60_000)
    page.get_by_text("About this job").click()
    expect(page.locator("body")).not_to_contain_text("What it is worth")


def test_what_is_refused_comes_back_with_the_same_fields_shown(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga, expects=["422"])
    page.goto("/jobs/new/send_parcel")
    page.get_by_label("Insured").check()
    worth = page.get_by_label("What it is worth")
    worth.evaluate("(input) => input.removeAttribute('min')")
    worth.fill("0")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("What it is worth")
    expect(worth).to_be_visible()
    expect(worth).to_have_value("0")
    expect(page.get_by_label("Mail address")).to_be_hidden()


def test_without_javascript_all_are_there_with_a_sentence(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga, javascript=False)
    page.goto("/jobs/new/send_parcel")
    expect(page.get_by_text("Only asked if “How it is sent” is “By mail”.")).to_be_visible()
    expect(page.get_by_text("Only asked if “Insured” is ticked.")).to_be_visible()
    page.get_by_label("Mail address").fill("olga@example.org")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".log")).to_contain_text("post, nowhere, False, 50", timeout=60_000)
