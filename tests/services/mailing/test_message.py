"""Mails made up: headers that nobody can break out of, bodies that any server can carry."""

from email import message_from_bytes, policy

import pytest

from webapp.services.mailing.addresses import MailAddress
from webapp.services.mailing.connection import stuffed
from webapp.services.mailing.html import HtmlError, escaped, require_harmless
from webapp.services.mailing.message import Attachment, Envelope, Mail, MessageError, compose

DESK = MailAddress("desk@example.org", "Desk, The “first”")


def made(**parts: object) -> Envelope:
    words = {"recipient": MailAddress("ada@example.com"), "subject": "Hello", "text": "Dear Ada", "message_id": "1.2"}
    return compose(Mail(**{**words, **parts}), DESK)  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ["\r", "\n", "\r\n", "\x00", "\u2028", "\u2029", "\x85", "\x1b", "\x0b"])
@pytest.mark.parametrize("header", ["subject", "unsubscribe"])
def test_what_would_end_a_header_is_refused(header: str, sign: str) -> None:
    with pytest.raises(MessageError, match="line break or a control character"):
        made(**{header: f"https://example.com{sign}Bcc: bob@example.com"})


def test_letters_in_other_clothes_are_refused() -> None:
    with pytest.raises(MessageError, match="would read as other letters"):
        made(subject="=?utf-8?q?x=0D=0ABcc: bob@example.com?=")


def test_a_subject_has_a_limit() -> None:
    with pytest.raises(MessageError, match="longer than 900"):
        made(subject="x" * 901)


@pytest.mark.parametrize("subject", ["Grüße aus Köln " * 20, "x" * 900, "日本語" * 100, "50 %=? =? a", "a: b"])
def test_a_subject_comes_out_as_it_went_in(subject: str) -> None:
    data = made(subject=subject).data()
    assert message_from_bytes(data, policy=policy.default)["Subject"] == subject.strip()
    assert max(map(len, data.splitlines())) <= 998
    assert data.isascii()


def test_the_headers_that_a_mail_to_many_needs() -> None:
    address = "https://example.com/leave?" + "x" * 300
    message = message_from_bytes(
        made(unsubscribe=address, reply_to=MailAddress("help@example.org")).data(), policy=policy.default
    )
    assert message["List-Unsubscribe"] == f"<{address}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == "<1.2@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "help@example.org"
    assert message["From"].addresses[0].display_name == DESK.name
    assert message["Date"].datetime is not None


@pytest.mark.parametrize("address", ["https://müller.example/", "https://shop.example/größe", "mailto:ä@b.example"])
def test_a_way_out_that_no_header_can_hold_is_refused(address: str) -> None:
    with pytest.raises(MessageError, match="outside of plain ASCII"):
        made(unsubscribe=address)


def test_one_click_is_offered_for_pages_only() -> None:
    assert made(unsubscribe="mailto:leave@example.org").message["List-Unsubscribe-Post"] is None


def test_a_long_address_stays_in_one_piece() -> None:
    address = "a" * 60 + "@" + ".".join(["b" * 60] * 3) + ".example.com"
    message = message_from_bytes(made(recipient=MailAddress(address)).data(), policy=policy.default)
    assert message["To"].addresses[0].addr_spec == address


def test_html_stands_beside_the_text() -> None:
    message = made(html="<p>Grüße</p>").message
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"a\n.\nb", b"a\r\n..\r\nb\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n"),
        (b"a\r\n.\r\nMAIL FROM:<x>\r\n", b"a\r\n..\r\nMAIL FROM:<x>\r\n"),
        (b"a\n.\r\nb", b"a\r\n..\r\nb\r\n"),
        (b"a\r\r\n.b", b"a\r\n\r\n..b\r\n"),
        (b".", b"..\r\n"),
    ],
)
def test_no_line_of_a_mail_can_end_it(body: bytes, line: bytes) -> None:
    assert stuffed(body) == line


@pytest.mark.parametrize("text", ["x\n.\ny", "x\r.\ry", "long " + "x" * 5_000, "Grüße \x00 \u2028", "  .  "])
def test_bodies_are_short_lines_of_ascii(text: str) -> None:
    data = made(text=text).data()
    assert data.isascii()
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "html",
    [
        '<p>Dear <b>Ada</b>, <a href="https://example.com/a?b=1&amp;c=2">look</a></p>',
        '<a href="mailto:ada@example.com">write</a> <img src="cid:logo" alt="">',
        "<h1 style='color: red'>1 &lt; 2</h1>",
    ],
)
def test_harmless_html_passes(html: str) -> None:
    require_harmless(html)


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("<script>alert(1)</script>", "has <script>"),
        ("<SCRIPT src=x>", "has <script>"),
        ("<iframe src='https://example.com'>", "has <iframe>"),
        ("<form action='https://example.com'>", "has <form>"),
        ("<b onclick=alert(1)>", "attribute onclick"),
        ("<img src=x onerror=alert(1)>", "leads to “x”"),
        ("<a href='javascript:alert(1)'>x</a>", "leads to “javascript:"),
        ("<a href=' java\nscript:alert(1)'>x</a>", "leads to"),
        ("<a href='&#106;avascript:alert(1)'>x</a>", "leads to “javascript:"),
        ("<a href='data:text/html,x'>x</a>", "leads to “data:"),
        ("<a href='//evil.example'>x</a>", "leads to “//evil"),
        ("<a href>x</a>", "leads to “”"),
    ],
)
def test_html_that_could_do_something_is_refused(html: str, sentence: str) -> None:
    with pytest.raises(HtmlError, match=sentence):
        require_harmless(html)


def test_a_cell_is_text_in_html() -> None:
    assert escaped("<b>\"a\" & 'b'\r\nc") == "&lt;b&gt;&quot;a&quot; &amp; &#x27;b&#x27;<br>c"


def test_files_go_along_as_they_are_and_their_names_stay_names() -> None:
    content = b"\x00\xff\r\n.\r\n" * 100
    files = (Attachment("Größe, “all”.pdf", "application/pdf", content), Attachment("a.csv", "text/csv", b"a\n1\n"))
    data = made(attachments=files).data()
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    parts = list(message_from_bytes(data, policy=policy.default).iter_attachments())
    assert [part.get_filename() for part in parts] == ["Größe, “all”.pdf", "a.csv"]
    assert [part.get_payload(decode=True) for part in parts] == [content, b"a\n1\n"]


@pytest.mark.parametrize("name", ["a\r\nBcc: b@example.com", "a\nb", "x" * 201])
def test_a_name_of_a_file_that_would_break_its_header_is_refused(name: str) -> None:
    with pytest.raises(MessageError, match="The name of a file"):
        made(attachments=(Attachment(name, "text/csv", b""),))
