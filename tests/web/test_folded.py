"""Fields that are seldom asked for: folded away with what happens without them, and open where something was chosen."""

import re
from pathlib import Path

import pytest

from tests.web.conftest import Browser
from webapp.settings import Settings

ALL = {
    "Rules for columns": "none",
    "Find similar rows": "not looked for",
    "Join a second file": "none",
    "Columns to keep": "all",
    "Split the table": "one file",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0)


def folded(page: str) -> tuple[dict[str, str], set[str]]:
    """The titles of what is folded, each with its words; and those that are open."""
    found = re.findall(r'<details class="change folded"( open)?><summary>([^:]+): <span class="muted">([^<]+)<', page)
    return {title: words for _, title, words in found}, {title for opened, title, _ in found if opened}


@pytest.mark.usefixtures("ann")
def test_what_is_seldom_asked_for_is_folded_until_it_is_chosen_or_wrong(ann_browser: Browser) -> None:
    form = {"job_type": (None, "clean_csv"), "file": ("rows.csv", b"id,name\n1,Ada\n2,Bob\n")}
    address = ann_browser.post("/jobs", files=form).headers["location"]
    assert folded(ann_browser.get(address).text) == (ALL, set())
    chosen = {
        "params.columns": "id",
        "params.rules.dates": "",
        "params.split.by": "nothing",
        "params.split.rows": "10000",
    }
    page = ann_browser.post(f"{address}/foresight", data=chosen).text
    assert folded(page) == (ALL, {"Columns to keep"})
    wrong = ann_browser.post(f"{address}/start", data={"params.split.by": "column"})
    assert wrong.status_code == 422
    assert folded(wrong.text)[1] == {"Split the table"}
