"""Text that would like to be more than text, wherever users' text is shown: it stays text, and does nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import Person

NASTY = (
    "<script>document.title = 'owned'</script>",
    '"><img src=/evil onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "</script><!--",
    "<b hx-get='/evil' hx-trigger='load'>x</b>",
    "<i data-hx-get='/evil' hx-on::load='alert(1)'>x</i>",
    "x\n\nevent: done\nid: 7\ndata: gone\n\n",
    "y\r\revent: done\rdata: gone\r\r",
)
NAME = "<img src=x onerror=alert(1)>{{ 7 * 7 }}.csv"
ALIVE = "[src='x'], [src='/evil'], [hx-get='/evil'], [data-hx-get], [hx-on\\:\\:load], main script"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One header, one cell of each row, and the name of the file are nasty."""
    header = ["id", "name", *NASTY[:6]]
    rows = [[nasty] * len(header) for nasty in NASTY] + [[str(number)] * len(header) for number in range(200)]
    return write_table(tmp_path / NAME, header, rows)


@pytest.fixture
def watched(open_page: OpenPage, olga: Person) -> Iterator[Page]:
    """A page on which nothing may be asked for that only nasty text asks for, and nothing may pop up."""
    page = open_page(olga)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"evil: {dialog.message}"))
    yield page
    assert [url for url in asked if "evil" in url and "q=" not in url] == []


def look(page: Page) -> None:
    """Nothing of it has become a part of the page."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for folded in page.locator("main details").all():
        folded.evaluate("details => { details.open = true }")
    expect(page.locator(ALIVE)).to_have_count(0)
    assert "owned" not in page.title()
    assert "49" not in page.locator("h1, .job-head, nav").all_inner_texts()[0]


def test_a_file_full_of_it_is_looked_at_run_and_listed_as_text(watched: Page, olga: Person, file: Path) -> None:
    page = watched
    page.goto("/jobs/new/write_letters")
    page.get_by_label("Choose a file").set_input_files(file)
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    expect(page.locator("#live")).to_contain_text("8 can’t.")
    look(page)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".hero .badge")).to_have_text("Running")
    page.evaluate("window.here = true")
    expect(page.locator(".headline")).to_have_text("200 of 208 rows done. 8 need you.", timeout=60_000)
    assert page.evaluate("window.here"), "the stream went on to its end, whatever it carried"
    expect(page.locator("#live")).to_contain_text("<script>document.title = 'owned'</script>")
    job = page.url.removeprefix(olga.desk.url)
    look(page)
    for address in (f"{job}/problems", f"{job}/receipt", "/", "/jobs", f"/jobs?q={NASTY[1]}", f"{job}?done={NASTY[0]}"):
        page.goto(address)
        look(page)
    page.goto("/jobs")
    expect(page.get_by_role("main")).to_contain_text(NAME)


def test_what_is_typed_stays_text_in_the_form_the_log_and_the_schedule(watched: Page) -> None:
    page = watched
    for nasty in NASTY[:6]:
        page.goto("/jobs/new/send_reminder")
        page.get_by_label(re.compile(r"^To\b")).evaluate("(input, text) => { input.value = text }", nasty[:40])
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.locator(".log")).to_contain_text(f"reminder 3 to {nasty[:40].strip()}", timeout=60_000)
        look(page)
    page.goto("/schedules/new/send_reminder")
    page.get_by_label(re.compile(r"^To\b")).fill("Ben")
    page.get_by_label("Name", exact=True).fill(NASTY[4])
    page.get_by_role("button", name="Make the schedule").click()
    page.wait_for_url(re.compile(r"/schedules/[0-9a-f-]{36}"))
    look(page)
    page.goto("/schedules")
    expect(page.get_by_role("main")).to_contain_text(NASTY[4])
    look(page)
