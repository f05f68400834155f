"""A mail as it goes over the line: headers that cannot be broken out of, and a body of plain ASCII lines."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any, ClassVar

from webapp.services.mailing.addresses import MailAddress, breaks_a_line
from webapp.services.mailing.errors import MailRefused

LONGEST_SUBJECT = 900
LONGEST_LINE = 990
"""Of a header that must not be folded; RFC 5322, 2.1.1 allows 998."""
NOT_ASCII = (
    "has a letter outside of plain ASCII: write the host as https://xn--… and other letters as %C3%BC, as a browser "
    "copies them"
)
LONGEST_FILE_NAME = 200
_ENCODED = re.compile(r"=\?[^?]*\?[bq]\?", re.IGNORECASE)
"""Letters in other clothes: a line break could hide in them."""


class MessageError(ValueError):
    """A mail cannot be made of this; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along, as in `Attachment("goods.csv", "text/csv", b"...")`."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """What is to be sent to whom. `unsubscribe` is an https or mailto address of the recipient's own."""

    recipient: MailAddress
    subject: str
    text: str
    message_id: str
    html: str | None = None
    reply_to: MailAddress | None = None
    unsubscribe: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail made up, with the addresses that the server is told."""

    sender: str
    recipient: str
    message: EmailMessage

    @property
    def needs_utf8(self) -> bool:
        """Whether an address has letters before its @ that only a server with SMTPUTF8 can send to."""
        return not (
            self.sender.isascii() and self.recipient.isascii() and str(self.message["Reply-To"] or "").isascii()
        )

    def data(self) -> bytes:
        """The whole of it, with CR LF at the ends of lines."""
        return self.message.as_bytes(policy=POLICY.clone(utf8=True) if self.needs_utf8 else POLICY)

    def too_foreign(self) -> MailRefused:
        """What to say if the server can't."""
        return MailRefused("the mail server can’t send to an address with such letters before the @ (no SMTPUTF8)")


class _Unfolded:
    """A header that is one line whatever its length: folding would break an address in it."""

    max_count: ClassVar[int] = 1
    value_parser = staticmethod(UnstructuredHeader.value_parser)
    parse = UnstructuredHeader.parse

    def fold(self, *, policy: EmailPolicy) -> str:
        """The line."""
        header: Any = self
        return f"{header.name}: {header}{policy.linesep}"


def _headers() -> Any:  # noqa: ANN401 (a HeaderRegistry, which takes any class like those it knows)
    registry: Any = HeaderRegistry()
    for name in ("message-id", "list-unsubscribe"):
        registry.map_to_type(name, _Unfolded)
    return registry


# cte_type="7bit": bodies become quoted-printable or base64 where they hold anything else than short lines of ASCII
POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers())


def compose(mail: Mail, sender: MailAddress, at: datetime | None = None) -> Envelope:
    """Make a mail up.

    Raises:
        MessageError: a subject or an address would break its header.
    """
    message = EmailMessage(policy=POLICY)
    message["From"] = _header_address(sender)
    message["To"] = _header_address(mail.recipient)
    if mail.reply_to:
        message["Reply-To"] = _header_address(mail.reply_to)
    message["Subject"] = checked_line(mail.subject, "The subject", LONGEST_SUBJECT)
    message["Date"] = format_datetime(at or datetime.now(UTC))
    message["Message-ID"] = f"<{mail.message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        address = checked_line(mail.unsubscribe, "The address to unsubscribe", LONGEST_LINE)
        if not address.isascii():
            raise MessageError(f"The address to unsubscribe {NOT_ASCII}")
        message["List-Unsubscribe"] = f"<{address}>"
        if mail.unsubscribe.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    for each in mail.attachments:
        kind, _, subtype = each.media_type.partition("/")
        name = checked_line(each.name, "The name of a file", LONGEST_FILE_NAME)
        message.add_attachment(each.content, kind, subtype, filename=name)
    return Envelope(sender.text, mail.recipient.text, message)


def checked_line(text: str, what: str, longest: int) -> str:
    """The text without spaces around it, if it is one line.

    Raises:
        MessageError: it is not, or is too long.
    """
    line = text.strip(" \t")
    if breaks_a_line(line):
        raise MessageError(f"{what} has a line break or a control character in it: one of the row’s cells brings it")
    if _ENCODED.search(line):
        raise MessageError(f"{what} holds “=?…?”, which mail programs would read as other letters")
    if len(line) > longest:
        raise MessageError(f"{what} is longer than {longest} characters with this row’s cells")
    return line


def _header_address(address: MailAddress) -> Address:
    return Address(display_name=address.name, username=address.local, domain=address.domain)
