"""The steps of a job, watched as they go on; after a crash, after it was called off, and for a program."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
PATIENCE_S = 30.0
NAMES = ["Read the bookings", "Add them up", "Write the report"]


def steps(page: Page) -> list[str]:
    """Each as it is read: its name and how it stands."""
    said = page.get_by_role("list", name="Steps").get_by_role("listitem").all_inner_texts()
    return [" ".join(line.split(" · ")[0].split()) for line in said]


@both
def test_the_steps_are_watched_as_they_go_on(
    open_page: OpenPage, olga: Person, tmp_path: Path, *, javascript: bool
) -> None:
    page, gate = open_page(olga, javascript=javascript), tmp_path / "gate"
    page.goto(olga.run("close_month", gate=str(gate)))
    listed = page.get_by_role("list", name="Steps")
    expect(listed).to_contain_text("Add them up going on · since")
    assert steps(page) == ["Read the bookings done", "Add them up going on"]
    gate.touch()
    expect(listed).to_contain_text("Write the report done")
    assert steps(page) == [f"{name} done" for name in NAMES]


def test_after_a_crash_the_step_that_broke_off_is_told(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    page = open_page(olga)
    page.goto(olga.run("close_month", gate=str(tmp_path / "gate"), trouble="true"))
    expect(page.locator(".hero .badge").first).to_have_text("Failed", timeout=60_000)
    assert steps(page) == ["Read the bookings done", "Add them up broke off"]


def test_a_program_reads_them_too(olga: Person, tmp_path: Path) -> None:
    (tmp_path / "gate").touch()
    program = olga.desk.program("steps-robot")
    job = program.wait(program.submit("close_month", gate=str(tmp_path / "gate")))
    assert [(step["name"], step["state"]) for step in job["steps"]] == [(name, "done") for name in NAMES]
    assert all(step["seconds"] >= 0 for step in job["steps"])


@both
def test_what_a_job_leaves_is_cleaned_up_though_it_was_called_off(
    open_page: OpenPage, olga: Person, tmp_path: Path, *, javascript: bool
) -> None:
    page, workshop = open_page(olga, javascript=javascript), tmp_path / "workshop"
    page.goto(olga.run("build_model", workshop=str(workshop)))
    expect(page.get_by_role("list", name="Steps")).to_contain_text("Plank it going on")
    assert workshop.is_dir()
    olga.cancel(page.url.removeprefix(olga.desk.url))
    expect(page.locator(".hero .badge").first).to_have_text("Cancelled", timeout=60_000)
    assert steps(page) == ["Lay the keel done", "Plank it stopped"]
    deadline = time.monotonic() + PATIENCE_S
    while workshop.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not workshop.exists()
