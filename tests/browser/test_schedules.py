"""The story of an operator who has a job done every morning."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.browser.conftest import CONTACTS, OpenPage
from tests.browser.people import Person, sign_in
from tests.browser.test_pages import look
from webapp.kit import now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Schedule

JOB = re.compile(r"/jobs/[0-9a-f-]{36}$")
SCHEDULE = re.compile(r"/schedules/[0-9a-f-]{36}$")
TO = re.compile(r"^To\b")
PATIENCE_MS = 60_000  # on a machine that has much to do
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def times(page: Page) -> list[str]:
    """The next times as the page shows them."""
    return page.locator(".times time").all_inner_texts()


def test_an_operator_has_a_reminder_sent_on_every_weekday(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "Olga")
    page.get_by_role("link", name="Schedules", exact=True).click()
    page.get_by_role("link", name="New schedule").click()
    page.get_by_role("link", name="Send a reminder").click()
    page.get_by_label(TO).fill("Cleo")
    page.get_by_label("Every day", exact=True).check()
    expect(page.get_by_label("Cron’s five fields")).to_be_hidden()
    page.get_by_label("Every weekday").check()
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("At", exact=True).fill("07:30")
    page.get_by_label("At", exact=True).blur()
    expect(page.locator(".times time").first).to_contain_text("07:30 CE", timeout=PATIENCE_MS)
    assert len(times(page)) == 5
    assert all(time.startswith(WEEKDAYS) for time in times(page))
    page.get_by_label("Name", exact=True).fill("Remind Cleo in the morning")
    page.get_by_role("button", name="Make the schedule").click()

    page.wait_for_url(SCHEDULE)
    address = page.url
    expect(page.locator(".headline")).to_contain_text("Every weekday at 07:30 Europe/Berlin")
    assert len(times(page)) == 5
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(JOB)
    expect(page.locator(".hero .badge")).to_have_text("Completed", timeout=PATIENCE_MS)
    page.get_by_role("link", name="Remind Cleo in the morning").click()
    page.wait_for_url(address)
    expect(page.locator(".jobs tbody tr")).to_have_count(1)
    expect(page.locator(".jobs .badge")).to_have_text("Completed", timeout=PATIENCE_MS)

    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".hero .badge")).to_have_text("Paused")
    page.get_by_role("link", name="Schedules", exact=True).first.click()
    row = page.get_by_role("row").filter(has_text="Remind Cleo in the morning")
    expect(row).to_contain_text("Paused")
    expect(row).to_contain_text("Completed")


def test_a_job_is_repeated_and_a_mistake_is_mended_without_javascript(open_page: OpenPage, paul: Person) -> None:
    job = paul.run("import_contacts", CONTACTS)
    page = open_page(paul, javascript=False, expects=["status of 422"])
    page.goto(job)
    expect(page.locator(".hero .badge")).to_have_text("Completed with errors", timeout=PATIENCE_MS)
    page.get_by_role("link", name="Repeat this…").click()
    expect(page.get_by_text("Each job works on contacts.csv")).to_be_visible()
    page.get_by_label("By cron").check()
    page.get_by_label("Cron’s five fields").fill("0 0 30 2 *")
    page.get_by_role("button", name="Make the schedule").click()
    expect(page.get_by_role("alert").first).to_contain_text("it would never run")
    expect(page.get_by_label("Cron’s five fields")).to_have_value("0 0 30 2 *")
    page.get_by_label("Cron’s five fields").fill("0 6 L * *")
    page.get_by_role("button", name="Show the next times").click()
    assert len(times(page)) == 5
    page.get_by_role("button", name="Make the schedule").click()
    page.wait_for_url(SCHEDULE)
    expect(page.locator(".headline")).to_contain_text("Every month on the last day at 06:00")
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("button", name="Yes, delete it").click()
    page.wait_for_url(re.compile(r"/schedules\?done=deleted$"))
    expect(page.locator("#notices")).to_contain_text("The schedule was deleted. The jobs that it started stay.")
    expect(page.get_by_text("No schedules yet")).to_be_visible()


def test_a_schedule_starts_its_job_by_itself_and_the_open_page_shows_it(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/schedules/new/send_reminder")
    page.get_by_label(TO).fill("Dora")
    page.get_by_label("Every month").check()
    page.get_by_label("Name", exact=True).fill("Remind Dora every month")
    page.get_by_role("button", name="Make the schedule").click()
    page.wait_for_url(SCHEDULE)
    expect(page.get_by_text("None yet.")).to_be_visible()
    let_its_time_come(olga, UUID(page.url.rsplit("/", 1)[-1]))
    expect(page.locator(".jobs .badge").first).to_have_text("Completed", timeout=PATIENCE_MS)
    expect(page.locator(".jobs tbody tr")).to_have_count(1)


def let_its_time_come(person: Person, schedule_id: UUID) -> None:
    """The time that a schedule waits for is now."""
    database = Database(Settings(data=person.desk.data).database)
    with database.write() as session:
        session.get_one(Schedule, schedule_id).next_at = now()
    database.close()


def test_a_file_is_handed_in_for_a_schedule_and_the_pages_work_for_everybody(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto("/schedules/new/import_contacts")
    page.get_by_label("Choose a file").set_input_files(CONTACTS)
    page.wait_for_url(re.compile("upload="))
    expect(page.get_by_text("Each job works on contacts.csv")).to_be_visible()
    page.get_by_role("button", name="Make the schedule").click()
    page.wait_for_url(SCHEDULE)
    made = page.url
    for address in ("/schedules", "/schedules/new", "/schedules/new/import_contacts", made, f"{made}/change"):
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        look(page)
