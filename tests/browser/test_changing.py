"""An operator changes their mind: when a job starts, and which file a schedule works on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import Person
from tests.browser.test_pages import look

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The prices of two months."""
    folder = tmp_path_factory.mktemp("files")
    november = write_table(folder / "november.csv", ["id", "price"], [[1, 10], [2, 20]])
    return november, write_table(folder / "december.csv", ["id", "price"], [[1, 11], [2, 21], [3, 31]])


@both
def test_a_job_is_to_start_at_another_time(
    open_page: OpenPage, paul: Person, prices: tuple[Path, Path], *, javascript: bool
) -> None:
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (2, 9))
    job = paul.start(paul.hand_in("clean_csv", prices[0]), {"run_at": f"{soon:%Y-%m-%dT%H:%M}", "zone": "UTC"})
    page = open_page(paul, javascript=javascript, expects=["status of 422"])
    page.goto(job)
    page.get_by_role("link", name="Change the time").click()
    page.get_by_label("In the time of").select_option("UTC")
    page.get_by_label("Start at").fill(f"{soon - timedelta(days=4):%Y-%m-%dT07:30}")
    page.get_by_role("button", name="Change the time").click()
    expect(page.get_by_role("alert").first).to_contain_text("This time is over")
    if javascript:
        look(page)
    page.get_by_label("Start at").fill(f"{later:%Y-%m-%dT07:30}")
    page.get_by_role("button", name="Change the time").click()
    expect(page.locator(".headline time")).to_have_attribute("datetime", f"{later:%Y-%m-%d}T07:30:00+00:00")
    expect(page.locator(".deeds")).to_contain_text("Paul set another time for it to start")


@both
def test_a_schedule_goes_on_with_the_file_of_another_month(
    open_page: OpenPage, paul: Person, prices: tuple[Path, Path], *, javascript: bool
) -> None:
    november, december = (paul.run("clean_csv", file) for file in prices)
    page = open_page(paul, javascript=javascript)
    page.goto(f"/schedules/new/clean_csv?job={november.rpartition('/')[2]}")
    page.get_by_label("Name", exact=True).fill("Prices")
    page.get_by_role("button", name="Make the schedule").click()
    expect(page.locator(".job-head")).to_contain_text("november.csv")
    page.get_by_role("link", name="Change").click()
    page.get_by_role("link", name="Another file").click()
    listed = page.get_by_role("listitem").filter(has=page.locator(f'a[href*="{december.rpartition("/")[2]}"]'))
    expect(listed).to_contain_text("december.csv 3 rows, in job")
    if javascript:
        look(page)
    listed.get_by_role("link").click()
    expect(page.get_by_text("Each job will work on december.csv.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Prices of December")
    page.get_by_role("button", name="Keep the change").click()
    expect(page.locator(".job-head")).to_contain_text("Prices of December")
    expect(page.locator(".job-head")).to_contain_text("december.csv")
