"""A form with every kind of field: filled in as people do, refused beside the fields, and nothing typed is lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
TEXTS = {
    "Name of the boat": "Grace & Zoë",
    "Metres": "9",
    "Price": "12500.50",
    "Launch": "2026-05-01",
    "Call me at": "2026-04-30T14:30",
    "Mail address": "olga@example.org",
    "Street": "3 Harbour Wall",
    "Floor": "2",
    "Crew": "Ann\nBen",
    "Wishes": "no rats\nno rain",
    "Nickname": "Gracie",
}
BAD = {
    "Metres": ("30", "Metres must be at most 20."),
    "Price": ("0", "Price must be more than 0."),
    "Mail address": ("olga", "Mail address is not an e-mail address"),
}
SECRET = "three-two-one"


def field(page: Page, title: str) -> Locator:
    """The one with this title, whether it needs an answer or not."""
    return page.get_by_label(re.compile(rf"^{title}( \*)?$"))


def fill_in(page: Page) -> None:
    for title, value in TEXTS.items():
        field(page, title).fill(value)
    field(page, "Code of the lock").fill(SECRET)
    field(page, "Colour").select_option("Dark blue")
    field(page, "Sail").select_option("lateen")
    page.get_by_label("Name 1").fill("sails")
    page.get_by_label("Value 1").fill("tan")
    for title in ("oars", "lamp", "Insured"):
        page.get_by_label(title, exact=True).check()


def is_filled_in(page: Page, but: dict[str, str]) -> None:
    for title, value in {**TEXTS, **but}.items():
        expect(field(page, title)).to_have_value(value)
    expect(field(page, "Colour")).to_have_value("blue")
    expect(field(page, "Sail")).to_have_value("lateen")
    expect(page.get_by_label("Value 1")).to_have_value("tan")
    for title, ticked in {"oars": True, "anchor": False, "lamp": True, "Insured": True}.items():
        expect(page.get_by_label(title, exact=True)).to_be_checked(checked=ticked)


@both
def test_every_kind_is_refused_beside_its_field_then_taken_and_reaches_the_function(
    open_page: OpenPage, olga: Person, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript, expects=["422"])
    page.goto("/jobs/new/order_boat")
    fill_in(page)
    page.locator("form[action='/jobs']").evaluate("form => { form.noValidate = true }")  # as a browser that checks less
    for title, (wrong, _) in BAD.items():
        field(page, title).fill(wrong)
    page.get_by_role("button", name="Start", exact=True).click()
    summary = page.get_by_role("alert").first
    expect(summary).to_contain_text("3 things need changing")
    for title, (_, sentence) in BAD.items():
        expect(summary.get_by_role("listitem").filter(has_text=title)).to_have_text(re.compile(f"^{sentence}"))
        beside = field(page, title)
        expect(beside).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{beside.get_attribute('id')}-error".replace(".", r"\."))).to_contain_text(sentence)
    is_filled_in(page, {title: wrong for title, (wrong, _) in BAD.items()})
    for title in BAD:
        field(page, title).fill(TEXTS[title])
    expect(field(page, "Code of the lock")).to_have_value("")  # a secret is never sent back
    field(page, "Code of the lock").fill(SECRET)
    page.get_by_role("button", name="Start", exact=True).click()
    log = page.locator(".log")
    expect(log).to_contain_text("int Decimal date datetime Colour tuple tuple bool Address")
    expect(log).to_contain_text("Grace & Zoë, 9 m, 12500.50, 01 May, 14:30, olga@example.org, DARK_BLUE, lateen")
    expect(log).to_contain_text("oars+lamp Ann+Ben {'sails': 'tan'} True 'no rats\\nno rain'")
    expect(log).to_contain_text("Gracie, 3 Harbour Wall, floor 2")
    expect(log).to_contain_text("a code of 13 characters")
    assert SECRET not in page.content()


def test_nothing_is_queued_before_all_of_it_is_right(open_page: OpenPage, olga: Person) -> None:
    program = olga.desk.program("shipwright")
    wrong: dict[str, Any] = {
        "name": "Grace",
        "length": "many",
        "price": "0",
        "address": {"floor": "up"},
        "sail": "spinnaker",
    }
    refused = program.try_submit("order_boat", **wrong)
    assert refused.status_code == 422
    told = {problem["field"] for problem in refused.json()["problems"]}
    assert {"length", "price", "launch", "call_at", "mail", "code", "address.street", "address.floor", "sail"} == told
    page = open_page(olga)
    page.goto("/jobs?type=order_boat&q=shipwright")
    expect(page.get_by_role("row").filter(has_text="shipwright")).to_have_count(0)
