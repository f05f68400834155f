"""Addresses in cells: exactly one, or the row does not go out."""

import pytest

from webapp.services.mailing.addresses import AddressError, MailAddress


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.Lovelace+x@Example.COM\t", "Ada.Lovelace+x@example.com"),
        ("ada@bücher.example.com", "ada@xn--bcher-kva.example.com"),
        ("jörg@example.com", "jörg@example.com"),
        ("jörg@bücher.example.com", "jörg@bücher.example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("a%b@example.com", "a%b@example.com"),
    ],
)
def test_one_address_with_spaces_around_it_at_most(cell: str, address: str) -> None:
    assert MailAddress.parse(cell).text == address


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("", "is empty"),
        (" \t ", "is empty"),
        ("ada", "is not an e-mail address"),
        ("@", "is not an e-mail address"),
        ("ada@", "is not an e-mail address"),
        ("@example.com", "is not an e-mail address"),
        ("ada@example.com.", "is not an e-mail address"),
        ("ada@example..com", "is not an e-mail address"),
        ("ada.@example.com", "is not an e-mail address"),
        ("ada@localhost", "is not an e-mail address"),
        ("ada@[127.0.0.1]", "is not an e-mail address"),
        ('"a b"@example.com', "is not an e-mail address"),
        ("ada(comment)@example.com", "is not an e-mail address"),
        ("ada @example.com", "is not an e-mail address"),
        ("a" * 320 + "@example.com", "is not an e-mail address"),
        ("ada@example.com, bob@example.com", "one plain address"),
        ("ada@example.com;bob@example.com", "one plain address"),
        ("Ada <ada@example.com>", "one plain address"),
        ("list:ada@example.com,bob@example.com;", "one plain address"),
        ("ada@example.com@example.org", "one plain address"),
        ("ada@example.com\nBcc: bob@example.com", "a line break"),
        ("ada@example.com\r\nRCPT TO:<bob@example.com>", "a line break"),
        ("ada\x00@example.com", "a line break or a control character"),
        ("ada\x85@example.com", "a line break"),
        ("ada\u2028@example.com", "a line break"),
        ("ada\x1b[2J@example.com", "a control character"),
        ("ada\ud800@example.com", "a control character"),
    ],
)
def test_anything_else_is_refused_in_words(cell: str, sentence: str) -> None:
    with pytest.raises(AddressError, match=sentence):
        MailAddress.parse(cell)


def test_capitals_do_not_make_another_person() -> None:
    assert MailAddress.parse("ADA@example.com").key == MailAddress.parse("ada@EXAMPLE.com").key


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("desk@example.org", "", "desk@example.org"),
        ("The Desk <desk@example.org>", "The Desk", "desk@example.org"),
        ('"Desk, The" <desk@example.org>', "Desk, The", "desk@example.org"),
    ],
)
def test_a_sender_may_have_a_name(text: str, name: str, address: str) -> None:
    assert MailAddress.parse_named(text) == MailAddress(address, name)
