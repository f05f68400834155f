"""A real browser, whose console must stay empty."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.running import PASSWORD, RunningDesk
from webapp.store.tables import Role

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def installed_chromium() -> str | None:
    """The path of a Chromium on this machine; None to let Playwright use its own."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each test has pages of its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, running: RunningDesk) -> Iterator[OpenPage]:
    """Opens pages of the running desk, each in a browser of its own without cookies.

    At the end, nothing may have been written to the console of any page.
    """
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_one(*, javascript: bool = True, width: int = 1280, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=running.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.set_default_timeout(20_000)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == [], "the console must stay empty"


@pytest.fixture
def operator(running: RunningDesk, open_page: OpenPage) -> Page:
    """The page of an operator who has signed in."""
    running.add_user("Olga", Role.operator)
    page = open_page()
    sign_in(page, "Olga")
    return page


def sign_in(page: Page, name: str) -> None:
    """Sign in as a person would."""
    page.goto("/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
