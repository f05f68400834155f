"""What an operator does with a job under way, with JavaScript and without; counted where the rows arrive."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.conftest import OpenPage, open_desk, write_table
from tests.browser.people import Person
from tests.running import RunningDesk
from webapp.settings import Settings
from webapp.store.database import connect

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
ROWS = 3000  # a minute's work, unless it is hurried


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More rows than are done before somebody presses a button."""
    rows = ([number, ""] for number in range(1, ROWS + 1))
    return write_table(tmp_path_factory.mktemp("files") / "parcels.csv", ["id", "trouble"], rows)


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve rows; three are in trouble at the first try."""
    rows = ([number, "yes" if number in {3, 5, 7} else ""] for number in range(1, 13))
    return write_table(tmp_path_factory.mktemp("files") / "troubled.csv", ["id", "trouble"], rows)


def arrived(desk: RunningDesk, table: str, job: str) -> Counter[int]:
    """How often each row of a job is in a table of the data database."""
    number = int(re.search(r"\d+", job)[0])  # type: ignore[index]  # a test without a number is broken
    engine = connect(Settings(data=desk.data).data_database)
    with engine.connect() as connection:
        there = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).all()
        found = connection.exec_driver_sql(f"SELECT id FROM {table} WHERE job = {number}").all() if there else []
    engine.dispose()
    return Counter(int(row[0]) for row in found)


def once(last: int) -> Counter[int]:
    """Each row from the first to the last, and none twice."""
    return Counter(range(1, last + 1))


def number_of(page: Page) -> str:
    """What people call the job: "job 12"."""
    return re.search(r"job \d+", page.locator(".job-head").inner_text())[0]  # type: ignore[index]  # it is always there


def state(page: Page, text: str) -> None:
    """Wait until the job's badge says so."""
    expect(page.locator(".hero .badge").first).to_have_text(text, timeout=60_000)


