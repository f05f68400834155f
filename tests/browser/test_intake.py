"""How a file is read: found, shown, changed by its operator; the preview follows, and what was seen is what runs."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from xlsxwriter import Workbook

from tests.browser.conftest import OpenPage
from tests.browser.people import Person
from tests.browser.test_pages import look
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

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


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


@both
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

    page.get_by_role("button", name=re.compile("^Use as header ?: line 5$")).click()
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


@both
def test_of_two_ways_to_read_a_file_the_operator_says_which_looks_right(
    olga: Person,
    open_page: OpenPage,
    tmp_path: Path,
    javascript: bool,  # noqa: FBT001 (a case)
) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto(hand_in(olga, tmp_path, "a|b,c\n1|2,3\n4|5,6\n", "clean_csv"))
    question = page.get_by_role("region", name="Which of the two looks right?")
    expect(question.get_by_role("region", name="As now: the first rows")).to_contain_text("1|2")
    expect(question.get_by_role("region", name="The other way: the first rows")).to_contain_text("2,3")
    question.get_by_role("button", name=re.compile("^This one ?: vertical bars")).click()
    expect(cells(page)).to_have_text(["1", "2,3"])
    expect(page.locator(".reading-line")).to_contain_text("vertical bars between cells")
    expect(question).to_have_count(0)
    page.reload()
    expect(cells(page)).to_have_text(["1", "2,3"])


DAYS = """id,name,email,birthday,country,newsletter,score
1,Ann,ann@home.example,03/04/1990,AT,yes,50
2,Bob,bob@home.example,05/06/1980,DE,no,60
"""


@both
def test_where_days_and_months_cannot_be_told_apart_the_operator_is_asked(
    olga: Person,
    open_page: OpenPage,
    tmp_path: Path,
    javascript: bool,  # noqa: FBT001 (a case)
) -> None:
    page = open_page(olga, javascript=javascript)
    page.goto(hand_in(olga, tmp_path, DAYS))
    expect(
        page.get_by_role("group", name="birthday: is 03/04/1990 the 3 April 1990, or the 4 March 1990?")
    ).to_be_visible()
    expect(page.locator("#live")).to_contain_text("0 of 2 rows can be used.")
    page.get_by_role("button", name="The 4 March 1990").click()
    expect(page.get_by_role("button", name="The 4 March 1990")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live")).to_contain_text("All 2 rows can be used.")


def test_what_has_changed_since_the_last_file_is_said_above_the_columns(
    own_desk: RunningDesk, open_page: OpenPage, tmp_path: Path
) -> None:
    paul = Person(own_desk, "Paul")
    last = REPORT.replace("private", "email")
    paul.start(hand_in(paul, tmp_path, last))
    page = open_page(paul)
    page.goto(hand_in(paul, tmp_path, last.replace("work", "fax")))
    expect(page.locator(".drift")).to_have_text("Since the last file: fax is new; work is gone.")


@both
def test_a_file_that_lacks_a_column_waits_until_its_column_is_chosen(
    olga: Person,
    open_page: OpenPage,
    tmp_path: Path,
    javascript: bool,  # noqa: FBT001 (a case)
) -> None:
    column = "colour" if javascript else "mood"  # the desk remembers what was chosen for a header
    text = DAYS.replace("email", column).replace("03/04/1990", "1990-01-31").replace("05/06/1980", "1980-01-31")
    page = open_page(olga, javascript=javascript)
    page.goto(hand_in(olga, tmp_path, text))
    expect(page.locator(".headline")).to_have_text("A column is missing.")
    expect(page.get_by_role("button", name="Start", exact=True)).to_have_count(0)
    page.get_by_role("link", name="email").click()
    expect(page.get_by_label("email")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("email").select_option(column)
    settle(page, "Use these columns", javascript=javascript)
    expect(page.locator("#live")).to_contain_text("All 2 rows can be used.")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 2 rows done.")


@both
def test_a_line_that_the_file_does_not_have_is_refused_beside_its_field_and_nothing_is_lost(
    olga: Person,
    open_page: OpenPage,
    tmp_path: Path,
    javascript: bool,  # noqa: FBT001 (a case)
) -> None:
    page = open_page(olga, javascript=javascript, expects=["status of 422"])
    page.goto(hand_in(olga, tmp_path, REPORT))
    unfold(page)
    page.get_by_label("The header is in line").fill("900")
    page.get_by_label("The header is in line").blur()
    settle(page, "Read it like this", javascript=javascript)
    expect(page.get_by_label("The header is in line")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("The header is in line")).to_have_value("900")
    expect(page.locator("#reading-header_line-error")).to_contain_text("The header can't be in line 900")
    expect(page.locator(".change .errors")).to_contain_text("One thing needs changing")
    expect(cells(page).nth(1)).to_have_text("Ann")


def test_what_is_typed_for_the_start_is_not_lost_when_the_reading_changes(
    olga: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(hand_in(olga, tmp_path, REPORT, "load_table"))
    page.get_by_role("textbox", name="Table").fill("people")
    unfold(page)
    page.get_by_label("Letters").focus()
    page.get_by_label("Letters").select_option("cp1252")
    expect(page.locator(".reading-line")).to_contain_text("Western European (Windows)")
    expect(page.get_by_label("Letters")).to_be_focused()
    expect(page.get_by_role("textbox", name="Table")).to_have_value("people")
    expect(page.locator("#reading-said")).to_contain_text("Read as: semicolons between cells")


def workbook(folder: Path) -> Path:
    """A workbook whose first sheet is a cover and whose second holds the rows."""
    path = folder / "articles.xlsx"
    with Workbook(path) as book:
        book.add_worksheet("Cover").write_column(0, 0, ["Articles", "of", "2026"])
        book.add_worksheet("Articles").write_row(0, 0, ["id", "name"])
        book.get_worksheet_by_name("Articles").write_row(1, 0, [1, "Bolt"])
    return path


def test_a_sheet_is_chosen_before_anything_is_typed_for_the_start(
    olga: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(olga.hand_in("load_table", workbook(tmp_path)))
    sentence = page.locator(".reading-line")
    unfold(page)
    for sheet in ("Cover", "Articles"):
        page.get_by_label("Sheet").select_option(sheet)
        expect(sentence).to_contain_text(f"sheet “{sheet}”")
    expect(names(page)).to_have_text([re.compile("^id"), re.compile("^name")])
    page.get_by_role("button", name="There is no header").click()
    expect(sentence).to_contain_text("no header")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("textbox", name="Table")).to_be_focused()


def test_a_choice_that_does_not_reach_the_desk_is_taken_back(olga: Person, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(olga, expects=["Failed to load resource", "Failed to fetch"])
    page.goto(olga.hand_in("load_table", workbook(tmp_path)))
    unfold(page)
    page.get_by_label("Sheet").select_option("Articles")
    expect(page.locator("#reading-said")).to_contain_text("sheet “Articles”")
    expect(page.locator("#live")).to_contain_text("All 1 row can be read.")
    for fail in (lambda route: route.abort(), lambda route: route.fulfill(status=500)):
        page.route("**/reading", fail)
        page.get_by_label("Sheet").select_option("Cover")
        expect(page.locator("#notices .warn")).to_be_visible()
        expect(page.get_by_label("Sheet")).to_have_value("Articles")
        expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
        with page.expect_response("**/foresight*") as asked:
            page.get_by_role("textbox", name="Table").press_sequentially("s")
            page.keyboard.press("Tab")
        asked.value.finished()
        page.wait_for_timeout(300)
        expect(page.locator("#notices .warn")).to_be_visible()  # it stays, until what failed works
    page.unroute("**/reading")
    page.get_by_label("Sheet").select_option("Cover")
    expect(page.locator("#notices .warn")).to_be_hidden()


@pytest.mark.parametrize("job_type", ["import_contacts", "load_table"])
def test_a_file_whose_columns_have_long_names_fits_on_a_phone(
    olga: Person, open_page: OpenPage, tmp_path: Path, job_type: str
) -> None:
    page = open_page(olga, width=390)
    page.goto(hand_in(olga, tmp_path, f"{'id;name;' * 20}score,note\n1;{'Ann;' * 40}2,{'B' * 150}\n", job_type))
    unfold(page)
    page.get_by_label("Between cells", exact=True).select_option("Comma ,")
    expect(page.locator(".reading-line")).to_contain_text("commas between cells")
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_with_the_keyboard_one_goes_on_at_the_file_when_the_button_is_gone(
    olga: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(hand_in(olga, tmp_path, REPORT, "clean_csv"))
    page.get_by_role("button", name=re.compile("^Use as header ?: line 2$")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".reading-line")).to_contain_text("header in line 2")
    expect(page.get_by_role("heading", name="What is in the file")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#change")).to_be_focused()


def test_a_start_by_what_was_seen_before_is_refused_in_words(olga: Person, open_page: OpenPage, tmp_path: Path) -> None:
    job = hand_in(olga, tmp_path, REPORT, "clean_csv")
    old, new = open_page(olga, expects=["status of 422"]), open_page(olga)
    old.goto(job)
    new.goto(job)
    unfold(new)
    new.get_by_label("Between cells", exact=True).select_option("Tab")
    expect(new.locator(".reading-line")).to_contain_text("tabs between cells")
    old.get_by_role("button", name="Start", exact=True).click()
    expect(old.get_by_role("alert").first).to_contain_text("has been changed since you looked at it")
    expect(old.locator(".reading-line")).to_contain_text("tabs between cells")


MESSY = "id,do,note\n1,,fine\n2,\n3,,fine\n" + "".join(f"{row},,#N/A\n" for row in range(4, 32))


def test_damage_and_broken_records_are_shown_before_the_start_and_repairs_can_be_accepted(
    olga: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(hand_in(olga, tmp_path, MESSY, "clean_csv"))
    damage = page.get_by_role("region", name="Look at this before you start")
    expect(damage).to_contain_text("28 cells hold a spreadsheet's error instead of a value")
    broken = page.locator("#repairs")
    expect(broken).to_contain_text("has 2 cells where the header has 3")
    expect(page.locator("#live")).to_contain_text("30 of 31 rows can be read. 1 can’t.")
    broken.get_by_role("button", name="Accept the suggested repair").click()
    expect(page.locator("#live")).to_contain_text("All 31 rows can be read.")
    expect(broken.get_by_role("button", name="Leave them out instead")).to_be_visible()
    look(page)


def test_a_broken_record_is_shown_with_its_text_and_its_repair_among_the_rows_that_went_wrong(
    olga: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(olga)
    page.goto(olga.start(hand_in(olga, tmp_path, MESSY, "clean_csv")))
    expect(page.locator(".headline")).to_contain_text("1 needs you.")
    page.goto(f"{page.url}/problems")
    row = page.locator("#row-2")
    expect(row.locator("code.raw")).to_have_text("2,")
    expect(row).to_contain_text("Suggested: The cell missing at the end was left empty.")
    look(page)


@pytest.mark.parametrize("text", [REPORT, "a|b,c\n1|2,3\n4|5,6\n", DAYS], ids=["preamble", "two ways", "days"])
def test_axe_finds_nothing_to_mend_where_something_is_asked(
    olga: Person, open_page: OpenPage, tmp_path: Path, text: str
) -> None:
    page = open_page(olga)
    page.goto(hand_in(olga, tmp_path, text, "clean_csv" if "|" in text else "import_contacts"))
    unfold(page)
    look(page)
