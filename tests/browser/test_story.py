"""The whole story of an operator with a file, with JavaScript and without."""

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import CONTACTS, OpenPage
from tests.browser.people import sign_in

JOB = re.compile(r"/jobs/[0-9a-f-]{36}$")


def choose(page: Page, job: str, file: Path) -> None:
    """From the home page to the file of a job."""
    page.goto("/")
    page.get_by_role("link", name=job).first.click()
    page.get_by_label("Choose a file").set_input_files(file)


def table_in(page: Page, link: str | re.Pattern[str]) -> list[dict[str, str]]:
    """A CSV file, as downloaded."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))


def test_an_operator_imports_contacts_and_mends_what_went_wrong(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "Olga")
    choose(page, "Import contacts", CONTACTS)
    page.wait_for_url(JOB)
    live = page.locator("#live")
    expect(live).to_contain_text("982 of 1,000 rows can be used. 18 can’t.")
    expect(live.locator(".causes li")).to_have_count(6)
    expect(live.locator(".causes")).to_contain_text("3 rows country is not one of AT, CH, DE, DK, FR, IT, NL, PL")
    expect(page.get_by_role("region", name="The first rows of the file").locator("tbody tr")).to_have_count(20)
    expect(page.locator(".matches li")).to_have_count(8)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(live.locator(".headline")).to_have_text("982 of 1,000 rows done. 18 need you.")
    expect(live.locator(".badge").first).to_have_text("Completed with errors")
    page.reload()
    expect(live.locator(".headline")).to_have_text("982 of 1,000 rows done. 18 need you.")
    rows = table_in(page, "contacts-failed-rows.csv")
    assert len(rows) == 18
    assert list(rows[0])[-3] == "error"
    assert all(row["error"] for row in rows)
    page.get_by_role("link", name="See all 18").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("18 rows need you")
    expect(page.locator("tbody tr")).to_have_count(18)


def test_the_same_without_javascript(open_page: OpenPage) -> None:
    page = open_page(javascript=False)
    sign_in(page, "Paul")
    choose(page, "Import contacts", CONTACTS)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    expect(page.locator("#live")).to_contain_text(
        "982 of 1,000 rows can be used. 18 can’t."
    )  # it looks again by itself
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("982 of 1,000 rows done. 18 need you.")
    assert len(table_in(page, "contacts-failed-rows.csv")) == 18


def test_a_hundred_thousand_rows_are_sent_refused_once_loaded_watched_and_found_again(
    open_page: OpenPage, many_rows: Path
) -> None:
    page = open_page(expects=["status of 422"])
    sign_in(page, "Olga")
    slow_down_uploads(page)
    choose(page, "Load rows into a table", many_rows)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator(".upload")).to_contain_text(re.compile(r"\d+ % · [\d.]+ of [\d.]+ MB"))
    page.wait_for_url(JOB)
    address = page.url
    expect(page.locator("#live")).to_contain_text("All 100,000 rows can be read.")
    page.locator("#start-form").evaluate("form => { form.noValidate = true }")  # the server has to refuse it
    page.get_by_label("Table").fill("1 Order!")
    page.get_by_label("id", exact=True).check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("One thing needs changing")
    expect(page.get_by_label("Table")).to_have_value("1 Order!")
    expect(page.get_by_label("Table")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("id", exact=True)).to_be_checked()
    page.get_by_label("Table").fill("orders")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(address)
    expect(page).to_have_title(re.compile(r"^[1-9]\d? % · Load rows"))
    expect(page.locator(".headline")).to_contain_text(re.compile(r"Processed [\d,]+ of 100,000 rows \(\d+ %\)\."))
    page.context.close()

    page = open_page()
    sign_in(page, "Olga")
    page.get_by_role("link", name="Jobs", exact=True).click()
    page.get_by_role("link", name="Load rows into a table").first.click()
    expect(page.locator(".headline")).to_have_text("99,900 of 100,000 rows done. 100 need you.", timeout=40_000)
    page.get_by_text("About this job").click()
    expect(page.locator(".about")).to_contain_text("orders")
    rows = table_in(page, "orders-failed-rows.csv")
    assert [row["quantity"] for row in rows] == ["many"] * 100


def slow_down_uploads(page: Page) -> None:
    """As slow as from somebody's home."""
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_500_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)


def test_a_cleaned_file_and_its_formulas(open_page: OpenPage, tmp_path: Path) -> None:
    table = tmp_path / "guests.csv"
    table.write_text('id,name,email,birthday,country,newsletter,score\n1,"=1+1",nobody,1990-01-01,AT,yes,5\n', "utf-8")
    page = open_page()
    sign_in(page, "Olga")
    choose(page, "Import contacts", table)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("0 of 1 row done. 1 needs you.")
    assert table_in(page, "guests-failed-rows.csv")[0]["name"] == "'=1+1"
    assert table_in(page, "download the rows exactly as they were")[0]["name"] == "=1+1"
    choose(page, "Clean a CSV", table)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 1 row done.")
    assert table_in(page, "guests-clean.csv")[0]["name"] == "'=1+1"
