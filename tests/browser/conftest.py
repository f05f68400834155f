"""A real browser, whose console must stay empty, at a real desk."""

import csv
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.people import COOKIE, Person
from tests.mail_server import MailSink
from tests.running import ROOT, RunningDesk
from webapp.store.tables import Role

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
CONTACTS = ROOT / "examples" / "contacts.csv"
OpenPage = Callable[..., Page]
OPEN = pytest.StashKey[list[BrowserContext]]()
PATIENCE_MS = 20_000  # for a machine that has much else to do

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Close all pages before any desk is stopped: each of them watches its desk for as long as it is open."""
    contexts = item.stash.get(OPEN, [])
    while contexts:
        contexts.pop().close()


def installed_chromium() -> str | None:
    """The path of a Chromium on this machine; None to let Playwright use its own."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this folder; each test has pages of its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def job_types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's job types, and those of these tests beside them."""
    folder = tmp_path_factory.mktemp("types") / "examples"
    shutil.copytree(ROOT / "examples", folder)
    shutil.copytree(Path(__file__).parent / "job_types", folder / "job_types", dirs_exist_ok=True)
    return folder / "job_types"


def open_desk(data: Path, job_types: Path, **settings: str) -> RunningDesk:
    """A desk at which Olga and Paul work and Ada looks after things."""
    desk = RunningDesk(data, job_types=str(job_types), lease_seconds="2", **settings).start()
    desk.add_user("Olga", Role.operator)
    desk.add_user("Paul", Role.operator)
    desk.add_user("Ada", Role.admin)
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, job_types: Path) -> Iterator[RunningDesk]:
    """The desk that most tests share: they see each other's jobs, as people do."""
    desk = open_desk(tmp_path_factory.mktemp("desk"), job_types)
    yield desk
    desk.kill_quietly()


@pytest.fixture
def own_desk(tmp_path: Path, job_types: Path) -> Iterator[RunningDesk]:
    """A desk of the test's own, which it may kill."""
    desk = open_desk(tmp_path / "data", job_types)
    yield desk
    desk.kill_quietly()


@pytest.fixture
def mail_desk(tmp_path: Path, job_types: Path, sink: MailSink) -> Iterator[RunningDesk]:
    """A desk of the test's own that sends mails."""
    desk = open_desk(tmp_path / "data", job_types, mail_server=sink.address, mail_from="Desk <desk@example.org>")
    yield desk
    desk.kill_quietly()


@pytest.fixture(scope="module")
def olga(desk: RunningDesk) -> Person:
    return Person(desk, "Olga")


@pytest.fixture(scope="module")
def ada(desk: RunningDesk) -> Person:
    return Person(desk, "Ada")


@pytest.fixture(scope="module")
def paul(desk: RunningDesk) -> Person:
    return Person(desk, "Paul")


def write_table(path: Path, header: list[str], rows: Iterable[Sequence[object]]) -> Path:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes some seconds to work through."""
    rows = ([number, f"Name {number}"] for number in range(1, 301))
    return write_table(tmp_path_factory.mktemp("files") / "letters.csv", ["id", "name"], rows)


@pytest.fixture(scope="module")
def many_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred thousand rows, of which a hundred have a word where there should be a number."""
    rows = ([number, "many" if number % 1000 == 7 else number * 3, f"Note {number}"] for number in range(1, 100_001))
    return write_table(tmp_path_factory.mktemp("files") / "orders.csv", ["id", "quantity", "note"], rows)


@pytest.fixture
def open_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[OpenPage]:
    """Opens pages, each in a browser of its own, for somebody who is signed in or for a stranger.

    At the end, nothing may have been written to the console of any page, but for what the test `expects` in it.
    """
    contexts = request.node.stash.setdefault(OPEN, list[BrowserContext]())
    said: list[str] = []

    def open_one(  # noqa: PLR0913 (each is a thing that people's browsers differ in)
        who: Person | None = None,
        *,
        at: RunningDesk | None = None,
        javascript: bool = True,
        width: int = 1280,
        dark: bool = False,
        expects: Sequence[str] = (),
    ) -> Page:
        context = browser.new_context(
            base_url=(who.desk if who else at or request.getfixturevalue("desk")).url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        if who:
            context.add_cookies([{"name": COOKIE, "value": who.cookie, "url": who.desk.url}])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        listen(page, said, expects)
        return page

    yield open_one
    assert said == [], "the console must stay empty"


def listen(page: Page, said: list[str], expects: Sequence[str]) -> None:
    """Gather what is written to the console of a page."""

    def hear(message: ConsoleMessage) -> None:
        if not any(words in message.text for words in expects):
            said.append(f"{message.type}: {message.text} ({page.url})")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(f"error: {error} ({page.url})"))
