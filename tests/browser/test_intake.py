"""How a file is read: found, shown, changed by its operator; the preview follows, and what was seen is what runs."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person
from tests.running import RunningDesk
from webapp.settings import Settings
from webapp.store.database import connect

REPORT = """Contacts of May, made by Ann
Please, keep, this, list

id;name;private;work;birthday;country;newsletter;score
1;Ann;ann@home.example;ann@work.example;1990-01-31;AT;yes;50
2;Bob;bob@home.example;bob@work.example;1980-01-31;DE;no;60
3;Cid;cid@home.example;cid@work.example;1970-01-31;FR;no;70
"""


def hand_in(person: Person, folder: Path, text: str, job_type: str = "import_contacts", name: str = "may.csv") -> str:
    """Give a file to a job; the address of the job's page."""
    file = folder / name
    file.write_text(text, "utf-8")
    return person.hand_in(job_type, file)


def cells(page: Page) -> Locator:
    """The cells of the preview's first row."""
    return page.get_by_role("region", name="The first rows of the file").locator("tbody tr").first.locator("td")


def names(page: Page) -> Locator:
    """The heads of the preview's columns, without the row's."""
    return page.get_by_role("region", name="The first rows of the file").locator("thead th:not(.num)")


def unfold(page: Page) -> None:
    """Open the form that says how the file is read, unless it is open."""
    if not page.locator(".change[open]").count():
        page.get_by_text("Change how it is read").click()


def settle(page: Page, button: str, *, javascript: bool) -> None:
    """Without JavaScript a form waits for its button."""
    if not javascript:
        page.get_by_role("button", name=button).click()


def contacts(desk: RunningDesk) -> list[tuple[int, str, str]]:
    """What the job has put into the table of contacts."""
    engine = connect(Settings(data=desk.data).data_database)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, name, email FROM contacts ORDER BY id").all()
    engine.dispose()
    return [(row[0], row[1], row[2]) for row in rows]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_an_operator_changes_how_a_file_is_read_and_the_preview_follows(
    own_desk: RunningDesk,
    open_page: OpenPage,
    tmp_path: Path,
    javascript: bool,  # noqa: FBT001 (a case)
) -> None:
    paul = Person(own_desk, "Paul")
    page = open_page(paul, javascript=javascript)
    page.goto(hand_in(paul, tmp_path, REPORT))
    sentence = page.locator(".reading-line")
    expect(sentence).to_contain_text("semicolons between cells, UTF-8, header in line 4, rows in lines 5 to 7")
    expect(sentence).to_contain_text("3 lines above the table are left out.")
    expect(page.get_by_role("list", name="Left out above the table")).to_contain_text("Please, keep, this, list")
    expect(cells(page)).to_have_text(
        ["1", "Ann", "ann@home.example", "ann@work.example", "1990-01-31", "AT", "yes", "50"]
    )

    unfold(page)
    page.get_by_label("Between cells", exact=True).select_option("Tab")
    settle(page, "Read it like this", javascript=javascript)
    expect(sentence).to_contain_text("tabs between cells")
    expect(names(page)).to_have_count(1)
    unfold(page)
    page.get_by_label("Between cells", exact=True).select_option("Semicolon ;")
    settle(page, "Read it like this", javascript=javascript)
    expect(names(page)).to_have_count(8)

    page.get_by_role("button", name=re.compile("^Header ?: line 5$")).click()
    expect(sentence).to_contain_text("header in line 5, rows in lines 6 to 7")
    expect(cells(page).nth(1)).to_have_text("Bob")
    expect(page.locator("#live")).to_contain_text("missing.")
    unfold(page)
    page.get_by_label("The header is in line").fill("4")
    page.get_by_label("The header is in line").blur()
    settle(page, "Read it like this", javascript=javascript)
    expect(cells(page).nth(1)).to_have_text("Ann")

    for column in ("private", "work"):
        page.get_by_label("email").select_option(column)
        settle(page, "Use these columns", javascript=javascript)
        expect(names(page).filter(has_text=re.compile(f"^{column}"))).to_contain_text("→ email")
        expect(page.locator("#match li").filter(has_text="email").locator("small")).to_have_text("chosen")
    page.reload()
    expect(names(page).filter(has_text="work")).to_contain_text("→ email")
    expect(page.locator("#live")).to_contain_text("All 3 rows can be used.")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 3 rows done.")
    assert contacts(own_desk) == [
        (1, "Ann", "ann@work.example"),
        (2, "Bob", "bob@work.example"),
        (3, "Cid", "cid@work.example"),
    ]
