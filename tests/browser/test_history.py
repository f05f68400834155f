"""What is remembered of a job: who did what with it, and the facts of the request that it came by."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person


def test_the_facts_of_the_request_are_shown_with_the_job(open_page: OpenPage, olga: Person, ada: Person) -> None:
    page = open_page(olga)
    page.goto("/jobs/new/send_reminder")
    page.get_by_label(re.compile(r"^To\b")).fill("Kim")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".hero .badge")).to_have_text("Completed")
    expect(page.locator(".deeds")).to_contain_text("Olga handed it in")
    for who in (olga, ada):
        theirs = open_page(who)
        theirs.goto(page.url)
        theirs.get_by_text("About this job").click()
        about = theirs.locator(".about")
        facts = dict(zip(about.locator("dt").all_inner_texts(), about.locator("dd").all_inner_texts(), strict=True))
        assert facts["Handed in by"] == "Olga"
        assert (facts["To"], facts["From"], facts["Asked of"]) == ("Kim", "127.0.0.1", "/jobs")
        assert re.fullmatch(r"[0-9a-f-]{32,36}", facts["Request"])
        expect(about).to_contain_text(re.compile("Mozilla.*Chrome"))


def test_the_request_of_a_program_is_remembered_with_its_query(open_page: OpenPage, ada: Person) -> None:
    program = ada.desk.program("clockwork")
    files = {"job_type": (None, "send_reminder"), "params": (None, '{"to": "Leo"}')}
    headers = {"User-Agent": "clockwork/1.0"}
    job = program.request("POST", "/jobs", files=files, headers=headers).json()
    page = open_page(ada)
    page.goto(f"/jobs/{job['id']}")
    page.get_by_text("About this job").click()
    expect(page.locator(".about")).to_contain_text("clockwork/1.0")
    expect(page.locator(".about dl div", has_text="Asked of")).to_contain_text("/api/v1/jobs")
