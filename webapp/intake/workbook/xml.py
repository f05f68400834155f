"""XML from strangers: read piece by piece, and refused where it defines entities or asks for other files."""

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from webapp.intake.archives import Bounded
from webapp.intake.errors import DamagedFileError, TooMuchInsideError

WHAT = "workbook"
CHUNK = 128 * 1024  # what a processor's cache holds
LONGEST_PIECE = 64 * 1024 * 1024
_TOO_LONG = "A single row or text of it is too long. Save the sheet as CSV, and choose that file."
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*:)?[A-Za-z]+[\s>/]")
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=[\"']([\w-]+)")


def new_parser(encoding: str | None = None) -> expat.XMLParserType:
    """A parser for a whole document that refuses document types, with which entities are defined."""
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def feed(parser: expat.XMLParserType, data: bytes, *, final: bool = False) -> None:
    """Parse on.

    Raises:
        DamagedFileError: this is no XML.
    """
    try:
        parser.Parse(data, final)
    except (expat.ExpatError, ValueError) as error:
        raise DamagedFileError(WHAT) from error


def local(name: str) -> str:
    """The name of an element without its namespace's prefix."""
    return name.rpartition(":")[2]


def elements(source: Bounded) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a document in the order in which they begin: local name and attributes."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = new_parser()
    parser.StartElementHandler = lambda name, attributes: found.append((local(name), attributes))
    while data := source.read(CHUNK):
        feed(parser, data)
        yield from found
        found.clear()
    feed(parser, b"", final=True)
    yield from found


def pieces(source: Bounded, end: str) -> Iterator[str]:
    """A document in pieces that end with the closing tag of `end`, then what follows the last one.

    Tags come without the prefix of their namespace, if they have one.

    Raises:
        DamagedFileError: this is no UTF-8, or has a document type.
        TooMuchInsideError: a piece is longer than 64 MiB.
    """
    data = source.read(CHUNK)
    prefix = _prefix(data)
    close = b"</" + prefix + end.encode() + b">"
    done = b""
    while data:
        at = data.rfind(close)
        if at >= 0:
            at += len(close)
            yield _text(done + data[:at] if done else data[:at], prefix)
            done = data[at:]
        else:
            done += data
        if len(done) > LONGEST_PIECE:
            raise TooMuchInsideError(WHAT, _TOO_LONG)
        more = source.read(CHUNK)
        data, done = (done + more, b"") if more else (b"", done)
    yield _text(done, prefix)


def _prefix(data: bytes) -> bytes:
    """The prefix that the tags have, with its colon."""
    encoding = _ENCODING.match(data)
    if b"<!DOCTYPE" in data[:4096] or (encoding and encoding[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}):
        raise DamagedFileError(WHAT)
    root = _ROOT.search(data)
    return root[1] or b"" if root else b""


def _text(data: bytes, prefix: bytes) -> str:
    if prefix:
        data = data.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
    if b"\0" in data:
        raise DamagedFileError(WHAT)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DamagedFileError(WHAT) from error


def _refuse(*_: Any) -> None:  # noqa: ANN401 - the name, the identifiers, whether there is more
    raise DamagedFileError(WHAT)
