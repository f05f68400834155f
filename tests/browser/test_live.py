"""A page that is watched: it tells the truth by itself, whatever happens to it or to the server."""

import re
from pathlib import Path

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import CONTACTS, OpenPage
from tests.browser.people import Person
from tests.running import RunningDesk

GONE = ("net::ERR_", "htmx:sse:error")  # what is written to the console while the server is gone


def state(page: Page, text: str) -> None:
    """Wait until the job's badge says so."""
    expect(page.locator(".hero .badge")).to_have_text(text, timeout=30_000)


def test_two_tabs_show_the_same_and_the_form_is_gone_from_the_other(
    open_page: OpenPage, olga: Person, letters: Path
) -> None:
    job = olga.hand_in("write_letters", letters)
    one, other = open_page(olga), open_page(olga)
    one.goto(job)
    other.goto(job)
    state(other, "Ready")
    other.evaluate("window.here = true")
    one.get_by_role("button", name="Start", exact=True).click()
    state(other, "Running")
    expect(other.get_by_role("button", name="Start", exact=True)).to_have_count(0)
    for page in (one, other):
        state(page, "Completed")
        expect(page.locator(".headline")).to_have_text("All 300 rows done.")
    assert other.evaluate("window.here"), "nothing was reloaded"


def test_the_stream_ends_with_the_job_and_is_not_opened_again(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    streams: list[str] = []
    page.on("request", lambda request: note_stream(request, streams))
    page.goto(olga.run("send_reminder", to="Ben", times="100"))
    state(page, "Completed")
    page.wait_for_timeout(6000)  # longer than the page waits before it looks whether its stream is open
    assert len(streams) == 1
    expect(page.locator("#notices")).to_be_empty()
    assert "%" not in page.title()


def note_stream(request: Request, streams: list[str]) -> None:
    if request.url.endswith("/stream"):
        streams.append(request.url)


def test_what_is_open_focused_and_scrolled_stays_so_through_updates(
    open_page: OpenPage, olga: Person, letters: Path
) -> None:
    page = open_page(olga)
    page.set_viewport_size({"width": 1280, "height": 400})
    page.goto(olga.run("write_letters", letters))
    state(page, "Running")
    page.get_by_text("About this job").click()
    page.locator(".hero .confirm > summary").click()
    sure = page.get_by_role("button", name="Yes, cancel it")
    sure.focus()
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(100)
    top, figure = page.evaluate("scrollY"), page.locator(".headline").inner_text()
    expect(page.locator(".headline")).not_to_have_text(figure)
    expect(sure).to_be_focused()
    assert page.evaluate("scrollY") == top
    assert page.locator("details.about").get_attribute("open") is not None
    state(page, "Completed")
    assert page.locator("details.about").get_attribute("open") is not None
    assert abs(page.evaluate("scrollY") - top) < 200


def test_readers_of_the_page_are_told_seldom(open_page: OpenPage, olga: Person, letters: Path) -> None:
    page = open_page(olga)
    page.goto(olga.run("write_letters", letters))
    state(page, "Running")
    page.evaluate("""() => {
        const said = document.querySelector('#live [role=status]');
        window.said = [said.textContent];
        new MutationObserver(() => said.textContent !== window.said.at(-1) && window.said.push(said.textContent))
            .observe(said, {childList: true, characterData: true, subtree: true});
    }""")
    state(page, "Completed")
    said = page.evaluate("window.said")
    assert said[-1] == "Completed"
    assert set(said) <= {"Running", "Running: 25 %", "Running: 50 %", "Running: 75 %", "Completed"}
    assert "Running: 50 %" in said


def test_a_cancelled_job_stops_and_says_how_far_it_came(open_page: OpenPage, olga: Person, letters: Path) -> None:
    page = open_page(olga)
    page.goto(olga.run("write_letters", letters))
    expect(page.locator(".headline")).to_contain_text(re.compile(r"Processed [1-9]\d+ of 300 rows"))
    page.locator(".hero .confirm > summary").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    state(page, "Cancelled")
    expect(page.locator(".headline")).to_have_text(re.compile(r"Cancelled\. \d+ of 300 rows done\."))
    expect(page.locator(".sum-parts")).to_contain_text("skipped")


def test_cancelling_a_draft_asks_first(open_page: OpenPage, olga: Person) -> None:
    page = open_page(olga)
    page.goto(olga.hand_in("import_contacts", CONTACTS))
    expect(page.locator("#start")).to_be_visible()
    expect(page.locator(".deeds")).to_have_count(0)  # the form is what one came for
    page.locator("#start .confirm > summary").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    state(page, "Cancelled")
    expect(page.locator(".deeds li")).to_have_count(2)
    expect(page.locator(".headline")).to_have_text("Cancelled before it began.")


def test_the_page_heals_when_the_server_was_killed(own_desk: RunningDesk, open_page: OpenPage, letters: Path) -> None:
    page = open_page(olga := Person(own_desk, "Olga"), expects=GONE)
    page.goto(olga.run("write_letters", letters))
    expect(page.locator(".headline")).to_contain_text(re.compile(r"Processed [1-9]\d+ of 300 rows"))
    page.evaluate("window.here = true")
    own_desk.kill()
    expect(page.locator("#notices")).to_contain_text("The connection was lost")
    own_desk.start()
    state(page, "Completed")
    expect(page.locator(".headline")).to_have_text("All 300 rows done.")
    expect(page.locator("#notices")).to_be_empty()
    told = page.locator(".deeds li span").all_inner_texts()
    assert told == [f"The desk {what}" for what in ("finished it", "went on", "was interrupted", "began")] + [
        "Olga started it",
        "Olga handed it in",
    ]
    page.get_by_text("About this job").click()
    expect(page.locator(".about")).to_contain_text("Ended")
    expect(page.locator("dl div", has_text="Attempts")).to_contain_text("2")
    assert page.evaluate("window.here"), "nothing was reloaded"


def test_a_hidden_tab_rests_and_goes_on_with_the_truth(open_page: OpenPage, olga: Person, letters: Path) -> None:
    page = open_page(olga)
    page.goto(olga.run("write_letters", letters))
    first = page.locator(".headline").inner_text()
    expect(page.locator(".headline")).not_to_have_text(first)  # the stream is open
    hide(page, hidden=True)
    page.wait_for_timeout(500)
    figure = page.locator(".headline").inner_text()
    page.wait_for_timeout(1000)
    assert page.locator(".headline").inner_text() == figure
    hide(page, hidden=False)
    expect(page.locator(".headline")).not_to_have_text(figure)
    state(page, "Completed")


def hide(page: Page, *, hidden: bool) -> None:
    """As a browser does with a tab in the background."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def test_lists_follow_what_happens(open_page: OpenPage, olga: Person, letters: Path) -> None:
    home, jobs = open_page(olga), open_page(olga)
    home.goto("/")
    jobs.goto("/jobs?type=write_letters")
    job = olga.run("write_letters", letters)
    for words in ("Running", "Completed"):
        for page in (home, jobs):
            line = page.locator("tr", has=page.locator(f"a[href='{job}']"))
            expect(line.locator(".badge")).to_have_text(words, timeout=20_000)


def test_a_press_while_the_desk_is_away_keeps_the_page_and_its_figures_say_how_old_they_are(
    own_desk: RunningDesk, open_page: OpenPage, letters: Path
) -> None:
    page = open_page(olga := Person(own_desk, "Olga"), expects=GONE)
    page.goto(address := olga.run("write_letters", letters))
    expect(page.locator(".pace")).to_contain_text("left")
    own_desk.kill()
    expect(page.locator(".as-of")).to_have_text(re.compile(r"^As of \d\d:\d\d:\d\d; no connection$"))
    expect(page.locator(".pace")).to_be_hidden()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator("#notices")).to_have_text("The desk does not answer; nothing was changed. Try again.")
    assert page.url.endswith(address)
    own_desk.start()
    expect(page.locator(".as-of")).to_be_hidden()
    page.get_by_role("button", name="Pause", exact=True).click()
    state(page, "Paused")


def test_a_form_sent_while_the_desk_is_away_keeps_what_was_typed(own_desk: RunningDesk, open_page: OpenPage) -> None:
    page = open_page(Person(own_desk, "Olga"), expects=GONE)
    page.goto("/jobs/new/send_reminder")
    to = page.get_by_label(re.compile(r"^To\b"))
    to.fill("Cleo")
    own_desk.kill()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("The desk does not answer; nothing was changed.")
    expect(to).to_have_value("Cleo")
    own_desk.start()
    page.get_by_role("button", name="Start", exact=True).click()
    state(page, "Completed")
