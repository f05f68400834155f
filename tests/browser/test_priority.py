"""A job that is put before others while it waits is the next to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, open_desk
from tests.browser.people import Person
from tests.running import RunningDesk

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture(scope="module")
def narrow_desk(tmp_path_factory: pytest.TempPathFactory, job_types: Path) -> Iterator[RunningDesk]:
    """A desk at which one job runs at a time."""
    desk = open_desk(tmp_path_factory.mktemp("narrow"), job_types, workers="1")
    yield desk
    desk.kill_quietly()


@both
def test_the_one_that_was_raised_starts_first(
    open_page: OpenPage, narrow_desk: RunningDesk, tmp_path: Path, *, javascript: bool
) -> None:
    olga, gates = Person(narrow_desk, "Olga"), [tmp_path / f"gate {number}" for number in range(3)]
    running, first, second = (olga.run("close_month", gate=str(gate)) for gate in gates)
    waits, raised = open_page(olga, javascript=javascript), open_page(olga, javascript=javascript)
    waits.goto(first)
    raised.goto(second)
    expect(raised.locator(".hero")).to_contain_text("1 job waits ahead of it.")
    raised.get_by_role("button", name="High", exact=True).click()
    expect(raised.get_by_role("button", name="High", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(raised.locator(".hero")).to_contain_text("It is the next to start")
    gates[0].touch()
    expect(raised.locator(".hero .badge")).to_have_text("Running")
    expect(waits.locator(".hero .badge")).to_have_text("Queued")
    for gate in gates:
        gate.touch()
    expect(waits.locator(".hero .badge")).to_have_text("Completed")
    waits.goto(running)
    expect(waits.locator(".hero .badge")).to_have_text("Completed")
