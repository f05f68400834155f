"""The answer comes first and the work later: whatever a job does, its page and all others are there at once."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person
from webapp.store.tables import Role

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
AT_ONCE_S = 20.0  # on a machine that has much else to do; the job would go on for ever
WAYS = {"work_out": "worked out by a function that blocks", "listen": "heard by a function that awaits"}


@both
def test_the_page_is_there_at_once_and_the_work_is_done_after(
    open_page: OpenPage, olga: Person, tmp_path: Path, *, javascript: bool
) -> None:
    page, gate = open_page(olga, javascript=javascript), tmp_path / "gate"
    page.goto("/jobs/new/listen")
    page.get_by_label("Go on once this file is there").fill(str(gate))
    pressed = time.monotonic()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Listen for answers")
    assert time.monotonic() - pressed < AT_ONCE_S
    expect(page.locator(".hero .badge")).to_have_text("Running")
    assert not gate.exists(), "it waits for what is not there yet"
    gate.touch()
    expect(page.locator(".hero .badge")).to_have_text("Completed")


def test_a_program_is_answered_at_once_too(olga: Person, tmp_path: Path) -> None:
    program, gate = olga.desk.program("answered"), tmp_path / "gate"
    answer = program.try_submit("listen", gate=str(gate))
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
    assert answer.elapsed.total_seconds() < AT_ONCE_S
    gate.touch()
    assert program.wait(answer.json()["id"])["state"] == "completed"


@pytest.mark.parametrize("way", WAYS)
def test_pages_stay_quick_while_a_job_works_whatever_its_function_is_like(
    open_page: OpenPage, olga: Person, tmp_path: Path, way: str
) -> None:
    page, gate = open_page(olga), tmp_path / "gate"
    job = olga.run(way, gate=str(gate))
    page.goto(job)
    expect(page.locator(".hero .badge")).to_have_text("Running")
    for address in ("/", "/jobs", "/schedules", "/job-types", job):
        asked = time.monotonic()
        page.goto(address, wait_until="domcontentloaded")
        assert time.monotonic() - asked < AT_ONCE_S, address
    expect(page.locator(".hero .badge")).to_have_text("Running")
    gate.touch()
    expect(page.locator(".hero .badge")).to_have_text("Completed")
    expect(page.locator(".log")).to_contain_text(WAYS[way])


@both
def test_a_double_click_is_one_job_and_a_key_in_use_is_refused_for_another(
    open_page: OpenPage, olga: Person, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto("/jobs?type=send_reminder")
    before = page.get_by_role("row").count()
    page.goto("/jobs/new/send_reminder")
    page.get_by_label(re.compile(r"^To\b")).fill("Ines")
    page.get_by_role("button", name="Start", exact=True).dblclick()
    expect(page.locator(".hero .badge")).to_have_text("Completed")
    page.goto("/jobs?type=send_reminder")
    expect(page.get_by_role("row")).to_have_count(max(before, 1) + 1)  # and the table's head
    program = olga.desk.program(f"once, {javascript}")
    first = program.submit("send_reminder", once="monday", to="Ines")
    assert program.submit("send_reminder", once="monday", to="Ines") == first
    refused = program.try_submit("send_reminder", once="monday", to="somebody else")
    assert (refused.status_code, "was used for another request" in refused.text) == (422, True)


def test_progress_is_the_same_on_the_page_in_the_tab_and_for_a_program(
    open_page: OpenPage, olga: Person, letters: Path
) -> None:
    page, program = open_page(olga), olga.desk.program("onlooker", Role.admin)
    page.goto(job := olga.run("write_letters", letters))
    expect(page).to_have_title(re.compile(r"^[1-9]\d? % · Write letters · letters\.csv"))
    shown = int(re.findall(r"Processed (\d+) of 300 rows", page.locator(".headline").inner_text())[0])
    rows = program.job(job.rpartition("/")[2])["rows"]
    assert shown <= rows["received"] - rows["waiting"] < 300
    expect(page.locator(".headline")).to_have_text("All 300 rows done.")
    assert program.job(job.rpartition("/")[2])["rows"]["done"] == 300
