"""What people are told of the states of jobs: all that a badge may say, in the help and in the guide."""

import re

from tests.running import ROOT
from tests.web.conftest import Browser


def test_the_help_and_the_guide_know_all_that_a_badge_says(ann_browser: Browser) -> None:
    badges = re.findall(r"^  '\w+': \('([^']+)'", (ROOT / "templates/macros/state.html").read_text(), re.MULTILINE)
    assert "Undone in part" in badges
    shown = ann_browser.get("/help").text
    guide = "".join(re.findall(r"^\|([^|]+)\|", (ROOT / "docs/operators/states.md").read_text(), re.MULTILINE))
    for badge in (*badges, "Seen to"):
        assert re.search(rf">{badge}</span>", shown), badge
        assert re.search(rf"\b{badge}\b", guide), badge
    assert "All rows are done." not in shown
