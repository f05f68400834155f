"""Every macro in every state, on one page: seen by axe, by the content security policy, wide and narrow."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page

from webapp.web.badge_view import Badge
from webapp.web.banners import Banner
from webapp.web.format import FILTERS
from webapp.web.navigation import Navigation, Place

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The sum of a job's rows."""

    received: int
    done: int = 0
    rejected: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field."""

    row: int
    column: str
    found: str
    expected: str
    fix: str


PROBLEMS = (
    Problem(7, "amount", "n/a", "a number", "Write 0 or leave the row out."),
    Problem(1_204, "date", "30.02.2026", "a date", "February has 28 days in 2026."),
    Problem(88_001, "email", "", "an address", "Fill in the address, like ada@example.org."),
)


def field(name: str, widget: str = "input", **more: object) -> dict[str, object]:
    plain = {
        "condition": None,
        "folded": "",
        "opened": False,
        "help": None,
        "error": None,
        "required": False,
        "value": "",
        "attributes": {"type": "text"},
        "pair_words": ("Name", "Value"),
        "pair_options": ((), ()),
    }
    return {"id": name, "name": name, "title": name.capitalize(), "widget": widget, **plain, **more}


def option(label: str, *, selected: bool) -> dict[str, object]:
    return {"value": label.lower(), "label": label, "selected": selected}


PLACES = [
    Place("Home", "/", 0),
    *(Place(text, f"/{text.lower()}", 0) for text in ("Jobs", "Schedules", "Activity", "Statistics", "Admin")),
]
OPTIONS = (option("Customers", selected=True), option("Suppliers", selected=False))
FIELDS = (
    field("currency", value="EUR", help="Three letters", required=True),
    field("when", attributes={"type": "datetime-local"}, help="Leave empty to start at once."),
    field("list", "select", options=OPTIONS, attributes={}),
    field("groups", "checkboxes", options=OPTIONS, attributes={}),
    field("labels", "pairs", pairs=(("team", "north"), ("", "")), attributes={}),
    field("address", "fieldset", children=(field("street"), field("city", required=True)), attributes={}),
)


def style_guide() -> str:
    folders = [ROOT / "templates", ROOT / "tests" / "web"]
    pages = Environment(loader=FileSystemLoader(folders), undefined=StrictUndefined, autoescape=True)
    pages.filters.update(FILTERS)
    page = pages.get_template("style_guide.html").render(
        user=SimpleNamespace(name="Ada Lovelace", role="admin"),
        request=SimpleNamespace(url=SimpleNamespace(path="/jobs/42")),
        version="0.1.0",
        assets="0",
        banners=lambda _request: [
            Banner("This desk was restored. It is paused.", "/admin/restored", "See what to look at")
        ],
        badge_on=lambda _request, _user: Badge(7),
        navigation=lambda _request, _user: Navigation(PLACES[:3], PLACES[3:]),
        is_here=lambda _request, place: place.url == "/jobs",
        moment=datetime.now(UTC) - timedelta(hours=3),
        rows=Rows(1_000, done=982, rejected=12, failed=6),
        all_parts=Rows(1_000, done=500, rejected=60, failed=40, skipped=50, unknown=50, waiting=300),
        nothing=Rows(0),
        all_done=Rows(1_000_000, done=1_000_000),
        problems=PROBLEMS,
        fields=FIELDS,
        causes=(("Not a number", 12, "Write digits, like 12.50"), ("Not a date", 5, None), ("Empty", 1_204, None)),
    )
    return page.replace('hx-sse:connect="/inbox/watch"', "")  # there is no desk behind it


class GuideHandler(SimpleHTTPRequestHandler):
    """Serves the guide at ``/`` and the static files, under the policy of the product."""

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(style_guide().encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(GuideHandler, directory=str(ROOT))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(color_scheme=request.param, viewport={"width": 1280, "height": 900})
    page.goto(address)
    yield page
    page.close()


def test_the_console_stays_empty_under_the_policy(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.reload(wait_until="networkidle")
    assert said == []


def test_htmx_runs_with_its_stream_extension_only(page: Page) -> None:
    assert page.evaluate("[htmx.version, htmx.config.extensions]") == ["4.0.1", "sse"]
    assert page.evaluate("document.adoptedStyleSheets.length") == 0


def test_nothing_is_wider_than_the_window(page: Page) -> None:
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_skip_link_leads_to_the_content(page: Page) -> None:
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_refused_form_begins_at_its_list_of_errors(page: Page) -> None:
    assert page.evaluate("document.activeElement.matches('.errors')")


def test_escape_closes_a_question_and_returns_to_its_button(page: Page) -> None:
    page.locator(".confirm > summary").click()
    page.get_by_role("button", name="Cancel the job").focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('.confirm').open") is False
    assert page.evaluate("document.activeElement.matches('.confirm > summary')")


def test_a_file_dropped_anywhere_in_the_zone_lands_in_the_input(page: Page) -> None:
    zone = page.locator(".drop").first
    zone.scroll_into_view_if_needed()
    box = zone.bounding_box()
    assert box is not None
    for left, top in ((0.05, 0.1), (0.5, 0.5), (0.95, 0.9)):
        point = [box["x"] + box["width"] * left, box["y"] + box["height"] * top]
        assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).id", point) == "file"


def test_a_copied_reason_says_so(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "The address ada@example has no domain."


def test_a_live_update_leaves_an_opened_question_open(page: Page) -> None:
    page.locator(".confirm > summary").click()
    page.evaluate("""() => {
        const head = document.querySelector(".page-head");
        const text = head.innerHTML.replace(' open=""', "").replace("customers", "suppliers");
        return htmx.swap({ target: head, sourceElement: head, text, swap: "innerMorph" });
    }""")
    assert page.locator("h1").inner_text() == "suppliers-november.csv"
    assert page.evaluate("document.querySelector('.confirm').open") is True


def test_a_live_update_tells_the_tab_how_far_it_is(page: Page) -> None:
    page.evaluate("""() => {
        const target = document.querySelector(".lead");
        target.id = "live";
        const text = '<span data-title="25 % of customers">25 %</span>';
        return htmx.swap({ target, sourceElement: target, text, swap: "innerHTML" });
    }""")
    assert page.title() == "25 % of customers · Batchdesk"


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_to_mend(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
