"""Which mail server is used and how, as one address: smtp://user:password@mail.example:587."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit


class Secured(StrEnum):
    """How the connection is encrypted."""

    starttls = "smtp"
    tls = "smtps"
    none = "smtp+plain"


PORTS = {Secured.starttls: 587, Secured.tls: 465, Secured.none: 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server; its password is shown nowhere."""

    host: str
    port: int
    secured: Secured
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, address: str) -> Self:
        """Read an address.

        Raises:
            ValueError: it is none, or would send mails or a password in the clear; never shows the password.
        """
        try:
            parts = urlsplit(address)
            host, port, secured = parts.hostname, parts.port, Secured(parts.scheme)
        except ValueError:
            raise ValueError(f"is no address of a mail server: begin it with {_schemes()}") from None
        _require_bare(parts)
        if not host:
            raise ValueError("names no host")
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        if (user is None) != (password is None):
            raise ValueError("has a user without a password, or a password without a user")
        if not f"{user}{password}".isascii() or not f"{user}{password}".isprintable():
            raise ValueError("has a user or password with other signs than letters, digits and punctuation of ASCII")
        if secured is Secured.none:
            _require_here(host, user)
        return cls(host, port or PORTS[secured], secured, user, password)

    def __str__(self) -> str:
        """For people: without user and password."""
        return f"{self.host}:{self.port}"


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _require_bare(parts: SplitResult) -> None:
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("has something behind its port: write the sign in a password percent-encoded, / as %2F")


def _require_here(host: str, user: str | None) -> None:
    if host != "localhost" and not is_loopback(host):
        raise ValueError(
            "would send mails unencrypted over a network: smtp+plain:// is for this machine only (127.0.0.1); "
            "use smtp:// (STARTTLS) or smtps:// (TLS)"
        )
    if user is not None:
        raise ValueError("would send a password unencrypted: use smtp:// (STARTTLS) or smtps:// (TLS)")


def _schemes() -> str:
    return "smtp:// (STARTTLS), smtps:// (TLS) or smtp+plain:// (unencrypted, this machine only)"
