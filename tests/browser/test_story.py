"""The whole story of an operator with a file, with JavaScript and without."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.running import RunningDesk
from webapp.store.tables import Role

CONTACTS = Path(__file__).resolve().parents[2] / "examples" / "contacts.csv"


def hand_in(page: Page, job: str, file: Path) -> None:
    """From the home page to the check of the file."""
    page.goto("/")
    page.get_by_role("link", name=job).click()
    page.get_by_label("Choose a file").set_input_files(file)


def test_an_operator_imports_contacts_and_mends_what_went_wrong(operator: Page) -> None:
    hand_in(operator, "Import contacts", CONTACTS)
    operator.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    expect(operator.locator("#live")).to_contain_text("982 of 1,000 rows can be used. 18 can’t.")
    expect(operator.get_by_role("region", name="The first rows of the file")).to_contain_text("email")
    operator.get_by_role("button", name="Start", exact=True).click()
    expect(operator.locator("#live")).to_contain_text("982 of 1,000 rows done. 18 need you.")
    expect(operator.locator("#live .badge")).to_contain_text("Completed with errors")
    operator.reload()
    expect(operator.locator("#live")).to_contain_text("982 of 1,000 rows done. 18 need you.")
    rows = failed_rows(operator)
    assert len(rows) == 18
    assert list(rows[0])[-1] == "error"
    assert all(row["error"] for row in rows)
    operator.get_by_role("link", name="All 18").click()
    expect(operator.locator("tbody tr")).to_have_count(18)


def failed_rows(page: Page) -> list[dict[str, str]]:
    """The file to mend, as downloaded."""
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("failed-rows.csv")).click()
    assert download.value.suggested_filename == "contacts-failed-rows.csv"
    return list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))


def test_the_same_without_javascript(running: RunningDesk, open_page: OpenPage) -> None:
    running.add_user("Nils", Role.operator)
    page = open_page(javascript=False)
    sign_in(page, "Nils")
    hand_in(page, "Import contacts", CONTACTS)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#live")).to_contain_text("982 of 1,000 rows done. 18 need you.", timeout=30_000)
    assert len(failed_rows(page)) == 18
