"""The status is what counts: what is wrong with the rest of an answer changes nothing of what was done."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.job_types.desk import Desk
from tests.receiver import RawServer, Receiver, Reply
from webapp.services.outgoing.client import Client
from webapp.services.outgoing.errors import AddressRefused
from webapp.store.tables import State

HEAD = b"HTTP/1.1 200 OK\r\n"
ODD = {
    "cut": b"Content-Length: 100\r\n\r\nhello",
    "cut within a chunk": b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "no chunks": b"Transfer-Encoding: chunked\r\n\r\nhello",
    "packed in an unknown way": b"Content-Encoding: br\r\nContent-Length: 3\r\n\r\nabc",
    "packed and broken": b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "packed and cut": b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 999)[:-9],
}
NOWHERE = ["/thank you", "http://[", "http://[::1", "http://a b/", "javascript:void(0)", "http://127.0.0.1:1/"]


@pytest.fixture
def desk_for(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    desks = []

    def desk_for(place: str) -> Desk:
        desks.append(Desk(tmp_path / "desk", allowed_hosts=(place,)))
        return desks[-1]

    yield desk_for
    for desk in desks:
        desk.close()


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("name", ODD)
def test_a_row_is_done_whatever_the_words_are(
    desk_for: Callable[[str], Desk],
    csv_file: Callable[..., Path],
    name: str,
    keyed: bool,  # noqa: FBT001
) -> None:
    asked = []

    def pieces() -> tuple[bytes]:
        asked.append(1)
        return (HEAD + ODD[name],)

    with RawServer(pieces) as server:
        ran = desk_for(server.place).run("call_webhook", csv_file("id\n1\n"), url=server.url, key=keyed)
    assert (ran.job.state, ran.counts, len(asked)) == (State.completed, {"done": 1}, 1)


def test_words_that_hang_end_with_the_time_that_they_have(
    desk_for: Callable[[str], Desk], csv_file: Callable[..., Path]
) -> None:
    with Receiver(lambda _: Reply(200, b"hello", {"Content-Length": "100"})) as receiver:
        ran = desk_for(receiver.place).run("call_webhook", csv_file("id\n1\n"), url=receiver.url, key=False, seconds=1)
    assert ran.counts == {"done": 1}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", NOWHERE)
def test_what_was_sent_is_judged_by_its_status_wherever_it_leads(status: int, location: str) -> None:
    with (
        Receiver(lambda _: Reply(status, headers={"Location": location})) as receiver,
        Client([receiver.place]) as client,
        client.send("POST", receiver.url, body=b"{}") as answer,
    ):
        assert answer.status == status


@pytest.mark.parametrize("location", NOWHERE)
def test_what_is_fetched_from_nowhere_is_said(location: str) -> None:
    with (
        Receiver(lambda _: Reply(302, headers={"Location": location})) as receiver,
        Client([receiver.place]) as client,
        pytest.raises(AddressRefused),
        client.send("GET", receiver.url),
    ):
        pass


@pytest.mark.parametrize(
    "headers",
    [
        {"Location": "/thank you"},
        {"Location": "http://["},
        {"Retry-After": "9" * 400},
        {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -0100"},
    ],
)
@pytest.mark.parametrize("status", [302, 503])
def test_no_header_of_the_receiver_fails_the_job(
    desk_for: Callable[[str], Desk], csv_file: Callable[..., Path], status: int, headers: Mapping[str, str]
) -> None:
    with Receiver(lambda _: Reply(status, headers=headers)) as receiver:
        ran = desk_for(receiver.place).run("call_webhook", csv_file("id\n1\n"), url=receiver.url, key=False)
    assert (ran.job.state, ran.counts) == (State.needs_attention, {"unknown": 1})
