"""Every page in light and dark, wide and narrow: nothing to mend for axe, nothing to scroll sideways."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.sync_api import Page, expect

from tests.browser.conftest import CONTACTS, OpenPage, write_table
from tests.browser.people import Person
from tests.running import RunningDesk

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def pages(olga: Person, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of every page, with a job in every state that lasts."""
    folder = tmp_path_factory.mktemp("files")
    rows = ([number, f"Name {number}"] for number in range(1, 401))
    stock = write_table(folder / "stock.csv", ["id", "name"], rows)
    wide = write_table(folder / "wide.csv", [f"a rather long name {n}" for n in range(200)], iter([list(range(200))]))
    parcels = write_table(
        folder / "parcels.csv", ["id", "trouble"], ([n, "yes" if n < 4 else ""] for n in range(1, 21))
    )
    lacking = write_table(folder / "lacking.csv", ["id", "name", "nickname"], iter([[1, "Ann", "A"]]))
    return {
        "home": "/",
        "list": "/jobs",
        "tab": "/jobs?tab=attention",
        "nothing found": "/jobs?q=nothing-like-this",
        "new, with a file": "/jobs/new/import_contacts",
        "new, without": "/jobs/new/send_reminder",
        "ready": olga.hand_in("import_contacts", CONTACTS),
        "ready, with a form": olga.hand_in("clean_csv", CONTACTS),
        "ready, wide": olga.hand_in("load_table", wide),
        "draft": olga.hand_in("import_contacts", lacking),
        "cancelled": olga.cancel(olga.hand_in("import_contacts", CONTACTS)),
        "completed": olga.run("clean_csv", stock),
        "completed with errors": (imported := olga.run("import_contacts", CONTACTS)),
        "problems": f"{imported}/problems",
        "failed": olga.run("count_stock", stock),
        "first rows": olga.start(olga.hand_in("weigh_parcels", parcels), {"first_rows": "10"}),
        "scheduled": olga.start(olga.hand_in("weigh_parcels", parcels), {"run_at": f"{tomorrow():%Y-%m-%dT%H:%M}"}),
        "unknown": (sent := olga.run("send_parcels", parcels, outbox=str(folder / "outbox"))),
        "unknown rows": f"{sent}/unknown",
        "without rows": olga.run("send_reminder", to="Cleo"),
        "account": "/account",
        "help": "/help",
    }


PLACES = (
    *("home", "list", "tab", "nothing found", "new, with a file", "new, without", "ready", "ready, with a form"),
    *("ready, wide", "draft", "cancelled", "completed", "completed with errors", "problems", "failed"),
    *("first rows", "scheduled", "unknown", "unknown rows", "without rows", "account", "help"),
)


ENDS = {
    **dict.fromkeys(("completed", "completed with errors", "failed", "without rows"), "Completed|Failed"),
    "first rows": "Paused",
    "scheduled": "Scheduled",
    "unknown": "Needs attention",
}


def tomorrow() -> datetime:
    """At this time of the day."""
    return datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize("place", PLACES)
def test_a_page_of_an_operator(open_page: OpenPage, olga: Person, pages: dict[str, str], place: str) -> None:
    page = open_page(olga)
    page.goto(pages[place])
    if place in ENDS:
        expect(page.locator(".hero .badge").first).to_have_text(re.compile(ENDS[place]))
    if place == "unknown rows":
        expect(page.locator("h1")).to_have_text("3 unknown rows")  # the page of the job was looked at before
    for details in page.locator("main details").all():
        details.evaluate("details => { details.open = true }")
    look(page)


@pytest.mark.parametrize("place", ["/sign-in", "/welcome?link=made-up", "/help", "/jobs/nothing"])
def test_a_page_for_strangers(open_page: OpenPage, place: str) -> None:
    page = open_page(expects=["status of 4"])
    page.goto(place)
    look(page)


@pytest.mark.parametrize("place", ["/", "/jobs", "/admin"])
def test_a_page_of_an_administrator(open_page: OpenPage, ada: Person, place: str) -> None:
    page = open_page(ada)
    page.goto(place)
    look(page)


def test_the_welcome_page(open_page: OpenPage, desk: RunningDesk) -> None:
    page = open_page()
    assert desk.link is not None
    page.goto(desk.link)
    look(page)


def test_a_desk_without_jobs(own_desk: RunningDesk, open_page: OpenPage) -> None:
    page = open_page(Person(own_desk, "Paul"))
    for address, words in (("/", "Nothing here yet"), ("/jobs", "No jobs yet")):
        page.goto(address)
        page.get_by_text(words).wait_for()
        look(page)


def look(page: Page) -> None:
    """At every width that people have, in both colours."""
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width, f"{page.url} at {width}"
    for dark, width in ((False, 1280), (True, 390)):
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")  # colours stand still
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


@pytest.mark.parametrize(("width", "highest"), [(1280, 120), (390, 90)])
def test_the_start_is_in_sight_from_the_beginning_however_much_is_wrong(
    open_page: OpenPage, olga: Person, width: int, highest: int
) -> None:
    page = open_page(olga, width=width)
    page.goto(olga.hand_in("import_contacts", CONTACTS))
    expect(page.locator("#live")).to_contain_text("18 can’t.")
    bar = page.locator("#start .start-bar")
    expect(bar.get_by_role("button", name="Start", exact=True)).to_be_in_viewport()
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] <= highest
    assert page.evaluate("document.documentElement.scrollWidth") <= width
