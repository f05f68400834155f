"""A real mail server on this machine that misbehaves when it is told to; what it has taken is in `taken`."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import lasting_port

DROP = "drop"
LOSE = "lose"
HUSH = "hush"
SLOW = "slow"
SLOW_SECONDS = 0.05

Trouble = Callable[[str, int], str | None]
"""Asked with a verb (or "connect", or "." for a whole mail) and how often that came: None, an answer, or one of these.

`DROP` hangs up, `HUSH` stays silent, `SLOW` takes its time; `LOSE`, for a whole mail, keeps it and hangs up without an
answer.
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server has said 250 to, or kept without a word."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...] = ()

    @property
    def message(self) -> EmailMessage:
        """Its headers and its body."""
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class MailSink:
    """The server, in a thread of its own."""

    trouble: Trouble = lambda _verb, _number: None
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    password: str | None = None
    utf8: bool = True
    per_connection: int | None = None
    hush_seconds: float = 30
    port: int = field(default_factory=lasting_port)
    taken: list[Taken] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    open: "set[_Protocol]" = field(default_factory=set)

    def start(self) -> Self:
        """Serve until it is stopped."""
        started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def stop(self) -> None:
        """Hang up on everybody."""
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    @property
    def address(self) -> str:
        """What the setting for the mail server says."""
        scheme = "smtps" if self.tls else "smtp" if self.starttls else "smtp+plain"
        login = f"desk:{self.password}@" if self.password and (self.tls or self.starttls) else ""
        return f"{scheme}://{login}localhost:{self.port}"

    def what_now(self, verb: str) -> str | None:
        """What to do about a verb."""
        self.counts[verb] = self.counts.get(verb, 0) + 1
        return self.trouble(verb, self.counts[verb])

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        serving = self._loop.create_server(lambda: _Protocol(self), "127.0.0.1", self.port, ssl=self.tls)
        server = self._loop.run_until_complete(serving)
        self._loop.call_soon(started.set)
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._hang_up())
        self._loop.close()

    async def _hang_up(self) -> None:
        for protocol in self.open:
            protocol.hang_up()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class _Protocol(SMTP):
    """One connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._mails = 0
        super().__init__(
            _Mailbox(sink),
            hostname="mail.example",
            enable_SMTPUTF8=sink.utf8,
            tls_context=sink.starttls,
            authenticator=self._check if sink.password else None,
            auth_require_tls=sink.starttls is not None,
        )

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: object) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password.decode() == self._sink.password
        return AuthResult(success=right, handled=False)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.open.discard(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        self._sink.open.add(self)
        if await self._is_done("connect"):
            self.hang_up(gently=True)
            return
        await super()._handle_client()

    async def _is_done(self, verb: str) -> bool:
        """Whether the verb was answered, or will not be."""
        what = self._sink.what_now(verb)
        if what is None:
            return False
        if what in (DROP, LOSE):
            self.hang_up()
        elif what == HUSH:
            await asyncio.sleep(self._sink.hush_seconds)
        elif what == SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        else:
            await self.push(what)
        return what != SLOW

    def hang_up(self, *, gently: bool = False) -> None:
        """Close the connection, after what is still to be said if it is done gently."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.close() if gently else self.transport.abort()

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's)
        self._mails += 1
        if self._sink.per_connection and self._mails > self._sink.per_connection:
            await self.push("421 4.7.0 too many mails in this connection")
            self.hang_up(gently=True)
        elif not await self._is_done("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if not await self._is_done("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._is_done("DATA"):
            await super().smtp_DATA(arg)

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802
        if not await self._is_done("EHLO"):
            await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802
        if not await self._is_done("EHLO"):
            await super().smtp_HELO(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if not await self._is_done("STARTTLS"):
            await super().smtp_STARTTLS(arg)


class _Mailbox:
    """Keeps what has arrived whole."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_DATA(self, server: "_Protocol", _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        what = self._sink.what_now(".")
        if what in (None, LOSE, SLOW):
            content = envelope.content
            assert isinstance(content, bytes)
            options = tuple(map(str, envelope.mail_options))
            self._sink.taken.append(Taken(str(envelope.mail_from), tuple(envelope.rcpt_tos), content, options))
        if what in (DROP, LOSE):
            server.hang_up()
        elif what == HUSH:
            await asyncio.sleep(self._sink.hush_seconds)
        elif what == SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        elif what:
            return what
        return "250 2.0.0 taken"
