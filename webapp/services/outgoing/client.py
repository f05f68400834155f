"""The client: one request, the redirects that are followed, and what can go wrong in words."""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Self

import httpcore

from webapp.services.outgoing.address import Address
from webapp.services.outgoing.answer import Answer
from webapp.services.outgoing.decoding import decoded
from webapp.services.outgoing.errors import AddressRefused, AnswerLost, BadAnswer, HttpTrouble, TooSlow
from webapp.services.outgoing.guard import Guard, GuardedBackend, Resolver, deadline, resolve

MOST_REDIRECTS = 5
MOST_HEADERS = 200
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOLLOWED_AS_THEY_ARE = frozenset({307, 308})
SAFE = frozenset({"GET", "HEAD"})
TELL_NOTHING = frozenset({"accept", "accept-encoding", "accept-language", "if-range", "range", "user-agent"})
"""Headers that another host may be sent too."""
EACH_SECONDS = 30.0
OURS = {"user-agent": "Batchdesk", "accept-encoding": "identity"}


class Client:
    """Sends requests to where jobs may; nothing of the environment and no cookie changes what is sent."""

    def __init__(self, allowed: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        """`allowed` are host:port that may be called wherever they are; `resolver` tells the addresses of a host."""
        self._guard = Guard(allowed, resolver)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted(),
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(self._guard),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    @contextmanager
    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = 60.0,
    ) -> Iterator[Answer]:
        """Send a request. The answer can be read within the block, which has to end within so many seconds.

        Raises:
            AddressRefused: jobs may not call this, or where it leads.
            NotReached: there was no connection; nothing was sent.
            AnswerLost, TooSlow: it was sent, and no whole answer came.
            BadAnswer: the answer is none, or leads nowhere.
        """
        token = deadline.set(time.monotonic() + seconds)
        try:
            with ExitStack() as stack, in_words(url):
                yield self._follow(stack, method, Address.parse(url), {**OURS, **lowered(headers or {})}, body)
        finally:
            deadline.reset(token)

    def _follow(
        self, stack: ExitStack, method: str, address: Address, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            opened = stack.enter_context(ExitStack())
            answer = self._ask(opened, method, address, headers, body)
            following = _following(method, address, answer)
            if following is None:
                return answer
            if following.origin != address.origin and method in SAFE:
                headers = {name: value for name, value in headers.items() if name in TELL_NOTHING}
            opened.close()
            address = following
        raise BadAnswer(f"{address.host} leads on and on: after {MOST_REDIRECTS} redirects there was still no answer.")

    def _ask(
        self, opened: ExitStack, method: str, address: Address, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        self._guard.check_place(address.host, address.port)
        url = httpcore.URL(scheme=address.scheme, host=address.host, port=address.port, target=address.target)
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), EACH_SECONDS)
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        response = opened.enter_context(
            self._pool.stream(method, url, headers=encoded, content=body, extensions={"timeout": timeout})
        )
        if len(response.headers) > MOST_HEADERS:
            raise BadAnswer(f"{address.host} answers with more than {MOST_HEADERS} headers.")
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Answer(address, response.status, found, read(response, address, found.get("content-encoding", "")))


def read(response: httpcore.Response, address: Address, coding: str) -> Iterator[bytes]:
    """The body as it was meant; what is wrong with it is said to those who read it."""
    with in_words(str(address)):
        yield from decoded(response.iter_stream(), coding)


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names in small letters."""
    return {name.lower(): value for name, value in headers.items()}


def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: those that the machine's administrator trusts."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        import certifi  # noqa: PLC0415 (only where the machine has none)

        context.load_verify_locations(certifi.where())
    return context


@contextmanager
def in_words(url: str) -> Iterator[None]:
    """Say what went wrong once a request may have left. What the address holds beside the host stays unsaid.

    Raises:
        HttpTrouble: something did.
    """
    try:
        yield
    except HttpTrouble:
        raise
    except httpcore.TimeoutException as error:
        raise TooSlow(f"{_host(url)} did not answer in time.") from error
    except httpcore.NetworkError as error:
        raise AnswerLost(f"The connection to {_host(url)} broke off.") from error
    except httpcore.RemoteProtocolError as error:
        if "disconnected" in str(error) or "closed connection" in str(error):
            raise AnswerLost(f"{_host(url)} hung up before its answer was whole.") from error
        raise BadAnswer(f"{_host(url)} does not answer as a web server does.") from error
    except httpcore.LocalProtocolError as error:
        raise HttpTrouble("A header has a character that headers may not have.") from error


def _host(url: str) -> str:
    return Address.parse(url).host


def _following(method: str, address: Address, answer: Answer) -> Address | None:
    """Where an answer leads, if that is followed. What has changed something is judged by its status alone."""
    location = answer.headers.get("location") if answer.status in REDIRECTS else None
    if location is None:
        return None
    if method in SAFE:
        return address.follow(location)
    if answer.status in FOLLOWED_AS_THEY_ARE:
        with suppress(AddressRefused):
            following = address.follow(location)
            return following if _as_private(address, following) else None
    return None


def _as_private(address: Address, following: Address) -> bool:
    """Whether somebody who is sent a body there is the same as here, and hears it in private if that one did."""
    return following.origin == address.origin or (
        following.host == address.host and (address.scheme, following.scheme) == ("http", "https")
    )
