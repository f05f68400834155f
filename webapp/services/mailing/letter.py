"""What an operator writes to many: templates that become one mail for each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from webapp.authoring import Rejected
from webapp.services.mailing.addresses import AddressError, MailAddress
from webapp.services.mailing.html import HtmlError, escaped, require_harmless
from webapp.services.mailing.message import NOT_ASCII, Attachment, Mail
from webapp.services.placeholders import PlaceholderError, Template, parsed

SAMPLE = "https://example.com"
"""Stands for every cell where the HTML is looked at before the rows: it fits a link as well as a text."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The templates, and the column `to` that holds the recipients."""

    to: str
    subject: str
    text: str
    html: str | None = None
    reply_to: str | None = None
    unsubscribe: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """The letter among a job's parameters."""
        return cls(**{name: given[name] for name in cls.__slots__})  # type: ignore[arg-type]

    def for_row(self, row: Mapping[str, str], message_id: str, attachment: Attachment | None = None) -> Mail:
        """The mail to the row's recipient.

        Raises:
            Rejected: none can be made of its cells; says why.
        """
        try:
            html = parsed(self.html).fill(row, escaped) if self.html else None
            if html is not None:
                require_harmless(html)
            return Mail(
                recipient=MailAddress.parse(row[self.to]),
                subject=parsed(self.subject).fill(row),
                text=parsed(self.text).fill(row),
                message_id=message_id,
                html=html,
                reply_to=MailAddress.parse(self.reply_to) if self.reply_to else None,
                unsubscribe=parsed(self.unsubscribe).fill(row, _quoted) if self.unsubscribe else None,
                attachments=(attachment,) if attachment else (),
            )
        except AddressError as error:
            raise Rejected(str(error), column=self.to) from error
        except HtmlError as error:
            raise Rejected(f"The HTML text {error}") from error
        except PlaceholderError as error:
            raise Rejected(f"The mail {error}") from error


def problems_of(given: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with a letter before any row is looked at, by the names of parameters."""
    problems = {}
    html, unsubscribe = given.get("html"), str(given.get("unsubscribe") or "")
    if html:
        try:
            require_harmless(_sample(parsed(str(html))))
        except HtmlError as error:
            problems["html"] = f"The HTML text {error}."
    if unsubscribe and not unsubscribe.startswith(("https://", "mailto:")):
        problems["unsubscribe"] = "The address to unsubscribe has to begin with https:// or mailto:."
    elif not _sample(parsed(unsubscribe)).isascii():
        problems["unsubscribe"] = f"The address to unsubscribe {NOT_ASCII}."
    return problems


def _sample(template: Template) -> str:
    return template.fill(dict.fromkeys(template.names, SAMPLE))


def _quoted(cell: str) -> str:
    return quote(cell.strip(), safe="")