def press(page: Page, button: str, then: str) -> None:
    """Press a button, and once more if the page was being loaded anew in that moment."""
    wanted = page.locator(".hero .badge").first
    for _ in range(5):
        here = page.get_by_role("button", name=button, exact=True).first
        try:
            here.click(timeout=10_000)
        except PlaywrightTimeoutError:
            if not re.search(then, wanted.inner_text()):
                raise
        try:
            expect(wanted).to_have_text(re.compile(then), timeout=10_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{button} came to nothing: {wanted.inner_text()}")


def figure(page: Page, words: str) -> int:
    """A figure of the sum."""
    part = page.locator(".sum-parts li", has_text=re.compile(rf"\b{words}\b"))
    return int(part.locator("b").inner_text().replace(",", ""))


@both
def test_a_running_job_is_paused_and_goes_on_where_it_stopped(
    open_page: OpenPage, olga: Person, parcels: Path, tmp_path: Path, *, javascript: bool
) -> None:
    page, hurry = open_page(olga, javascript=javascript), tmp_path / "hurry"
    page.goto(olga.run("pack_parcels", parcels, hurry=str(hurry)))
    expect(page.locator(".headline")).to_contain_text(
        re.compile(r"Processed [1-9][\d,]* of 3,000 rows"), timeout=60_000
    )
    press(page, "Pause", "Pausing|Paused")
    state(page, "Paused")
    job, done = number_of(page), figure(page, "done")
    assert 0 < done < ROWS
    assert arrived(olga.desk, "packed", job) == once(done)
    expect(page.locator(".deeds")).to_contain_text("Olga paused it")
    hurry.touch()
    press(page, "Go on", "Queued|Running|Completed")
    state(page, "Completed")
    expect(page.locator(".headline")).to_have_text("All 3,000 rows done.")
    assert arrived(olga.desk, "packed", job) == once(ROWS)


@both
def test_the_first_rows_are_run_looked_at_and_then_the_others(
    open_page: OpenPage, olga: Person, troubled: Path, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto(olga.hand_in("weigh_parcels", troubled))
    page.get_by_role("button", name="Run the first 10 rows, then pause").click()
    state(page, "Paused")
    expect(page.locator(".headline")).to_have_text("7 of the first 10 rows done. 3 need you.")
    expect(page.locator(".hero")).to_contain_text("Look at them, then let it go on, or cancel it.")
    outcomes = page.get_by_role("region", name="The first rows").locator("tbody .outcome").all_inner_texts()
    assert outcomes == ["Failed" if row in {3, 5, 7} else "Done" for row in range(1, 11)]
    job = number_of(page)
    assert arrived(olga.desk, "weighed", job) == once(10) - Counter([3, 5, 7])
    press(page, "Go on", "Queued|Running|Completed")
    state(page, "Completed with errors")
    assert arrived(olga.desk, "weighed", job) == once(12) - Counter([3, 5, 7])


@both
def test_a_paused_job_is_called_off(open_page: OpenPage, olga: Person, troubled: Path, *, javascript: bool) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto(olga.hand_in("weigh_parcels", troubled))
    page.get_by_role("button", name="Run the first 10 rows, then pause").click()
    state(page, "Paused")
    page.locator(".hero .confirm > summary").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    state(page, "Cancelled")
    assert figure(page, "skipped") == 2
    assert arrived(olga.desk, "weighed", number_of(page)) == once(10) - Counter([3, 5, 7])
    page.get_by_role("button", name="Go on with the 2 rows that were not reached").click()
    state(page, "Completed with errors")
    assert arrived(olga.desk, "weighed", number_of(page))[12] == 1


def test_without_javascript_the_question_stays_however_long_one_thinks(
    open_page: OpenPage, olga: Person, parcels: Path, tmp_path: Path
) -> None:
    page = open_page(olga, javascript=False)
    page.goto(job := olga.run("pack_parcels", parcels, hurry=str(tmp_path / "hurry")))
    state(page, "Running")
    page.get_by_role("link", name="Cancel", exact=True).click()
    expect(page.get_by_text("Stop this job?")).to_be_visible()
    page.wait_for_timeout(4000)  # longer than the job's page rests before it is loaded anew
    page.get_by_role("link", name="No, keep it").click()
    state(page, "Running")
    page.goto(f"{job}/cancellation")
    page.get_by_role("button", name="Yes, cancel it").click()
    state(page, "Cancelled")


def test_with_the_keyboard_one_goes_on_where_one_pressed(
    open_page: OpenPage, olga: Person, parcels: Path, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(olga.run("pack_parcels", parcels, hurry=str(tmp_path / "hurry")))
    state(page, "Running")
    page.get_by_role("button", name="Pause", exact=True).focus()
    page.keyboard.press("Enter")
    state(page, "Paused")
    expect(page.get_by_role("button", name="Go on", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    state(page, "Running")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    question = page.locator(".hero .confirm")
    for leave in (page.get_by_role("button", name="No, keep it"), page.get_by_role("heading", level=1)):
        question.locator("summary").click()
        expect(question).to_have_attribute("open", "")
        leave.click()
        expect(question).not_to_have_attribute("open", "")
    question.locator("summary").press("Enter")
    page.get_by_role("button", name="Yes, cancel it").press("Enter")
    state(page, "Cancelled")
    expect(page.get_by_role("button", name=re.compile("^Go on with the"))).to_be_focused()


@both
def test_the_failed_rows_are_tried_again_and_no_other(
    open_page: OpenPage, olga: Person, troubled: Path, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto(olga.run("weigh_parcels", troubled))
    state(page, "Completed with errors")
    press(page, "Try the 3 failed rows again", "Queued|Running|Completed$")
    state(page, "Completed")
    expect(page.locator(".headline")).to_have_text("All 12 rows done.")
    assert arrived(olga.desk, "weighed", number_of(page)) == once(12)


@both
def test_people_decide_about_rows_of_which_nobody_knows(
    open_page: OpenPage, olga: Person, troubled: Path, tmp_path: Path, *, javascript: bool
) -> None:
    outbox = tmp_path / "outbox"
    page = open_page(olga, javascript=javascript)
    page.goto(olga.run("send_parcels", troubled, outbox=str(outbox)))
    state(page, "Needs attention")
    card = page.get_by_role("region", name="Was each of these 3 rows sent?")
    expect(card).to_contain_text("Look at the other side, then decide.")
    expect(card.locator("li").first).to_contain_text("trouble")
    card.get_by_role("button", name=re.compile("Mark as sent ?: row 3")).click()
    expect(page.locator("#notices")).to_contain_text("Marked as sent")
    assert (figure(page, "done"), figure(page, "unknown")) == (10, 2)
    page.get_by_role("link", name="2 unknown").click()
    page.get_by_role("button", name=re.compile("Mark as not sent ?: row 5")).click()
    expect(page.locator("#notices")).to_contain_text("Marked as not sent")
    assert (figure(page, "done"), figure(page, "failed"), figure(page, "unknown")) == (10, 1, 1)
    page.locator(".unknown-rows .confirm > summary").click()
    page.get_by_role("button", name="Yes, send again").click()
    page.wait_for_url(re.compile("done=send_again"))
    page.goto(re.split("/unknown|[?]", page.url)[0])
    state(page, "Completed with errors")
    assert (figure(page, "done"), figure(page, "failed")) == (11, 1)
    assert Counter(map(int, outbox.read_text().split())) == once(12) + Counter([7])
    for words in ("had row 7 sent again", "marked row 5 as not sent", "marked row 3 as sent"):
        expect(page.locator(".deeds")).to_contain_text(f"Olga {words}")


def test_all_unknown_rows_are_decided_about_at_once(
    open_page: OpenPage, olga: Person, troubled: Path, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(olga.run("send_parcels", troubled, outbox=str(tmp_path / "outbox")))
    state(page, "Needs attention")
    page.get_by_role("button", name=re.compile("Mark as sent ?: all 3 rows")).click()
    state(page, "Completed")
    expect(page.locator(".headline")).to_have_text("All 12 rows done.")


@both
def test_a_job_is_run_again_with_its_form_filled_in(
    open_page: OpenPage, olga: Person, troubled: Path, tmp_path: Path, *, javascript: bool
) -> None:
    outbox = tmp_path / "outbox"
    page = open_page(olga, javascript=javascript)
    page.goto(first := olga.run("pack_parcels", troubled, hurry=str(outbox)))
    state(page, "Completed")
    before = number_of(page)
    page.get_by_role("button", name="Run again", exact=True).click()
    expect(page.locator(".job-head")).to_contain_text(f"Repeats {before}")
    expect(page.get_by_label("Hurry once this file is there")).to_have_value(str(outbox))
    page.get_by_role("button", name="Start", exact=True).click()
    state(page, "Completed")
    again = number_of(page)
    assert arrived(olga.desk, "packed", again) == once(12)
    page.get_by_role("link", name=before, exact=True).click()
    page.wait_for_url(f"**{first}")
    page.get_by_role("link", name=f"ran it again as {again}").click()
    expect(page.locator(".job-head")).to_contain_text(again)


@both
def test_a_job_is_started_later_and_then_run_now(
    open_page: OpenPage, olga: Person, troubled: Path, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript, expects=["status of 422"])
    page.goto(olga.hand_in("weigh_parcels", troubled))
    page.get_by_text("Start later, or before others").click()
    yesterday, tomorrow = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (-1, 1))
    page.get_by_label("In the time of").select_option("UTC")
    page.get_by_label("Start at").fill(yesterday)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("This time is over")
    page.get_by_label("Start at").fill(tomorrow)
    page.get_by_label("Priority").select_option("High")
    page.get_by_role("button", name="Start", exact=True).click()
    state(page, "Scheduled")
    expect(page.locator(".headline")).to_contain_text(re.compile(r"Starts on \d+ \w+ 20\d\d at \d\d:\d\d UTC"))
    expect(page.get_by_role("button", name="High", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("region", name="How it stands").get_by_text("More", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.get_by_role("button", name="Run now").click()
    state(page, "Completed with errors")
    assert arrived(olga.desk, "weighed", number_of(page)) == once(12) - Counter([3, 5, 7])


@pytest.fixture(scope="module")
def still_desk(tmp_path_factory: pytest.TempPathFactory, job_types: Path) -> Iterator[RunningDesk]:
    """A desk at which nothing runs, so that jobs wait."""
    desk = open_desk(tmp_path_factory.mktemp("still"), job_types, workers="0")
    yield desk
    desk.kill_quietly()


@both
def test_a_waiting_job_is_put_before_others(open_page: OpenPage, still_desk: RunningDesk, *, javascript: bool) -> None:
    olga = Person(still_desk, "Olga")
    olga.run("send_reminder", to="Ben")
    page = open_page(olga, javascript=javascript)
    page.goto(olga.run("send_reminder", to="Cleo"))
    expect(page.locator(".hero")).to_contain_text("ahead of it")
    page.get_by_role("button", name="High", exact=True).click()
    expect(page.get_by_role("button", name="High", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Pause", exact=True).click()
    state(page, "Paused")
    expect(page.locator(".deeds")).to_contain_text("Olga set its priority to High")
