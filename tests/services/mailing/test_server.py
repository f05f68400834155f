"""The address of the mail server: what is refused before anything is sent in the clear."""

import pytest

from webapp.services.mailing.server import MailServer, Secured


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, Secured.starttls)),
        ("smtps://mail.example:2465/", MailServer("mail.example", 2465, Secured.tls)),
        ("smtp://desk:a%2Fb%40c@mail.example", MailServer("mail.example", 587, Secured.starttls, "desk", "a/b@c")),
        ("smtp+plain://127.0.0.1:1025", MailServer("127.0.0.1", 1025, Secured.none)),
        ("smtp+plain://localhost", MailServer("localhost", 25, Secured.none)),
        ("smtp+plain://[::1]:25", MailServer("::1", 25, Secured.none)),
    ],
)
def test_an_address_says_host_port_encryption_and_login(address: str, server: MailServer) -> None:
    assert MailServer.parse(address) == server


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mail.example", "is no address of a mail server"),
        ("http://mail.example", "is no address of a mail server"),
        ("smtp://mail.example:x", "is no address of a mail server"),
        ("smtp://mail.example:70000", "is no address of a mail server"),
        ("smtp://", "names no host"),
        ("smtp://desk@mail.example", "has a user without a password"),
        ("smtp://desk:a/b@mail.example", "."),
        ("smtp://mail.example/path", "something behind its port"),
        ("smtp://desk:a%0D%0Ab@mail.example", "a user or password with other signs"),
        ("smtp+plain://mail.example", "unencrypted over a network"),
        ("smtp+plain://10.0.0.1", "unencrypted over a network"),
        ("smtp+plain://localhost.evil.example", "unencrypted over a network"),
        ("smtp+plain://desk:secret@127.0.0.1", "a password unencrypted"),
    ],
)
def test_what_is_none_or_not_safe_is_refused_in_words(address: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        MailServer.parse(address)
    assert "secret" not in str(refused.value)


def test_the_password_is_shown_nowhere() -> None:
    server = MailServer.parse("smtp://desk:secret@mail.example")
    assert "secret" not in f"{server} {server!r}"
