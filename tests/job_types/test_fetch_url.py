"""Fetch a file from the web: whole or not at all, from where it stopped, under a name that harms nobody."""

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.desk import Desk, Ran
from tests.receiver import Heard, RawServer, Receiver, Reply
from webapp.authoring import ParamsError
from webapp.job_types.fetch_url import safe_name
from webapp.jobs.claims import release
from webapp.jobs.run import run_claim
from webapp.store.tables import State

CONTENT = bytes(number * 7 % 256 for number in range(300_000))
SHA = hashlib.sha256(CONTENT).hexdigest()


class Library:
    """Serves one file as good servers do: with a tag, and from where one wants it. Cuts at these bytes, in turn."""

    def __init__(self, *cuts: int | None, content: bytes = CONTENT, tag: str | None = '"1"') -> None:
        self.cuts = list(cuts)
        self.content, self.tag = content, tag

    def __call__(self, heard: Heard) -> Reply:
        cut = self.cuts.pop(0) if self.cuts else None
        headers = {"ETag": self.tag} if self.tag else {}
        wanted = re.fullmatch(r"bytes=(\d+)-", heard.headers.get("range", ""))
        if wanted is None or heard.headers.get("if-range") != self.tag:
            return Reply(200, self.content, headers, cut=cut)
        start, size = int(wanted[1]), len(self.content)
        part = {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
        return Reply(206, self.content[start:], headers | part, cut=cut)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(Library()) as receiver:
        yield receiver


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.jobs.context.JobContext.wait", lambda _context, _seconds: None)


def fetch(desk: Desk, receiver: Receiver, path: str = "/prices.csv", **params: Any) -> Ran:
    return desk.run("fetch_url", None, url=receiver.url + path, **params)


def asked(receiver: Receiver) -> list[str | None]:
    return [heard.headers.get("range") for heard in receiver.heard]


def test_a_file_is_fetched_whole_and_its_sum_is_said(desk: Desk, receiver: Receiver) -> None:
    ran = fetch(desk, receiver, sha256=SHA.upper())
    assert (ran.job.state, ran.files) == (State.completed, {"prices.csv": CONTENT})
    assert f"SHA-256 of prices.csv: {SHA}" in ran.log
    assert ran.job.progress is not None
    assert ran.job.progress["done"] == ran.job.progress["total"] == len(CONTENT)


def test_after_a_cut_it_goes_on_where_it_was(desk: Desk, receiver: Receiver) -> None:
    receiver.reply = Library(100_000, 50_000, 0)
    ran = fetch(desk, receiver, sha256=SHA)
    assert ran.files == {"prices.csv": CONTENT}
    assert asked(receiver) == [None, "bytes=100000-", "bytes=150000-", "bytes=150000-"]
    assert {heard.headers.get("if-range") for heard in receiver.heard[1:]} == {'"1"'}


def test_after_a_crash_another_attempt_goes_on_where_it_was(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for kill -9."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    receiver.reply = Library(100_000)
    job_id = desk.submit("fetch_url", None, url=receiver.url + "/prices.csv")
    work = desk.claim()
    with monkeypatch.context() as patch:
        patch.setattr("webapp.jobs.context.JobContext.wait", die)
        with pytest.raises(Killed):
            run_claim(work)
    release(desk.database, work.claim, lost=True)
    run_claim(desk.claim())
    assert desk.result(job_id).files == {"prices.csv": CONTENT}
    assert asked(receiver) == [None, "bytes=100000-"]


def test_what_was_not_safe_on_the_disk_is_fetched_again(desk: Desk, receiver: Receiver, tmp_path: Path) -> None:
    """After a power cut the file may be longer than what is really in it."""
    receiver.reply = Library(100_000, *[0] * 6)
    ran = fetch(desk, receiver)
    assert ran.job.state is State.scheduled
    (part,) = (tmp_path / "desk" / "scratch").rglob("part")
    with part.open("ab") as file:
        file.write(bytes(77_777))
    receiver.reply = Library()
    assert desk.run_on(ran.job.id, most=1).files == {"prices.csv": CONTENT}
    assert asked(receiver)[-1] == "bytes=100000-"


@pytest.mark.parametrize("tag", ['"2"', None, 'W/"2"'])
def test_a_file_that_has_changed_in_between_is_fetched_anew(desk: Desk, receiver: Receiver, tag: str | None) -> None:
    first, then = Library(100_000), Library(content=CONTENT[::-1], tag=tag)
    receiver.reply = lambda heard: first(heard) if first.cuts else then(heard)
    assert fetch(desk, receiver).files == {"prices.csv": CONTENT[::-1]}


def test_a_server_that_cannot_go_on_is_asked_from_the_beginning(desk: Desk, receiver: Receiver) -> None:
    receiver.reply = Library(100_000, tag=None)
    assert fetch(desk, receiver).files == {"prices.csv": CONTENT}
    assert asked(receiver) == [None, None]


def test_another_part_than_was_asked_for_is_not_taken(desk: Desk, receiver: Receiver) -> None:
    library = Library(100_000)
    lies = [{"Content-Range": "bytes 99999-299999/300000", "ETag": '"1"'}]

    def reply(heard: Heard) -> Reply:
        if "range" in heard.headers and lies:
            return Reply(206, CONTENT[99_999:], lies.pop())
        return library(heard)

    receiver.reply = reply
    assert fetch(desk, receiver).files == {"prices.csv": CONTENT}
    assert asked(receiver) == [None, "bytes=100000-", None]


def test_a_file_that_stays_cut_is_no_file(desk: Desk, receiver: Receiver) -> None:
    receiver.reply = Library(*[10] * 2, *[0] * 100)
    ran = fetch(desk, receiver)
    for _ in range(7):
        assert (ran.job.state, ran.files) == (State.scheduled, {})
        ran = desk.run_on(ran.job.id, most=1)
    assert (ran.job.state, ran.files) == (State.failed, {})
    assert "It was tried 8 times." in (ran.job.problem or "")


def test_a_server_that_begins_anew_each_time_and_breaks_anywhere_is_left(desk: Desk, receiver: Receiver) -> None:
    cuts = [900, 100, 200, 100, 200, 100, 200, 100, 200, 100, 200]
    receiver.reply = Library(*cuts, tag=None)
    ran = fetch(desk, receiver)
    assert (ran.job.state, len(receiver.heard)) == (State.scheduled, 6)


def test_all_requests_of_an_attempt_share_its_minutes(desk: Desk, receiver: Receiver) -> None:
    """Each gets a byte further, a third of the time after the last."""
    cuts = iter(range(1, 9))

    def reply(_heard: Heard) -> Reply:
        time.sleep(0.4)
        return Reply(200, CONTENT, cut=next(cuts))

    receiver.reply = reply
    ran = fetch(desk, receiver, minutes=1 / 60)
    assert ran.job.state is State.scheduled
    assert len(receiver.heard) <= 3


def test_another_file_than_the_one_that_was_wanted_is_refused(desk: Desk, receiver: Receiver) -> None:
    ran = fetch(desk, receiver, sha256="0" * 64)
    assert (ran.job.state, ran.files) == (State.failed, {})
    assert SHA in (ran.job.problem or "")


@pytest.mark.parametrize(
    ("size", "said"), [(2_000_000, True), (2_000_000, False)], ids=["it says so", "it does not say so"]
)
def test_a_file_that_is_too_large_is_refused(
    desk: Desk,
    receiver: Receiver,
    tmp_path: Path,
    size: int,
    said: bool,  # noqa: FBT001
) -> None:
    if said:
        receiver.reply = Library(content=bytes(size))
        ran = fetch(desk, receiver, most_mb=1)
    else:
        pieces = (b"HTTP/1.1 200 OK\r\n\r\n", *[bytes(65536)] * (size // 65536))
        with RawServer(lambda: pieces) as server:
            other = Desk(tmp_path / "other", allowed_hosts=(server.place,))
            ran = other.run("fetch_url", None, url=server.url, most_mb=1)
            other.close()
    assert (ran.job.state, ran.files) == (State.failed, {})
    assert "larger than wanted" in (ran.job.problem or "")


def test_a_file_of_unknown_length_is_said_to_be_one(tmp_path: Path) -> None:
    with RawServer(lambda: (b"HTTP/1.1 200 OK\r\n\r\nhello",)) as server:
        desk = Desk(tmp_path / "desk", allowed_hosts=(server.place,))
        ran = desk.run("fetch_url", None, url=server.url)
        desk.close()
    assert ran.files == {"download": b"hello"}
    assert any("did not say how long" in line for line in ran.log)


@pytest.mark.parametrize(
    ("status", "state"), [(401, "failed"), (404, "failed"), (429, "scheduled"), (503, "scheduled")]
)
def test_what_a_server_says_instead_is_said(desk: Desk, receiver: Receiver, status: int, state: str) -> None:
    receiver.reply = lambda _: Reply(status, b"Not now", {"Retry-After": "7200"})
    ran = fetch(desk, receiver)
    assert ran.job.state == state
    assert f"does not give the file: {status}" in (ran.job.problem or "")


def test_a_secret_is_sent_and_kept_nowhere(desk: Desk, receiver: Receiver) -> None:
    ran = fetch(desk, receiver, auth="Bearer swordfish", headers={"Accept": "text/csv"})
    assert receiver.heard[0].headers["authorization"] == "Bearer swordfish"
    assert receiver.heard[0].headers["accept"] == "text/csv"
    assert "swordfish" not in f"{ran.job.params} {ran.log}"


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]:5432/"])
def test_nothing_inside_of_the_network_is_fetched(desk: Desk, url: str) -> None:
    ran = desk.run("fetch_url", None, url=url)
    assert (ran.job.state, ran.files) == (State.failed, {})


NAMES: dict[str | None, str] = {
    "prices.csv": "prices.csv",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/": "download",
    "..": "download",
    "": "download",
    None: "download",
    "a\r\nb\x00c\u202efdp.exe": "abcfdp.exe",
    'a<b>:"|?*.csv': "a_b______.csv",
    "x" * 300 + ".csv": "x" * 146 + ".csv",
    "x" * 300: "x" * 150,
    "größe \u20ac.csv": "größe \u20ac.csv",
    " .hidden. ": "hidden",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_name_that_a_server_gives_is_only_a_name(name: str | None) -> None:
    assert safe_name(name) == NAMES[name]


@pytest.mark.parametrize(
    ("header", "path", "name"),
    [
        ('attachment; filename="list.csv"', "/x", "list.csv"),
        ("attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv; filename=\"x.csv\"", "/x", "größe.csv"),
        ('attachment; filename="../../list.csv"', "/x", "list.csv"),
        ("", "/a/m%C3%A4rz.csv?token=1", "märz.csv"),
        ("inline", "/", "download"),
    ],
)
def test_the_file_is_called_what_the_server_calls_it(
    desk: Desk, receiver: Receiver, header: str, path: str, name: str
) -> None:
    receiver.reply = lambda _: Reply(200, b"x", {"Content-Disposition": header} if header else {})
    assert list(fetch(desk, receiver, path).files) == [name]


def test_the_operators_name_comes_first(desk: Desk, receiver: Receiver) -> None:
    assert list(fetch(desk, receiver, name="march.csv").files) == ["march.csv"]


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no address": ({"url": "data.example"}, "url", "must begin with https://"),
    "another scheme": ({"url": "ftp://data.example/x"}, "url", "must begin with https://"),
    "a password in it": ({"url": "https://ada:swordfish@data.example/"}, "url", "does not belong into the address"),
    "no sum": ({"sha256": "abc"}, "sha256", ""),
    "a secret for all to see": ({"headers": {"Cookie": "a"}}, "headers", "secret header"),
    "a header of the desk": ({"headers": {"Host": "a"}}, "headers", "sets itself"),
    "a secret with a line break": ({"auth": "a\nb"}, "auth", "cannot hold"),
    "no name for the secret": ({"auth_header": "a b"}, "auth_header", "cannot be the name"),
    "nothing at all": ({"most_mb": 0}, "most_mb", "at least 1"),
    "no time": ({"minutes": 0}, "minutes", "more than 0"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_entries_are_refused_beside_their_fields(desk: Desk, name: str) -> None:
    params, field, words = BAD[name]
    job_type = desk.shop.registry.get("fetch_url")
    with pytest.raises(ParamsError) as refused:
        job_type.validate({"url": "https://data.example/", **params})
    assert list(refused.value.problems) == [field]
    assert words in refused.value.problems[field]
