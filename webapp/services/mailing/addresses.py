"""E-mail addresses: exactly one in a cell, and nothing in it that a header or a server could read as something else."""

import unicodedata
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Self

SEVERAL = ",;<>"
BREAKS = frozenset({"Cc", "Zl", "Zp", "Cs"})
"""Unicode's control characters, separators of lines and paragraphs, and halves of characters."""


class AddressError(ValueError):
    """A text is not one address; the message completes "*column* …"."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """One address, as it goes over the line: in ASCII wherever that can be."""

    text: str
    name: str = ""

    @property
    def local(self) -> str:
        """What stands before the @."""
        return self.text.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands behind it."""
        return self.text.rpartition("@")[2]

    @classmethod
    def parse(cls, cell: str) -> Self:
        """Read a cell that holds one address, with spaces around it at most.

        Raises:
            AddressError: it does not; says why.
        """
        from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 (slow to import)

        text = cell.strip()
        if not text:
            raise AddressError("is empty: there is nobody to write to")
        if breaks_a_line(text):
            raise AddressError("has a line break or a control character in it")
        if any(sign in text for sign in SEVERAL) or text.count("@") > 1:
            raise AddressError("has to be one plain address, like ada@example.com: write each in a row of its own")
        try:
            found = validate_email(text, check_deliverability=False, allow_quoted_local=False)
        except EmailNotValidError as error:
            raise AddressError(f"is not an e-mail address: {str(error).rstrip('.')}") from None
        return cls(found.ascii_email or found.normalized)

    @classmethod
    def parse_named(cls, text: str) -> Self:
        """Read an address that may have a name before it, as in `Ada <ada@example.com>`.

        Raises:
            AddressError: it is none.
        """
        if breaks_a_line(text):
            raise AddressError("has a line break or a control character in it")
        name, address = parseaddr(text)
        return cls(cls.parse(address or text).text, name)

    @property
    def key(self) -> str:
        """The same for addresses that reach the same person: in practice nobody tells capitals apart."""
        return self.text.casefold()


def breaks_a_line(text: str) -> bool:
    """Whether a text holds what could end a header's line, or is no character at all."""
    return any(unicodedata.category(letter) in BREAKS for letter in text)
