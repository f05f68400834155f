"""Which addresses the desk calls for a job: none inside of the network it stands in, however it is written."""

import socket
import threading
from collections.abc import Sequence

import pytest

from tests.receiver import Receiver, Reply
from webapp.services.outgoing.address import Address
from webapp.services.outgoing.client import Client
from webapp.services.outgoing.errors import AddressRefused, HttpTrouble, NotReached, Unknown
from webapp.services.outgoing.special import is_special

THIS_MACHINE = [
    "127.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.0.0.1.",
    "localhost",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
    "127\u30020\u30020\u30021",
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
]
METADATA = [
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "[::ffff:169.254.169.254]",
]
PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fc00::1]",
    "[2001:db8::1]",
]
NO_ADDRESS = {
    "file:///etc/passwd": "must begin with https",
    "ftp://desk.example/": "must begin with https",
    "gopher://desk.example/": "must begin with https",
    "dict://desk.example:11211/": "must begin with https",
    "data:text/plain,hello": "must begin with https",
    "jar:http://desk.example!/": "must begin with https",
    "unix:///var/run/docker.sock": "must begin with https",
    "//desk.example/": "must begin with https",
    "desk.example": "must begin with https",
    "": "must begin with https",
    "http://a@127.0.0.1/": "does not belong into the address",
    "http://ada:swordfish@desk.example/": "does not belong into the address",
    "http:\\\\127.0.0.1": "backslash",
    "http://desk.example\\@127.0.0.1/": "backslash",
    "http://desk.exa\tmple/": "invisible",
    "http://desk.example/\nx": "invisible",
    " http://desk.example/": "invisible",
    "http://127%2e0%2e0%2e1/": "has no host",
    "http:///path": "has no host",
    "http://desk.example:0/": "no port 0",
    "http://desk.example:99999/": "no port 99999",
    "http://desk.example:22/": "may not call port 22",
    "http://desk.example:25/": "may not call port 25",
    "https://desk.example:5432/": "may not call port 5432",
    "http://-desk.example/": "not the name of a host",
    "http://[::1": "has no host",
    "http://[127.0.0.1]/": "not an IPv6 address",
    f"http://desk.example/{'x' * 9_000}": "longer than",
}


def ask(client: Client, url: str) -> str:
    with client.send("GET", url, seconds=5) as answer:
        return answer.body(10_000).decode()


def no_name(host: str, port: int) -> Sequence[str]:
    raise AssertionError(f"nobody should be asked about {host}:{port}")


@pytest.mark.parametrize("host", [*THIS_MACHINE, *METADATA, *PRIVATE])
def test_an_address_that_is_not_on_the_public_internet_is_not_called(host: str) -> None:
    with Client() as client, pytest.raises((AddressRefused, Unknown)):
        ask(client, f"http://{host}/")


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_and_nothing_listens_to_it_in_vain(host: str) -> None:
    """The same against a port on which somebody really listens: not one connection comes."""
    with Receiver() as receiver, Client([f"desk.example:{receiver.port}"]) as client:
        with pytest.raises(HttpTrouble):
            ask(client, f"http://{host}:{receiver.port}/")
        assert receiver.heard == []


@pytest.mark.parametrize("host", METADATA)
def test_where_clouds_keep_their_passwords_nobody_can_allow_a_call(host: str) -> None:
    with Client([f"{host}:80"]) as client, pytest.raises(AddressRefused, match="passwords"):
        ask(client, f"http://{host}/")


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_of_the_web_is_refused_before_anybody_is_asked(url: str) -> None:
    with Client(resolver=no_name) as client, pytest.raises(AddressRefused, match=NO_ADDRESS[url]) as refused:
        ask(client, url)
    assert "swordfish" not in str(refused.value)


def test_an_address_is_read_in_one_way_only() -> None:
    read = {url: Address.parse(url) for url in ("http://a#@b/", "HTTPS://Müller.Example:443?q=ä b".replace(" ", "+"))}
    assert [each.host for each in read.values()] == ["a", "xn--mller-kva.example"]
    assert [str(each) for each in read.values()] == ["http://a/", "https://xn--mller-kva.example/?q=%C3%A4+b"]


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (["8.8.8.8", "127.0.0.1"], "inside of your own network"),
        (["64:ff9b::a00:1"], "inside of your own network"),
        (["169.254.169.254"], "passwords"),
        ([], "There is no host"),
    ],
)
def test_all_that_a_name_stands_for_has_to_pass(addresses: list[str], words: str) -> None:
    with (
        Client(resolver=lambda _host, _port: addresses) as client,
        pytest.raises((AddressRefused, Unknown), match=words) as refused,
    ):
        ask(client, "http://desk.example/")
    assert not any(address in str(refused.value) for address in addresses)  # what is inside stays inside


def test_the_address_that_was_judged_is_the_one_that_is_called() -> None:
    """A name that means another place each time it is asked for is asked for once for each connection."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["169.254.169.254"]])
    with Receiver(lambda _: Reply(body=b"here")) as receiver:
        with Client([f"desk.example:{receiver.port}"], lambda _host, _port: next(answers)) as client:
            assert ask(client, f"http://desk.example:{receiver.port}/") == "here"
            assert ask(client, f"http://desk.example:{receiver.port}/") == "here"  # by the same connection
        assert {heard.headers["host"] for heard in receiver.heard} == {f"desk.example:{receiver.port}"}
        with (
            Client([f"desk.example:{receiver.port}"], lambda _host, _port: next(answers)) as client,
            pytest.raises(AddressRefused),
        ):
            ask(client, f"http://desk.example:{receiver.port}/")
        assert len(receiver.heard) == 2


def test_what_is_allowed_is_a_place_and_no_more() -> None:
    with Receiver() as receiver, Client([receiver.place]) as client:
        assert ask(client, receiver.url) == ""
        for other in (f"http://localhost:{receiver.port}/", f"http://2130706433:{receiver.port}/", "http://127.0.0.1/"):
            with pytest.raises(AddressRefused, match="BATCHDESK_ALLOWED_HOSTS"):
                ask(client, other)


def test_somebody_who_does_not_answer_is_said_to() -> None:
    with Receiver() as receiver:
        place, url = receiver.place, receiver.url
    with Client([place]) as client, pytest.raises(NotReached, match="does not answer"):
        ask(client, url)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_the_public_internet_is_open(address: str) -> None:
    assert not is_special(address)


def test_what_this_machine_is_called_by_others_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its public address is no special one; it is known by being spoken to from itself."""
    monkeypatch.setattr("webapp.services.outgoing.guard.is_special", lambda _: False)
    with Client() as client, pytest.raises(AddressRefused, match="inside of your own network"):
        ask(client, "http://127.0.0.1/")


def test_variables_of_the_environment_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(lambda _: Reply(body=b"real")) as receiver, Receiver(lambda _: Reply(body=b"proxy")) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with Client([receiver.place]) as client:
            assert ask(client, receiver.url) == "real"
        assert proxy.heard == []
        assert "authorization" not in receiver.heard[0].headers


def test_an_address_of_ipv6_alone_is_judged_and_called_likewise() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        port = listener.getsockname()[1]
        threading.Thread(target=answer_once, args=(listener,), daemon=True).start()
        with Client(resolver=lambda _host, _port: ["::1"]) as client, pytest.raises(AddressRefused):
            ask(client, "http://desk.example/")
        with Client([f"desk.example:{port}"], lambda _host, _port: ["::1"]) as client:
            assert ask(client, f"http://desk.example:{port}/") == "six"


def answer_once(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsix")
