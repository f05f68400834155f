"""An address on the web, read once: what is checked is what is used."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from typing import Self
from urllib.parse import quote, urljoin

from webapp.services.outgoing.errors import AddressRefused

LONGEST = 8_000
PORTS = {"http": 80, "https": 443}

_WHOLE = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s/?#@:\[\]\\%]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
_KEPT = "%/:?#[]@!$&'()*+,;=-._~|"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes."""

    scheme: str
    host: str
    port: int
    target: str
    """The path and the query, as they are sent."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address as a person writes it.

        Raises:
            AddressRefused: it is none that the desk calls; says why.
        """
        if len(text) > LONGEST:
            raise AddressRefused(f"The address is longer than {LONGEST:,} characters.")
        if _UNSEEN.search(text):
            raise AddressRefused("The address has a space, a backslash or an invisible character in it.")
        found = _WHOLE.fullmatch(text)
        if found is None:
            raise AddressRefused(_why_not(text))
        scheme = found["scheme"].lower()
        port = int(found["port"]) if found["port"] else PORTS[scheme]
        if not 0 < port < 2**16:
            raise AddressRefused(f"There is no port {port}.")
        target = (found["path"] or "/") + (found["query"] or "")
        return cls(scheme, host_of(found["host"]), port, quote(target, safe=_KEPT))

    def follow(self, location: str) -> Self:
        """Where a redirect from here leads.

        Raises:
            AddressRefused: to no address that the desk calls.
        """
        try:
            whole = urljoin(str(self), location)
        except ValueError:  # half an IPv6 address
            raise AddressRefused(f"{self.host} leads to an address that cannot be read.") from None
        return self.parse(whole)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who is spoken to, and whether in private."""
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """The host with its port, as the administrator writes it."""
        return f"{self._bracketed}:{self.port}"

    def __str__(self) -> str:
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self._bracketed}{port}{self.target}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def host_of(text: str) -> str:
    """The name or the number of a host in its one way of writing.

    Raises:
        AddressRefused: it is neither.
    """
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise AddressRefused(f"{text} is not an IPv6 address.") from None
    name = text.lower() if text.isascii() else _in_ascii(text)
    if len(name) > 253 or not _NAME.fullmatch(name):  # noqa: PLR2004 (the longest name of DNS)
        raise AddressRefused(f"{text} is not the name of a host.")
    return name


def _in_ascii(text: str) -> str:
    import idna  # noqa: PLC0415 (seldom needed)

    try:
        return idna.encode(text, uts46=True).decode()
    except idna.IDNAError:
        raise AddressRefused(f"{text} is not the name of a host.") from None


def _why_not(text: str) -> str:
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[1].lower() not in PORTS:
        return "The address must begin with https:// or http://."
    if "@" in text.partition("//")[2].partition("/")[0]:
        return "A name or a password does not belong into the address: give it in a header."
    return "The address has no host, or one that cannot be read."
