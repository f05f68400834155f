"""The catalogue: every kind of job, with what it takes and asks."""

import re
from pathlib import Path

import pytest

from tests.web.api.conftest import EXAMPLES
from tests.web.conftest import Browser
from webapp.settings import Settings
from webapp.web.desk import Desk


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=EXAMPLES / "job_types")


def test_each_kind_of_job_is_there_with_its_words(ann_browser: Browser, desk: Desk) -> None:
    page = ann_browser.get("/job-types").text
    assert re.findall(r'<article class="card leaf" id="(\w+)"', page) == [
        job_type.name
        for job_type in sorted(desk.registry.values(), key=lambda each: each.title)
        if job_type.role == "operator"
    ]
    leaf = page[page.index('id="import_contacts"') :].partition("</article>")[0]
    assert "Bring the address book up to date" in leaf
    assert '<th scope="row">email</th><td>yes</td>' in leaf
    for address in ("/jobs/new/import_contacts/example", "/job-types/import_contacts/template.xlsx"):
        assert address in leaf
        assert ann_browser.get(address).status_code == 200


def test_what_has_to_be_given_is_marked(ann_browser: Browser) -> None:
    page = ann_browser.get("/job-types").text
    leaf = page[page.index('id="load_table"') :].partition("</article>")[0]
    assert re.findall(r"<dt>([\w ]+) <span class=\"muted\">\(needed\)", leaf) == ["Table"]


def test_the_home_page_and_the_help_lead_there(ann_browser: Browser) -> None:
    for page in ("/", "/help"):
        assert 'href="/job-types"' in ann_browser.get(page).text


def test_what_is_for_administrators_is_shown_to_them_alone(ann_browser: Browser, ada_browser: Browser) -> None:
    for path in ("/", "/job-types", "/schedules/new"):
        assert "Send a message to people" in ada_browser.get(path).text, path
        assert "Send a message to people" not in ann_browser.get(path).text, path
    for path in ("/jobs/new/broadcast", "/schedules/new/broadcast"):
        assert (ada_browser.get(path).status_code, ann_browser.get(path).status_code) == (200, 403), path
    form = {"job_type": "broadcast", "params.title": "Hello", "params.text": "You.", "params.to": "everybody"}
    assert ann_browser.post("/jobs", data=form).status_code == 403
    assert ada_browser.post("/jobs", data=form).status_code == 303
