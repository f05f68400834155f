"""Sends mails one after the other, over one connection for as long as the server keeps it open."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from webapp.services.mailing.addresses import MailAddress
from webapp.services.mailing.connection import HungUp, MailConnection
from webapp.services.mailing.errors import MailLater, MailRefused
from webapp.services.mailing.message import Envelope, Mail, compose
from webapp.services.mailing.server import MailServer

SECONDS = 60.0
SECONDS_AFTER_DOT = 600.0
"""So long a server may take to answer to a whole mail: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.6."""

Once = Callable[[], AbstractContextManager[None]]


class Mailer:
    """A mail server as a job uses it; to be closed."""

    def __init__(
        self,
        server: MailServer,
        sender: MailAddress,
        *,
        seconds: float = SECONDS,
        seconds_after_dot: float = SECONDS_AFTER_DOT,
        leave: Callable[[], None] | None = None,
    ) -> None:
        """Prepare; nothing is opened yet. `leave` is asked before each mail, and raises if none may be sent now."""
        self.server, self.sender = server, sender
        self._tls = ssl.create_default_context()
        self._seconds, self._seconds_after_dot = seconds, seconds_after_dot
        self._leave = leave
        self._next_at = 0.0
        self._connection: MailConnection | None = None

    def send(self, mail: Mail, once: Once) -> None:
        """Send one mail; `once` is `ctx.send_once`. It is the server's when this returns.

        Raises:
            MessageError: it cannot be made up; says why.
            MailRefused: the server does not take it.
            MailLater: it does not take it now.
            MailServerAway: the server can't be reached, so none would get further.
            MailServerWrong: the server must not be used as it is set.
            Unsure: nobody can tell whether the server has it.
        """
        envelope = compose(mail, self.sender)
        if self._leave is not None:
            self._leave()
        if self._connection is not None:
            try:
                self._hand_over(self._connection, envelope, once)
            except HungUp:
                pass  # it was tired of this connection, and has not got the mail
            else:
                return
        self._hand_over(self.open(), envelope, once)

    def pace(self, per_minute: float, wait: Callable[[float], None]) -> None:
        """Wait, by `ctx.wait`, until it is time for the next mail if so many go out in a minute."""
        wait(max(self._next_at - time.monotonic(), 0.0))
        self._next_at = max(self._next_at, time.monotonic()) + 60 / per_minute

    def open(self) -> MailConnection:
        """Connect anew.

        Raises:
            MailServerAway: see `send`.
            MailServerWrong: see `send`.
        """
        self.close()
        seconds = {"seconds": self._seconds, "seconds_after_dot": self._seconds_after_dot}
        self._connection = MailConnection(self.server, self._tls, **seconds)
        return self._connection

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _hand_over(self, connection: MailConnection, envelope: Envelope, once: Once) -> None:
        with self._kept(connection):
            connection.send(envelope, once)

    @contextmanager
    def _kept(self, connection: MailConnection) -> Iterator[None]:
        """Keep the connection for the next mail if a refused one leaves it usable; after anything else it is closed."""
        try:
            yield
        except (MailRefused, MailLater) as error:
            if isinstance(error, HungUp) or not connection.reset():
                self._hang_up()
            raise
        except BaseException:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.hang_up()
