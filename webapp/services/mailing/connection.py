"""One connection to a mail server: opened safely, and one mail after the other handed over in it."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from webapp.authoring import Unsure
from webapp.services.mailing.errors import MailLater, MailServerAway, MailServerWrong, answer_of, refusal
from webapp.services.mailing.message import Envelope
from webapp.services.mailing.server import MailServer, Secured, is_loopback

READY = 220
OK = range(200, 300)
GO_ON = 354
GOODBYE_SECONDS = 5
CLOSING = 421
PASSES = range(400, 500)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)

Once = Callable[[], AbstractContextManager[None]]
"""`ctx.send_once`: entered in the last moment in which nothing can have left."""


class HungUp(MailLater):
    """The server closed the connection before it had the mail: with another connection it may go."""


class MailConnection:
    """An open connection.

    Attributes:
        sent: How many mails the server has taken in it.
    """

    def __init__(self, server: MailServer, tls: ssl.SSLContext, *, seconds: float, seconds_after_dot: float) -> None:
        """Connect, encrypt and log in.

        Raises:
            MailServerAway: that does not work now, and may work later.
            MailServerWrong: the server must not be used like this.
        """
        self.sent = 0
        self._server, self._tls = server, tls
        self._seconds, self._seconds_after_dot = seconds, seconds_after_dot
        self._smtp = _connect(server, tls, seconds)
        try:
            self._secure()
            self._log_in()
        except BaseException:
            self.hang_up()
            raise

    def send(self, envelope: Envelope, once: Once) -> None:
        """Hand over one mail. It is the server's when this returns.

        Raises:
            MailRefused: the server does not take it.
            MailLater: it does not take it now.
            HungUp: the connection broke before the mail was whole.
            Unsure: the mail was whole, and no answer came: nobody can tell whether the server has it.
        """
        try:
            self._announce(envelope)
            self._say(envelope.data())
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise HungUp(f"the mail server hung up before it had the mail ({_words(error)})") from error
        with once():
            self._end()
        self.sent += 1

    def reset(self) -> bool:
        """Forget a mail that was refused half-way; whether the connection can still be used."""
        try:
            return self._smtp.rset()[0] in OK
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        """Say good-bye, and hang up. Not in the midst of a mail, where that would be a line of it."""
        self._patience(GOODBYE_SECONDS)
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection without a word; a mail that is not whole is nobody's."""
        self._smtp.close()

    def _secure(self) -> None:
        self._greet()
        if self._server.secured is not Secured.starttls:
            return
        if not self._smtp.has_extn("starttls"):
            raise MailServerWrong(
                f"The mail server {self._server} does not offer STARTTLS, so mails would go unencrypted. None was "
                "sent. Ask an administrator: it may want smtps://, or somebody is tampering with the connection."
            )
        try:
            code, said = self._smtp.starttls(context=self._tls)
        except (smtplib.SMTPException, OSError) as error:
            raise _tls_error(self._server, error) from error
        if code != READY:
            raise MailServerAway(f"The mail server {self._server} does not encrypt now: {answer_of(code, said)}.")
        self._greet()

    def _greet(self) -> None:
        try:
            self._smtp.ehlo_or_helo_if_needed()
        except smtplib.SMTPResponseException as error:
            raise _away(self._server, error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerAway(f"The mail server {self._server} hung up at once.") from error

    def _log_in(self) -> None:
        user, password = self._server.user, self._server.password
        if user is None or password is None:
            return
        try:
            self._smtp.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code in PASSES:
                raise _away(self._server, error) from error
            raise MailServerWrong(
                f"The mail server {self._server} did not take the desk’s user name and password: "
                f"{answer_of(error.smtp_code, error.smtp_error)}. Ask an administrator to mend BATCHDESK_MAIL_SERVER."
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailServerWrong(
                f"The mail server {self._server} takes no user name and password. Ask an administrator to mend "
                "BATCHDESK_MAIL_SERVER."
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerAway(f"The mail server {self._server} hung up at the login.") from error

    def _announce(self, envelope: Envelope) -> None:
        """Say from whom and to whom; the server may refuse either, and then has nothing."""
        options = []
        if envelope.needs_utf8:
            if not self._smtp.has_extn("smtputf8"):
                raise envelope.too_foreign()
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        if self._smtp.has_extn("size"):
            options.append(f"SIZE={len(envelope.data())}")
        self._smtp.command_encoding = "utf-8" if envelope.needs_utf8 else "ascii"
        self._begin(" ".join((f"MAIL FROM:<{envelope.sender}>", *options)))
        self._ask(f"RCPT TO:<{envelope.recipient}>", "this recipient")
        self._ask("DATA", "this mail", GO_ON)

    def _begin(self, command: str) -> None:
        try:
            self._ask(command, "mails from this sender")
        except MailLater as error:
            if self.sent:  # perhaps it takes so many in a connection: another one may do
                raise HungUp(str(error)) from error
            raise

    def _ask(self, command: str, of_what: str, wanted: int | None = None) -> None:
        code, said = self._smtp.docmd(command)
        if code == CLOSING:
            raise HungUp(f"the mail server closes the connection: {answer_of(code, said)}")
        if code != wanted if wanted else code not in OK:
            raise refusal(code, said, of_what)

    def _say(self, data: bytes) -> None:
        """The mail itself, without its end: until that is sent the server has nothing."""
        try:
            self._smtp.send(stuffed(data))
        except (smtplib.SMTPServerDisconnected, OSError):
            self._raise_last_words()
            raise

    def _end(self) -> None:
        """The dot. From here on the server may have the mail, whatever we hear of it."""
        self._patience(self._seconds_after_dot)
        try:
            self._smtp.send(b".\r\n")
            code, said = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise Unsure(f"The mail server gave no answer when it had the whole mail ({_words(error)}).") from error
        if code in OK:
            self._patience(self._seconds)
            return
        if 400 <= code <= 599:  # noqa: PLR2004 (RFC 5321, 4.2.1: it says that it has not taken it)
            raise refusal(code, said, "this mail")
        raise Unsure(f"The mail server’s answer to the whole mail makes no sense: {answer_of(code, said)}.")

    def _patience(self, seconds: float) -> None:
        """How long the server may stay silent."""
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _raise_last_words(self) -> None:
        """If the server refused the mail in the midst of it and hung up, its words are still to be read."""
        with suppress(smtplib.SMTPException, OSError):
            self._patience(1)
            code, said = self._smtp.getreply()
            if 400 <= code <= 599 and code != CLOSING:  # noqa: PLR2004
                raise refusal(code, said, "this mail")


def stuffed(data: bytes) -> bytes:
    """A mail as it goes over the line: lines end with CR LF and nothing else, and none is a dot alone."""
    lines = _LINE_END.sub(b"\r\n", data)
    return _DOT.sub(b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def _connect(server: MailServer, tls: ssl.SSLContext, seconds: float) -> smtplib.SMTP:
    name = socket.gethostname()
    own = name if "." in name else "[127.0.0.1]"
    try:
        smtp = (
            smtplib.SMTP_SSL(server.host, server.port, own, timeout=seconds, context=tls)
            if server.secured is Secured.tls
            else smtplib.SMTP(server.host, server.port, own, timeout=seconds)
        )
    except ssl.SSLError as error:
        raise _tls_error(server, error) from error
    except smtplib.SMTPResponseException as error:
        raise _away(server, error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerAway(f"The mail server {server} can’t be reached ({_words(error)}).") from error
    if server.secured is Secured.none and (smtp.sock is None or not is_loopback(smtp.sock.getpeername()[0])):
        smtp.close()
        raise MailServerWrong(f"The mail server {server} is not on this machine, so mails need encryption.")
    return smtp


def _tls_error(server: MailServer, error: Exception) -> Exception:
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason or "TLS"
        return MailServerWrong(
            f"The connection to the mail server {server} is not safe: {why}. No mail was sent. Ask an administrator."
        )
    return MailServerAway(f"The mail server {server} broke off while the connection was being encrypted.")


def _away(server: MailServer, error: smtplib.SMTPResponseException) -> MailServerAway:
    return MailServerAway(
        f"The mail server {server} takes nothing now: {answer_of(error.smtp_code, error.smtp_error)}."
    )


def _words(error: Exception) -> str:
    """Why a connection failed, in few words."""
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "it stays silent"
    if isinstance(error, socket.gaierror):
        return "no machine has this name"
    if isinstance(error, ConnectionRefusedError):
        return "nothing answers there"
    return "the connection broke"
