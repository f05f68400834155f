"""The mailer against a real server that misbehaves: what may be said of each mail, and that none leaves twice."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.mail_server import DROP, HUSH, LOSE, MailSink
from webapp.authoring import NotSent, Unsure
from webapp.services.mailing.addresses import MailAddress
from webapp.services.mailing.connection import HungUp
from webapp.services.mailing.errors import MailLater, MailRefused, MailServerAway, MailServerWrong
from webapp.services.mailing.mailer import Mailer
from webapp.services.mailing.message import Mail
from webapp.services.mailing.server import MailServer

DESK = MailAddress("desk@example.org", "The Desk")


class Row:
    """What `ctx.send_once` is for a row: whether it was entered, and how it was left."""

    def __init__(self) -> None:
        self.entered = 0
        self.begun = False

    @contextmanager
    def once(self) -> Iterator[None]:
        self.entered += 1
        self.begun = True
        try:
            yield
        except NotSent:
            self.begun = False
            raise


Start = Callable[..., MailSink]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts mail servers."""
    sinks: list[MailSink] = []

    def begin(sink: MailSink) -> MailSink:
        sinks.append(sink.start())
        return sink

    yield begin
    for sink in sinks:
        sink.stop()


def mailer(sink: MailSink, *, seconds: float = 5, seconds_after_dot: float = 5) -> Mailer:
    return Mailer(MailServer.parse(sink.address), DESK, seconds=seconds, seconds_after_dot=seconds_after_dot)


def mail(number: int = 1, **parts: object) -> Mail:
    words = {"recipient": MailAddress(f"ada{number}@example.com"), "subject": "Hello", "text": "Dear Ada"}
    return Mail(**{**words, "message_id": f"job.{number}", **parts})  # type: ignore[arg-type]


def test_a_mail_arrives_as_it_was_meant(start: Start) -> None:
    sink, row = start(MailSink()), Row()
    with mailer_of(sink) as desk:
        desk.send(mail(text="Grüße\n.\n..x\nlong " + "x" * 2_000), row.once)
    (taken,) = sink.taken
    assert (taken.sender, taken.recipients) == ("desk@example.org", ("ada1@example.com",))
    assert taken.message["From"] == "The Desk <desk@example.org>"
    assert taken.message["Message-ID"] == "<job.1@example.org>"
    assert taken.message["Auto-Submitted"] == "auto-generated"
    assert taken.message.get_content().split("\r\n") == ["Grüße", ".", "..x", "long " + "x" * 2_000, ""]
    assert max(map(len, taken.content.splitlines())) <= 78
    assert taken.content.isascii()
    assert (row.entered, row.begun) == (1, True)


def first(verb: str, what: str) -> Callable[[str, int], str | None]:
    """Trouble at the first time of a verb."""
    return lambda asked, number: what if (asked, number) == (verb, 1) else None


