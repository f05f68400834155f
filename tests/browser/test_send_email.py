"""Somebody writes to the customers of a file, with JavaScript and without; counted where the mails arrive."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, write_table
from tests.browser.people import Person
from tests.mail_server import MailSink
from tests.running import RunningDesk

both = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
ROWS = 60


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """Sixty people, one of whom has no address."""
    rows = (
        [f"P{number}", f"p{number}@example.com" if number != 5 else "none", number] for number in range(1, ROWS + 1)
    )
    return write_table(tmp_path / "customers.csv", ["name", "email", "order"], rows)


@both
def test_a_letter_is_looked_at_tried_confirmed_and_sent(
    open_page: OpenPage, mail_desk: RunningDesk, sink: MailSink, customers: Path, *, javascript: bool
) -> None:
    olga = Person(mail_desk, "Olga")
    page = open_page(olga, javascript=javascript, expects=["422"])
    page.goto(olga.hand_in("send_email", customers))
    page.get_by_label("To", exact=True).select_option("email")
    page.get_by_label("Subject").fill("Order {order}")
    page.get_by_label("Text", exact=False).first.fill("Dear {nmae}, it is on its way.")
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_role("alert").first).to_contain_text("Did you mean {name}?")
    page.get_by_label("Text", exact=False).first.fill("Dear {name}, it is on its way.")
    page.get_by_label("Row", exact=True).fill("7")
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("pre.sight")).to_have_text("Dear P7, it is on its way.")
    page.get_by_label("Your e-mail address").fill("olga@example.org")
    page.get_by_role("button", name="Send me this one").click()
    expect(page.locator("#look")).to_contain_text("was sent to olga@example.org instead")
    assert [mail.recipients for mail in sink.taken] == [("olga@example.org",)]
    page.get_by_label("How many rows?").fill("6")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("The file has 60 rows, not 6.")
    expect(page.get_by_label("Subject")).to_have_value("Order {order}")
    page.get_by_label("How many rows?").fill("60")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".hero .badge").first).to_have_text("Completed with errors", timeout=60_000)
    expect(page.locator(".hero")).to_contain_text("59 of 60")
    assert sorted(mail.recipients[0] for mail in sink.taken[1:]) == sorted(
        f"p{number}@example.com" for number in range(1, ROWS + 1) if number != 5
    )


@both
def test_people_who_are_typed_in_get_a_file_each(
    open_page: OpenPage, mail_desk: RunningDesk, sink: MailSink, tmp_path: Path, *, javascript: bool
) -> None:
    with zipfile.ZipFile(tmp_path / "bills.zip", "w") as archive:
        archive.writestr("ada.pdf", b"for Ada")
    page = open_page(Person(mail_desk, "Olga"), javascript=javascript)
    page.goto("/jobs/new/send_email")
    page.get_by_text("Type or paste the rows instead").click()
    page.get_by_label("Rows").fill("email\tbill\nada@example.com\tada.pdf\nbob@example.com\t\ncy@example.com\tcy.pdf\n")
    page.get_by_role("button", name="Continue").last.click()
    page.get_by_label("To", exact=True).select_option("email")
    page.get_by_label("Subject").fill("Your bill")
    page.get_by_label("Text", exact=False).first.fill("It is attached.")
    page.get_by_label("Attachment", exact=True).set_input_files(tmp_path / "bills.zip")
    page.get_by_label("Column with each row’s attachment").select_option("bill")
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_text("ada.pdf (7 bytes)")).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("cell", name="names “cy.pdf”, which is not")).to_be_visible(timeout=30_000)
    page.goto("about:blank")
    attached = {
        mail.recipients[0]: [part.get_filename() for part in mail.message.iter_attachments()] for mail in sink.taken
    }
    assert attached == {"ada@example.com": ["ada.pdf"], "bob@example.com": []}
