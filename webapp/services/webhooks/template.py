"""What is sent for a row: address, headers and body, written by an operator with placeholders for its cells.

Each cell goes where it was put, whatever is in it: in the address percent-encoded, in the body as a JSON text. Who
writes the file cannot choose the host, another header or another field.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from webapp.authoring import Rejected, Row
from webapp.services.outgoing.address import Address
from webapp.services.outgoing.errors import AddressRefused
from webapp.services.placeholders import Name, PlaceholderError, Template
from webapp.services.webhooks.written import Number, NumberError, number, read, write

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
HOST = re.compile(r"https?://[^/?#{}]+[/?#]", re.IGNORECASE)
CLIMBS = frozenset({".", ".."})
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "idempotency-key", "upgrade", "te"})
SECRETS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "apikey", "x-auth-token"}
)
WITHOUT_BODY = frozenset({"GET", "DELETE"})


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent for one row."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """What is sent for each row; `body` is JSON in which each text is a template, None for all columns as texts."""

    method: str
    url: Template
    headers: Mapping[str, Template]
    body: Any
    numbers: frozenset[str]
    """Columns whose cells go into the body as numbers, where they are all of a text."""

    @classmethod
    def read(cls, method: str, url: str, headers: Mapping[str, str], body: str | None, numbers: Sequence[str]) -> Self:
        """Read what an operator wrote.

        Raises:
            PlaceholderError: some of it is no template, or not what it should be.
        """
        return cls(method, read_url(url), read_headers(headers), read_body(body), frozenset(numbers))

    @property
    def without_body(self) -> bool:
        """Whether only the address says what is wanted."""
        return self.method in WITHOUT_BODY and self.body is None

    def message(self, row: Row) -> Message:
        """What is sent for a row.

        Raises:
            Rejected: one of its cells cannot stand where it is wanted.
            PlaceholderError: the file has no such column.
        """
        url = self._filled_url(row)
        headers = {name: self._filled_header(name, template, row) for name, template in self.headers.items()}
        if self.without_body:
            return Message(self.method, url, headers, None)
        filled = dict(row) if self.body is None else self._filled(self.body, row)
        body = write(filled).encode("utf-8", "replace")
        return Message(self.method, url, {"content-type": "application/json", **headers}, body)

    def _filled_url(self, row: Row) -> str:
        self.url.require(row.keys())
        before_query = True
        for part in self.url.parts:
            if not isinstance(part, Name):
                before_query = before_query and "?" not in part
                continue
            if row[part.column].strip() in CLIMBS:
                raise Rejected("cannot be part of an address", part.column)
            if before_query and not row[part.column].strip():
                raise Rejected("is blank, and the address needs it", part.column)
        return self.url.fill(row, lambda cell: quote(cell.strip(), safe=""))

    def _filled_header(self, name: str, template: Template, row: Row) -> str:
        template.require(row.keys())
        for column in template.names:
            if not HEADER_VALUE.fullmatch(row[column].strip()):
                raise Rejected(f"has a character that the header {name} cannot hold, such as a line break", column)
        return template.fill(row, str.strip)

    def _filled(self, part: Any, row: Row) -> Any:  # noqa: ANN401 (JSON)
        match part:
            case Template(parts=(Name(column),)) if column in self.numbers:
                return number_in(row, column)
            case Template():
                return part.fill(row)
            case dict():
                return {name: self._filled(each, row) for name, each in part.items()}
            case list():
                return [self._filled(each, row) for each in part]
            case _:
                return part


def number_in(row: Row, column: str) -> Number | None:
    """The number in a cell, with all of its digits; None if it is blank.

    Raises:
        Rejected: it holds something else.
    """
    cell = row[column].strip()
    if not cell:
        return None
    if not NUMBER.fullmatch(cell):
        raise Rejected("is not a number as programs write it, such as 1234.5", column)
    try:
        return number(cell)
    except NumberError as error:
        raise Rejected(str(error), column) from None


def read_url(text: str) -> Template:
    """An address with placeholders behind its host.

    Raises:
        PlaceholderError: it is none; or whoever fills in the file would choose the host.
    """
    template = Template.parse(text)
    first = template.parts[0] if template.parts else ""
    if not isinstance(first, str) or (template.names and not HOST.match(first)):
        raise PlaceholderError("must name the host itself: placeholders may stand behind it, as in https://host/{id}")
    require_url(template.fill(dict.fromkeys(template.names, "x")))
    return template


def require_url(text: str) -> None:
    """See that an address could be called.

    Raises:
        PlaceholderError: it could not.
    """
    try:
        Address.parse(text)
    except AddressRefused as error:
        raise PlaceholderError(f"cannot be called. {error}") from None


def read_headers(headers: Mapping[str, str]) -> dict[str, Template]:
    """Headers with placeholders in their values.

    Raises:
        PlaceholderError: one may not be given, or not here.
    """
    require_headers(headers)
    return {name: Template.parse(value) for name, value in headers.items()}


def require_headers(headers: Mapping[str, str]) -> None:
    """See that these headers may be given by an operator, and here.

    Raises:
        PlaceholderError: one may not.
    """
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            raise PlaceholderError(f"has “{name[:60]}”, which cannot be the name of a header")
        if name.lower() in OURS or name.lower().startswith("webhook-"):
            raise PlaceholderError(f"has {name}, which the desk sets itself: leave it out")
        if name.lower() in SECRETS:
            raise PlaceholderError(
                f"has {name}, which everybody could read here: put it into the secret header below, which is encrypted"
            )
        if not HEADER_VALUE.fullmatch(value):
            raise PlaceholderError(f"has a character in {name} that headers cannot hold")


def read_body(text: str | None) -> Any:  # noqa: ANN401 (JSON)
    """JSON in which each text is a template.

    Raises:
        PlaceholderError: it is not JSON, or one of its texts is no template.
    """
    if text is None:
        return None
    try:
        return _read_texts(read(text))
    except RecursionError:
        raise PlaceholderError("is nested too deeply") from None
    except NumberError as error:
        raise PlaceholderError(f"has what {error}") from None
    except json.JSONDecodeError as error:
        raise PlaceholderError(
            f"line {error.lineno}: this is not JSON. Put placeholders in quotation marks, "
            'as in {"name": "{Full name}"}'
        ) from None


def _read_texts(part: Any) -> Any:  # noqa: ANN401 (JSON)
    match part:
        case str():
            return Template.parse(part)
        case dict():
            return {name: _read_texts(each) for name, each in part.items()}
        case list():
            return [_read_texts(each) for each in part]
        case _:
            return part


def templates_in(part: Any) -> Iterator[Template]:  # noqa: ANN401 (JSON)
    """All templates of a body."""
    match part:
        case Template():
            yield part
        case dict():
            for each in part.values():
                yield from templates_in(each)
        case list():
            for each in part:
                yield from templates_in(each)