@pytest.mark.parametrize("code", ["450 4.2.0 greylisted", "451 4.7.1 later", "452 4.3.1 full"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
def test_what_the_server_does_not_take_now_is_certain_and_for_later(start: Start, verb: str, code: str) -> None:
    sink, row = start(MailSink(trouble=first(verb, code))), Row()
    with mailer_of(sink) as desk:
        with pytest.raises(MailLater, match=code) as refused:
            desk.send(mail(), row.once)
        assert not isinstance(refused.value, HungUp)
        assert not row.begun
        assert sink.taken == []
        desk.send(mail(), Row().once)
        assert len(sink.taken) == 1
        assert sink.counts["connect"] == 1


@pytest.mark.parametrize("code", ["550 5.1.1 no such user", "554 5.7.1 spam", "552 5.3.4 too big"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
def test_what_the_server_refuses_failed_with_its_words(start: Start, verb: str, code: str) -> None:
    sink, row = start(MailSink(trouble=first(verb, code))), Row()
    with mailer_of(sink) as desk:
        with pytest.raises(MailRefused, match=f"“{code}”"):
            desk.send(mail(), row.once)
        assert not row.begun
        desk.send(mail(), Row().once)
        assert [taken.recipients for taken in sink.taken] == [("ada1@example.com",)]
        assert sink.counts["connect"] == 1


@pytest.mark.parametrize("what", [DROP, HUSH, "421 4.3.2 closing"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_mail_was_whole_is_certain(start: Start, verb: str, what: str) -> None:
    sink, row = start(MailSink(trouble=first(verb, what))), Row()
    with mailer_of(sink, seconds=0.5) as desk:
        with pytest.raises(HungUp):
            desk.send(mail(), row.once)
        assert (row.entered, sink.taken) == (0, [])
        desk.send(mail(), row.once)
        assert len(sink.taken) == 1
        assert sink.counts["connect"] == 2


@pytest.mark.parametrize(("what", "arrived"), [(DROP, 0), (LOSE, 1), (HUSH, 0), ("299-", 0), ("354 what?", 0)])
def test_after_the_dot_nothing_but_an_answer_is_certain(start: Start, what: str, arrived: int) -> None:
    sink, row = start(MailSink(trouble=first(".", what))), Row()
    with mailer_of(sink, seconds_after_dot=0.5) as desk:
        with pytest.raises(Unsure):
            desk.send(mail(), row.once)
        assert (row.entered, row.begun) == (1, True)
        assert len(sink.taken) == arrived
        desk.send(mail(2), Row().once)
        assert sink.counts["connect"] == 2


@pytest.mark.parametrize("what", [DROP, "421 4.3.2 closing", "450 4.7.0 so many in a connection"])
def test_a_server_that_is_tired_of_a_connection_gets_another(start: Start, what: str) -> None:
    sink = start(MailSink(trouble=lambda verb, number: what if verb == "MAIL" and number in {3, 6} else None))
    with mailer_of(sink) as desk:
        for number in range(1, 8):
            desk.send(mail(number), Row().once)
    assert [taken.message["Message-ID"] for taken in sink.taken] == [f"<job.{n}@example.org>" for n in range(1, 8)]
    assert sink.counts["connect"] == 3


def test_a_limit_of_mails_to_a_connection_is_met(start: Start) -> None:
    sink = start(MailSink(per_connection=3))
    with mailer_of(sink) as desk:
        for number in range(10):
            desk.send(mail(number), Row().once)
    assert len(sink.taken) == 10
    assert sink.counts["connect"] == 4


@pytest.mark.parametrize("what", [DROP, HUSH, "421 4.3.2 busy", "554 5.7.1 go away"])
@pytest.mark.parametrize("verb", ["connect", "EHLO"])
def test_a_server_that_takes_nothing_now_has_the_job_wait(start: Start, verb: str, what: str) -> None:
    sink, row = start(MailSink(trouble=lambda asked, _: what if asked == verb else None)), Row()
    with mailer_of(sink, seconds=0.5) as desk, pytest.raises(MailServerAway):
        desk.send(mail(), row.once)
    assert row.entered == 0


def test_a_server_that_is_not_there_has_the_job_wait(start: Start) -> None:
    sink, row = start(MailSink()), Row()
    sink.stop()
    with mailer_of(sink) as desk, pytest.raises(MailServerAway, match="nothing answers there"):
        desk.send(mail(), row.once)
    with pytest.raises(MailServerAway, match="no machine has this name"):
        Mailer(MailServer.parse("smtp://nobody.invalid"), DESK).send(mail(), row.once)


@contextmanager
def mailer_of(sink: MailSink, **seconds: float) -> Iterator[Mailer]:
    desk = mailer(sink, **seconds)
    yield desk
    desk.close()


class Stopped(BaseException):
    """The job was called off, or its process leaves."""


def test_who_is_stopped_before_the_dot_hangs_up_at_once_and_has_sent_nothing(start: Start) -> None:
    @contextmanager
    def stop() -> Iterator[None]:
        raise Stopped
        yield

    sink = start(MailSink())
    with mailer_of(sink, seconds=30) as desk:
        began = time.monotonic()
        with pytest.raises(Stopped):
            desk.send(mail(), stop)
        assert time.monotonic() - began < 5
    assert sink.taken == []


@pytest.mark.parametrize("how", ["tls", "starttls"])
def test_encrypted_with_login(start: Start, how: str, tls: ssl.SSLContext, trusted: None) -> None:  # noqa: ARG001
    sink = start(MailSink(**{how: tls}, password="secret"))  # type: ignore[arg-type]
    with mailer_of(sink) as desk:
        desk.send(mail(), Row().once)
    assert len(sink.taken) == 1


@pytest.mark.parametrize("how", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(start: Start, how: str, tls: ssl.SSLContext) -> None:
    sink, row = start(MailSink(**{how: tls})), Row()  # type: ignore[arg-type]
    with mailer_of(sink) as desk, pytest.raises(MailServerWrong, match="is not safe"):
        desk.send(mail(), row.once)
    assert sink.taken == []


def test_a_certificate_of_another_host_is_refused(start: Start, tls: ssl.SSLContext, trusted: None) -> None:  # noqa: ARG001
    sink = start(MailSink(tls=tls))
    desk = Mailer(MailServer.parse(f"smtps://127.0.0.1:{sink.port}"), DESK, seconds=5)
    with pytest.raises(MailServerWrong, match="is not safe"):
        desk.send(mail(), Row().once)


def test_a_server_from_whose_offer_starttls_was_taken_is_refused(start: Start) -> None:
    sink = start(MailSink())
    desk = Mailer(MailServer.parse(f"smtp://desk:secret@localhost:{sink.port}"), DESK, seconds=5)
    with pytest.raises(MailServerWrong, match="does not offer STARTTLS"):
        desk.send(mail(), Row().once)
    assert "AUTH" not in sink.counts


def test_encryption_that_does_not_work_now_has_the_job_wait(start: Start, tls: ssl.SSLContext) -> None:
    sink = start(MailSink(starttls=tls, trouble=first("STARTTLS", "454 4.7.0 not now")))
    with mailer_of(sink) as desk, pytest.raises(MailServerAway):
        desk.send(mail(), Row().once)


def test_a_wrong_password_is_said_and_nothing_is_sent(start: Start, tls: ssl.SSLContext, trusted: None) -> None:  # noqa: ARG001
    sink = start(MailSink(starttls=tls, password="secret"))
    wrong = MailServer.parse(sink.address.replace("secret", "wrong"))
    with pytest.raises(MailServerWrong, match="did not take the desk’s user name and password") as refused:
        Mailer(wrong, DESK, seconds=5).send(mail(), Row().once)
    assert "wrong" not in str(refused.value)


def test_a_foreign_address_goes_out_if_the_server_knows_how(start: Start) -> None:
    foreign = mail(recipient=MailAddress("jörg@example.com"))
    sink = start(MailSink())
    with mailer_of(sink) as desk:
        desk.send(foreign, Row().once)
    assert sink.taken[0].recipients == ("jörg@example.com",)
    assert "SMTPUTF8" in sink.taken[0].options
    plain, row = start(MailSink(utf8=False)), Row()
    with mailer_of(plain) as desk, pytest.raises(MailRefused, match="no SMTPUTF8"):
        desk.send(foreign, row.once)
    assert row.entered == 0


def test_proxies_of_the_environment_are_ignored(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    sink = start(MailSink())
    with mailer_of(sink) as desk:
        desk.send(mail(), Row().once)
    assert len(sink.taken) == 1
