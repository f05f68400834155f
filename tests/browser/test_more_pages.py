"""The pages that are not met every day: for everybody's eyes, at every width, and with letters twice as large."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import CONTACTS, OpenPage
from tests.browser.people import Person
from tests.browser.test_pages import look

ALL = "action=discard&which=all"
OF_AN_OPERATOR = {
    "schedules": "/schedules",
    "choose a schedule": "/schedules/new",
    "schedule, its file": "/schedules/new/import_contacts",
    "schedule, its form": "/schedules/new/send_reminder",
    "schedule": "{schedule}",
    "schedule, changed": "{schedule}/change",
    "schedule, another file": "{schedule}/file",
    "kinds of jobs": "/job-types",
    "many jobs": f"/jobs/bulk?{ALL}",
    "no job ticked": "/jobs/bulk?action=cancel",
    "another time": "{later}/time",
    "log": "{done}/log",
    "receipt": "{done}/receipt",
    "skipped rows": "{done}/skipped",
    "asked before": "{later}/cancellation",
    "for programs": "/help/api",
    "activity": "/activity",
}


@pytest.fixture(scope="module")
def there(olga: Person) -> dict[str, str]:
    """A job that is done, one that waits for its time, and a schedule."""
    done = olga.run("import_contacts", CONTACTS)
    soon = datetime.now(UTC) + timedelta(days=1)
    later = olga.start(olga.hand_in("import_contacts", CONTACTS), {"run_at": f"{soon:%Y-%m-%dT%H:%M}"})
    return {"done": done, "later": later, "schedule": olga.repeat(done, "Contacts")}


@pytest.mark.parametrize("place", OF_AN_OPERATOR)
def test_a_page_of_an_operator(open_page: OpenPage, olga: Person, there: dict[str, str], place: str) -> None:
    page = open_page(olga)
    page.goto(OF_AN_OPERATOR[place].format(**there))
    for details in page.locator("main details").all()[:20]:
        details.evaluate("details => { details.open = true }")
    look(page)
    look_large(page)


def look_large(page: Page) -> None:
    """At 200 %, a window of 1280 by 900 shows half as much: nothing is cut off at its side."""
    page.set_viewport_size({"width": 640, "height": 450})
    assert page.evaluate("document.documentElement.scrollWidth") == 640, page.url
