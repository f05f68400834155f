"""What somebody else's server may answer, and what the desk makes of it: in bounded time, and in bounded memory."""

import gzip
import logging
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

import pytest

from tests.receiver import Heard, RawServer, Receiver, Reply
from webapp.services.outgoing.client import Client
from webapp.services.outgoing.errors import AddressRefused, AnswerLost, BadAnswer, HttpTrouble, TooLong, TooSlow

HEAD = b"HTTP/1.1 200 OK\r\n"
PACKED = gzip.compress(b"x" * 999)


def drip() -> Iterator[bytes]:
    yield HEAD + b"Content-Length: 1000000\r\n\r\n"
    for _ in range(400):
        yield b"x"
        time.sleep(0.05)


def interim() -> Iterator[bytes]:
    for _ in range(400):
        yield b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10
        time.sleep(0.05)


def headers_for_ever() -> Iterator[bytes]:
    yield HEAD
    yield from repeat(b"X-More: yes\r\n" * 100, 10_000)


ODD: dict[str, tuple[Callable[[], Iterable[bytes]], type[HttpTrouble]]] = {
    "a byte now and then": (drip, TooSlow),
    "interim answers for ever": (interim, TooSlow),
    "10 GB": (lambda: (HEAD + b"Content-Length: 10000000000\r\n\r\n", *repeat(b"x" * 65536, 400)), TooLong),
    "endless chunks": (
        lambda: (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *repeat(b"8000\r\n" + b"x" * 0x8000 + b"\r\n", 800)),
        TooLong,
    ),
    "a header of 1 MB": (lambda: (HEAD + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n",), BadAnswer),
    "headers without end": (headers_for_ever, BadAnswer),
    "more headers than anybody needs": (lambda: (HEAD + b"X: y\r\n" * 500 + b"Content-Length: 0\r\n\r\n",), BadAnswer),
    "no status": (lambda: (b"just words\r\n\r\n",), BadAnswer),
    "shorter than it says": (lambda: (HEAD + b"Content-Length: 10\r\n\r\nabc",), AnswerLost),
    "chunks that break off": (lambda: (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",), AnswerLost),
    "nothing": (lambda: (), AnswerLost),
    "packed and not": (lambda: (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",), BadAnswer),
    "packed in an unknown way": (lambda: (HEAD + b"Content-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",), BadAnswer),
    "packed and cut": (
        lambda: (HEAD + b"Content-Encoding: gzip\r\n\r\n" + PACKED[:-9],),
        AnswerLost,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_no_answer_and_takes_no_time(name: str) -> None:
    pieces, error = ODD[name]
    begun = time.monotonic()
    with (
        RawServer(pieces) as server,
        Client([server.place]) as client,
        pytest.raises(error) as caught,
        client.send("GET", server.url, seconds=1.5) as answer,
    ):
        answer.body(1_000_000)
    assert type(caught.value) is error
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_what_is_packed_is_unpacked_no_further_than_it_is_wanted(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(200_000_000))
    with (
        Receiver(lambda _: Reply(body=bomb, headers={"Content-Encoding": "gzip"})) as receiver,
        Client([receiver.place]) as client,
        client.send("GET", receiver.url) as answer,
    ):
        pieces = list(map(len, until_too_long(answer.pieces(1_000_000))))
    assert max(pieces) <= 65536
    assert sum(pieces) <= 1_000_000


def until_too_long(pieces: Iterator[bytes]) -> Iterator[bytes]:
    with pytest.raises(TooLong):
        yield from pieces


def test_what_is_packed_well_is_unpacked() -> None:
    packed = gzip.compress(b"hello " * 100)
    with (
        Receiver(lambda _: Reply(body=packed, headers={"Content-Encoding": "gzip"})) as receiver,
        Client([receiver.place]) as client,
        client.send("GET", receiver.url) as answer,
    ):
        assert answer.beginning(5) == b"hello"
        assert answer.body(1_000) == b"\x20" + b"hello " * 99


def test_first_words_are_one_short_line() -> None:
    with (
        Receiver(lambda _: Reply(422, "größer\r\n\x1b[31m als \x00 nötig ".encode() * 99)) as receiver,
        Client([receiver.place]) as client,
        client.send("GET", receiver.url) as answer,
    ):
        words = answer.words(40)
    assert words == "größer [31m als nötig größer [31m als n…"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:1/", "http://169.254.169.254/", "file:///etc/passwd", "gopher://desk.example/", "//10.0.0.1/"],
)
def test_a_redirect_is_judged_like_any_address(status: int, location: str) -> None:
    with Receiver(lambda _: Reply(status, headers={"Location": location})) as receiver:
        with (
            Client([receiver.place]) as client,
            pytest.raises(AddressRefused),
            client.send("GET", receiver.url),
        ):
            pass
        assert len(receiver.heard) == 1


@pytest.mark.parametrize("next_path", ["", "n"])
def test_redirects_without_end_are_left(next_path: str) -> None:
    with Receiver(lambda heard: Reply(302, headers={"Location": heard.path + next_path})) as receiver:
        with (
            Client([receiver.place]) as client,
            pytest.raises(BadAnswer, match="leads on and on"),
            client.send("GET", receiver.url),
        ):
            pass
        assert len(receiver.heard) == 6


def test_a_redirect_keeps_secrets_from_other_hosts() -> None:
    with Receiver(lambda _: Reply(body=b"there")) as there:
        here = Receiver(lambda heard: Reply(302, headers={"Location": there.url if heard.path == "/2" else "/2"}))
        secrets = {"Authorization": "Bearer swordfish", "X-Api-Key": "swordfish", "Range": "bytes=5-"}
        with (
            here,
            Client([here.place, there.place]) as client,
            client.send("GET", here.url + "/1", headers=secrets) as answer,
        ):
            assert answer.body(100) == b"there"
            assert str(answer.address) == there.url + "/"
    assert here.heard[1].headers["x-api-key"] == "swordfish"
    assert there.heard[0].headers["range"] == "bytes=5-"
    assert "swordfish" not in str(there.heard[0].headers)
    assert {"referer", "authorization", "x-api-key"}.isdisjoint(there.heard[0].headers)


@pytest.mark.parametrize(("status", "led"), [(301, False), (302, False), (303, False), (307, True), (308, True)])
def test_what_changes_something_follows_only_as_it_is_and_to_the_same_host(status: int, led: bool) -> None:  # noqa: FBT001
    def reply(heard: Heard) -> Reply:
        return Reply(status, headers={"Location": "/2"}) if heard.path == "/1" else Reply(201)

    with Receiver(reply) as receiver, Client([receiver.place]) as client:
        with client.send("POST", receiver.url + "/1", headers={"Idempotency-Key": "k"}, body=b"{}") as answer:
            assert answer.status == (201 if led else status)
        assert [(heard.method, heard.body, heard.headers["idempotency-key"]) for heard in receiver.heard] == [
            ("POST", b"{}", "k")
        ] * (1 + led)


def test_what_changes_something_never_goes_to_another_host() -> None:
    with Receiver() as there, Receiver(lambda _: Reply(308, headers={"Location": there.url})) as here:
        with Client([here.place, there.place]) as client, client.send("POST", here.url, body=b"{}") as answer:
            assert answer.status == 308
        assert there.heard == []


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "a\0b"])
def test_a_header_stays_one_header(value: str) -> None:
    with Receiver() as receiver, Client([receiver.place]) as client:
        with pytest.raises(HttpTrouble), client.send("GET", receiver.url, headers={"X-Note": value}):
            pass
        assert receiver.heard == []


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with (
        Receiver() as receiver,
        Client([receiver.place]) as client,
        client.send("GET", receiver.url + "/?key=swordfish", headers={"Authorization": "swordfish"}),
    ):
        pass
    assert "swordfish" not in caplog.text


def test_a_connection_is_used_again() -> None:
    connections = set()
    with Receiver(lambda _: Reply(body=b"ok")) as receiver, Client([receiver.place]) as client:
        for _ in range(3):
            with client.send("GET", receiver.url) as answer:
                answer.body(10)
            connections.add(len(client._pool.connections))
    assert connections == {1}
