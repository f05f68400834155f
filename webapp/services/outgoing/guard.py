"""Connecting: a host is resolved once, every address of it is judged, and one of these is connected to."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from ssl import SSLCertVerificationError, SSLContext
from typing import Any

import httpcore

from webapp.services.outgoing.address import PORTS, host_of
from webapp.services.outgoing.errors import AddressRefused, BadCertificate, NotReached, TooSlow, Unknown
from webapp.services.outgoing.special import is_metadata, is_special

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host."""

WEB_PORTS = frozenset(PORTS.values())
MOST_ADDRESSES = 4
"""Addresses of a host that are tried, one after the other."""

deadline: ContextVar[float] = ContextVar("deadline")
"""When the present request has to be over, by the clock that only goes forward."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guard:
    """Says which addresses of a host may be connected to."""

    def __init__(self, allowed: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        """`allowed` are host:port that the administrator lets jobs call, wherever they are."""
        self._allowed = frozenset(_place(each) for each in allowed)
        self._resolver = resolver

    def check_place(self, host: str, port: int) -> None:
        """Look at what can be known without asking anybody.

        Raises:
            AddressRefused: the port is none of the web's, and not allowed.
        """
        if port not in WEB_PORTS and (host, port) not in self._allowed:
            raise AddressRefused(f"Jobs may not call port {port} of {host}. {_how_to_allow(host, port)}")

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, if all of them may be connected to.

        Raises:
            AddressRefused: one may not.
            Unknown: there is no such host.
            NotReached: nobody could be asked about it.
            TooSlow: nobody answered in time.
        """
        self.check_place(host, port)
        found = self._resolve(host, port)
        if any(map(is_metadata, found)):
            raise AddressRefused(f"{host} is where this machine’s own passwords are handed out: no job may call it.")
        if (host, port) not in self._allowed and any(is_special(each) or _is_this_machine(each) for each in found):
            raise AddressRefused(
                f"{host} is inside of your own network, where jobs may not call. {_how_to_allow(host, port)}"
            )
        return found[:MOST_ADDRESSES]

    def _resolve(self, host: str, port: int) -> Sequence[str]:
        answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolver(host, port))
            except Exception as error:  # noqa: BLE001 (for whoever asked)
                answers.put(error)

        threading.Thread(target=ask, daemon=True).start()  # the system's resolver knows no time limit
        try:
            found = answers.get(timeout=seconds_left())
        except Empty:
            raise NotReached(f"Nobody said in time where {host} is.") from None
        if isinstance(found, socket.gaierror) and found.errno == socket.EAI_AGAIN:
            raise NotReached(f"Nobody could say just now where {host} is.") from found
        if isinstance(found, Exception) and not isinstance(found, OSError | UnicodeError):
            raise found
        if isinstance(found, Exception) or not found:
            raise Unknown(f"There is no host {host}: look for a typing error in the address.")
        return found


class TimedStream(httpcore.NetworkStream):
    """A connection on which nothing takes longer than the present request may."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what comes."""
        return self._stream.read(max_bytes, seconds_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._stream.write(buffer, seconds_left(timeout))

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection in private."""
        with nothing_sent(server_hostname or ""):
            return TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds_left(timeout)))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (whatever is asked for)
        """What is known of the connection."""
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the very address that was judged. The name stays what certificates are checked for."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers."""
        with nothing_sent(host):
            *others, last = self._guard.addresses(host, port)
            for address in others:
                with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                    return self._connect(address, port, timeout, local_address, socket_options)
            return self._connect(last, port, timeout, local_address, socket_options)

    def _connect(self, address: str, port: int, timeout: float | None, *more: Any) -> TimedStream:  # noqa: ANN401
        return TimedStream(self._plain.connect_tcp(address, port, seconds_left(timeout), *more))


@contextmanager
def nothing_sent(host: str) -> Iterator[None]:
    """Say of what goes wrong before a request leaves that nothing was sent.

    Raises:
        NotReached: something went wrong.
    """
    try:
        yield
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        if isinstance(error.__cause__, SSLCertVerificationError):
            raise BadCertificate(f"{host} cannot show to be {host}: {error.__cause__.verify_message}.") from None
        raise NotReached(f"{host} does not answer ({error}).") from error
    except TooSlow as error:
        raise NotReached(f"{host} does not answer in time.") from error


def seconds_left(at_most: float | None = None) -> float:
    """How long the present request may still take.

    Raises:
        TooSlow: it has to be over.
    """
    left = deadline.get() - time.monotonic()
    if left <= 0:
        raise TooSlow("It took longer than it may.")
    return left if at_most is None else min(left, at_most)


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host_of(host), int(port)


def _how_to_allow(host: str, port: int) -> str:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"If they should, an administrator adds {place} to BATCHDESK_ALLOWED_HOSTS."


def _is_this_machine(address: str) -> bool:
    """Whether it is one of this machine's own addresses: to these it speaks from the same one. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address)
