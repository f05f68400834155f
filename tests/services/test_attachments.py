"""Attachments: one for all mails, or the file that each row names; what can't be sent is said of its row."""

import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from webapp.authoring import Failed, JobError, OtherFile
from webapp.services.mailing.addresses import MailAddress
from webapp.services.mailing.attachments import MOST_BYTES, Attachments, made, problem_of
from webapp.services.mailing.message import Mail, MessageError, compose

SENDER = MailAddress.parse("desk@example.org")


def other_file(path: Path) -> OtherFile:
    return OtherFile(uuid4(), path.name, path.stat().st_size, lambda: path)


@pytest.fixture
def bills(tmp_path: Path) -> OtherFile:
    with zipfile.ZipFile(tmp_path / "bills.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Ada.pdf", b"for Ada")
        archive.writestr("north/Bob.pdf", b"for Bob")
        archive.writestr("north/same.pdf", b"north")
        archive.writestr("south/same.pdf", b"south")
        archive.writestr("huge.pdf", bytes(MOST_BYTES + 1))
    return other_file(tmp_path / "bills.zip")


@pytest.mark.parametrize(
    ("cell", "name", "content"),
    [
        ("Ada.pdf", "Ada.pdf", b"for Ada"),
        (" ada.PDF ", "Ada.pdf", b"for Ada"),
        ("Bob.pdf", "Bob.pdf", b"for Bob"),
        ("north\\Bob.pdf", "Bob.pdf", b"for Bob"),
        ("south/same.pdf", "same.pdf", b"south"),
    ],
)
def test_a_row_gets_the_file_that_it_names(bills: OtherFile, cell: str, name: str, content: bytes) -> None:
    with Attachments() as attachments:
        assert attachments.of_row(bills, "bill", {"bill": cell}) == made(name, content)


def test_a_blank_cell_means_none(bills: OtherFile) -> None:
    with Attachments() as attachments:
        assert attachments.of_row(bills, "bill", {"bill": " "}) is None


BAD = {
    "Cy.pdf": "names “Cy.pdf”, which is not in bills.zip",
    "../Ada.pdf": "names “../Ada.pdf”, which is not in bills.zip",
    "same.pdf": "names “same.pdf”, of which bills.zip has several: write its folder too",
    "huge.pdf": "names a file that is larger than the 10 MB that a mail may carry",
}


@pytest.mark.parametrize("cell", BAD)
def test_a_file_that_cannot_go_along_fails_its_row(bills: OtherFile, cell: str) -> None:
    with Attachments() as attachments, pytest.raises(Failed) as failed:
        attachments.of_row(bills, "bill", {"bill": cell})
    assert (str(failed.value), failed.value.column) == (BAD[cell], "bill")


def test_a_damaged_file_fails_its_row_and_a_damaged_archive_the_job(bills: OtherFile, tmp_path: Path) -> None:
    whole = bills.path.read_bytes()
    at = whole.index(b"Ada.pdf") + len(b"Ada.pdf")
    bills.path.write_bytes(whole[:at] + b"\xff\xff\xff" + whole[at + 3 :])
    with Attachments() as attachments, pytest.raises(Failed, match="can’t be unpacked"):
        attachments.of_row(bills, "bill", {"bill": "Ada.pdf"})
    (tmp_path / "no.zip").write_bytes(b"PK no archive")
    with Attachments() as attachments, pytest.raises(JobError, match=r"no\.zip is none"):
        attachments.of_row(other_file(tmp_path / "no.zip"), "bill", {"bill": "Ada.pdf"})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bill.pdf", "application/pdf"),
        ("notes.txt", "text/plain"),
        ("data.csv.gz", "application/octet-stream"),
        ("old.eml", "application/octet-stream"),
        ("no ending", "application/octet-stream"),
    ],
)
def test_an_attachment_arrives_as_it_was(name: str, kind: str) -> None:
    content = bytes(range(256)) + b"\r\n.\r\n\n.\n" * 3
    mail = Mail(SENDER, "Hello", "Hello", "1", attachments=(made(name, content),))
    sent = compose(mail, SENDER).data()
    assert all(len(line) < 100 and line.isascii() for line in sent.split(b"\r\n"))
    (part,) = compose(mail, SENDER).message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (name, kind)
    assert part.get_payload(decode=True) == content


@pytest.mark.parametrize(
    "name", ["a\nb.pdf", "a\rBcc: x@example.com.pdf", "a\0b", "a\u2028b", "a\x85b", "=?utf-8?q?a?="]
)
def test_a_name_that_would_break_its_header_is_refused(name: str) -> None:
    with pytest.raises(MessageError, match="The name of a file"):
        compose(Mail(SENDER, "Hello", "Hello", "1", attachments=(made(name, b""),)), SENDER)


def test_what_does_not_go_together_is_said_before_the_start(bills: OtherFile) -> None:
    letter = OtherFile(uuid4(), "letter.pdf", MOST_BYTES + 1)
    assert problem_of(None, None) == problem_of(bills, "bill") == {}
    assert "Choose the ZIP archive" in problem_of(None, "bill")["attachment"]
    assert "has to be a ZIP archive" in problem_of(letter, "bill")["attachment"]
    assert problem_of(letter, None)["attachment"] == "letter.pdf is larger than the 10 MB that a mail may carry."
