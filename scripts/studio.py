"""What the pictures of the guide are taken with."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import open_desk
from tests.browser.people import COOKIE, Person
from tests.running import ROOT

DOCS = ROOT / "docs"
WIDTH: Final = 1280
COLOURS: Final = 128  # of a page: enough for its look, and a third of the bytes


class Studio:
    """A desk with the example and the jobs of the browser's tests, and a browser to look at it."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        types = folder / "examples"
        shutil.copytree(ROOT / "examples", types)
        shutil.copytree(ROOT / "tests" / "browser" / "job_types", types / "job_types", dirs_exist_ok=True)
        self.folder, self.types, self.browser = folder, types / "job_types", browser
        self.desk = open_desk(folder / "data", self.types)
        self.olga, self.ada = (Person(self.desk, name) for name in ("Olga", "Ada"))

    @contextmanager
    def looking(self, who: Person, address: str, height: int = 800) -> Iterator[Page]:
        """A page, as this person sees it."""
        window: ViewportSize = {"width": WIDTH, "height": height}
        context = self.browser.new_context(base_url=who.desk.url, viewport=window, locale="en-GB")
        context.add_cookies([{"name": COOKIE, "value": who.cookie, "url": who.desk.url}])
        page = context.new_page()
        page.goto(address)
        yield page
        context.close()


def save(page: Page, name: str) -> None:
    """Write down what is in the window, in few colours."""
    picture = Image.open(io.BytesIO(page.screenshot(type="png", animations="disabled")))
    few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1)  # small squares keep theirs
    few.save(DOCS / f"{name}.png", optimize=True)
