"""Somebody has reports made and mailed, with JavaScript and without, and opens what comes."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import Person
from tests.mail_server import DROP, MailSink
from tests.running import RunningDesk
from webapp.kit import now

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
JOB = re.compile(r"/jobs/[0-9a-f-]{36}$")
SCHEDULE = re.compile(r"/schedules/[0-9a-f-]{36}$")
PATIENCE_MS = 60_000
ROWS = 300


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Three hundred sales in three countries, of which one has no number."""
    rows = (
        [("DE", "FR", "IT")[number % 3], "free" if number == 5 else number, f"2026-{1 + number % 6:02}-15"]
        for number in range(1, ROWS + 1)
    )
    return write_table(tmp_path / "sales.csv", ["country", "amount", "sold"], rows)


def open_result(page: Page, name: str, folder: Path) -> Page:
    """Download a file and open it, as one does by a click on it in the folder of downloads."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    path = folder / name
    download.value.save_as(path)
    opened = page.context.new_page()
    opened.goto(path.as_uri())
    return opened


@both
def test_a_report_on_the_desk_is_made_and_mailed(  # noqa: PLR0913 (fixtures)
    open_page: OpenPage, mail_desk: RunningDesk, sink: MailSink, sales: Path, tmp_path: Path, *, javascript: bool
) -> None:
    olga = Person(mail_desk, "Olga")
    olga.run("clean_csv", sales)
    page = open_page(olga, javascript=javascript, expects=["422"])
    page.goto("/jobs/new/report")
    page.get_by_label("Title").fill("My <b>day</b>")
    page.get_by_label("Time", exact=True).select_option("dates")
    page.get_by_label("PDF").check()
    page.get_by_label("Mail it to").fill("olga@example.org\nboss@example.org")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Give the first day, the last day, or both.")
    expect(page.get_by_label("Mail it to")).to_have_value("olga@example.org\nboss@example.org")
    page.get_by_label("Time", exact=True).select_option("today")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(JOB)
    expect(page.locator(".hero .badge").first).to_have_text("Completed", timeout=PATIENCE_MS)
    expect(page.get_by_text("Mail it", exact=True)).to_be_visible()
    expect(page.locator("main")).to_contain_text("sent the report to recipient 1")
    assert sorted(mail.recipients[0] for mail in sink.taken) == ["boss@example.org", "olga@example.org"]
    name = page.get_by_role("link", name=re.compile(r"^my-b-day-b-.*\.html$")).inner_text()
    assert name in [part.get_filename() for part in sink.taken[0].message.iter_attachments()]
    report = open_result(page, name, tmp_path)
    expect(report.get_by_role("heading", level=1)).to_have_text("My <b>day</b>")
    expect(report.get_by_role("row", name="Jobs 1", exact=True)).to_be_visible()
    expect(report.get_by_role("img").first).to_be_visible()
    report.set_viewport_size({"width": 390, "height": 800})
    assert report.evaluate("document.documentElement.scrollWidth") == 390


def test_a_mail_that_broke_off_needs_attention(open_page: OpenPage, mail_desk: RunningDesk, sink: MailSink) -> None:
    sink.trouble = lambda verb, number: DROP if (verb, number) == (".", 1) else None
    page = open_page(Person(mail_desk, "Olga"), width=390)
    page.goto("/jobs/new/report")
    page.get_by_label("Mail it to").fill("olga@example.org\nboss@example.org")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(JOB)
    expect(page.locator(".hero .badge").first).to_have_text("Needs attention", timeout=PATIENCE_MS)
    expect(page.locator(".headline")).to_have_text("Done, but something needs you.")
    expect(page.locator(".hero")).to_contain_text("Nobody can tell whether the mail to olga@example.org arrived")
    assert [mail.recipients for mail in sink.taken] == [("boss@example.org",)]


def test_a_report_is_mailed_by_a_schedule(open_page: OpenPage, mail_desk: RunningDesk, sink: MailSink) -> None:
    page = open_page(Person(mail_desk, "Olga"))
    page.goto("/jobs/new/report")
    page.get_by_role("link", name="Start it by a schedule…").click()
    page.get_by_label("Time", exact=True).select_option("yesterday")
    page.get_by_label("Mail it to").fill("olga@example.org")
    page.get_by_label("Every day", exact=True).check()
    page.get_by_label("Name", exact=True).fill("Yesterday by mail")
    page.get_by_role("button", name="Make the schedule").click()
    page.wait_for_url(SCHEDULE)
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(JOB)
    expect(page.locator(".hero .badge").first).to_have_text("Completed", timeout=PATIENCE_MS)
    yesterday = (now() - timedelta(days=1)).date()
    (mail,) = sink.taken
    assert mail.message["Subject"] == f"What the desk did: {yesterday.day} {yesterday:%b} {yesterday.year}"
    assert [part.get_filename() for part in mail.message.iter_attachments()] == [f"what-the-desk-did-{yesterday}.html"]


@both
def test_a_table_is_added_up(
    open_page: OpenPage, mail_desk: RunningDesk, sales: Path, tmp_path: Path, *, javascript: bool
) -> None:
    olga = Person(mail_desk, "Olga")
    page = open_page(olga, javascript=javascript)
    page.goto(olga.hand_in("report_table", sales))
    page.get_by_role("group", name="Group by").get_by_label("country").check()
    page.get_by_role("group", name="Columns of numbers").get_by_label("amount").check()
    page.get_by_label("Column of dates").select_option("sold")
    page.get_by_label("Excel (XLSX)").check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".hero .badge").first).to_have_text("Completed with errors", timeout=PATIENCE_MS)
    expect(page.locator(".hero")).to_contain_text("299 of 300")
    expect(page.get_by_role("link", name="sales.xlsx")).to_be_visible()
    report = open_result(page, "sales.html", tmp_path)
    total = sum(range(1, ROWS + 1)) - 5
    expect(report.get_by_role("row", name=f"All 299 {total:,}", exact=True)).to_have_count(2)
    expect(report.get_by_role("row", name="FR 100 14,950", exact=True)).to_be_visible()
    expect(report.get_by_role("heading", name="Month by month")).to_be_visible()
