"""Take the README's picture, `docs/screenshot.png`, of a real desk with the example: `python -m scripts.screenshot`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ViewportSize, expect, sync_playwright

from tests.browser.conftest import CONTACTS, FLAGS, installed_chromium
from tests.browser.people import COOKIE, Person
from tests.running import ROOT, RunningDesk

PICTURE = ROOT / "docs" / "screenshot.png"
WINDOW: ViewportSize = {"width": 1280, "height": 800}


def main() -> None:
    """Run the example at a desk of its own, and take the picture of its job's page."""
    with TemporaryDirectory() as folder:
        desk = RunningDesk(Path(folder), job_types=str(ROOT / "examples" / "job_types")).start()
        try:
            desk.add_user("Olga")
            olga = Person(desk, "Olga")
            take(olga, olga.run("import_contacts", CONTACTS))
        finally:
            desk.stop()


def take(who: Person, job: str) -> None:
    """The picture of a job's page once the job has ended."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        page = browser.new_page(base_url=who.desk.url, viewport=WINDOW, device_scale_factor=2)
        page.context.add_cookies([{"name": COOKIE, "value": who.cookie, "url": who.desk.url}])
        page.goto(job)
        expect(page.locator(".headline")).to_have_text("982 of 1,000 rows done. 18 need you.")
        page.reload()  # at rest: nothing moves any more
        page.screenshot(path=PICTURE, type="png")
        browser.close()


if __name__ == "__main__":
    main()
