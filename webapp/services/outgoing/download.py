"""Fetching a file that may be large: after a cut or a crash it goes on where it was, if it is still the same file."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from webapp.services.outgoing.answer import Answer, in_short
from webapp.services.outgoing.errors import AnswerLost, BadAnswer, HttpTrouble, TooLong

if TYPE_CHECKING:
    from webapp.services.http import Http

PARTIAL, NOT_SATISFIABLE = 206, 416
SYNC_BYTES = 32_000_000
RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
EXTENDED_NAME = re.compile(r"filename\*\s*=\s*(utf-8|iso-8859-1)'[^']*'([^;\s]+)", re.IGNORECASE)
Tell = Callable[[int, int | None], None]
"""Told how many bytes are there, of how many."""


class RefusedByServer(HttpTrouble):
    """The server answers, and does not give the file."""

    def __init__(self, message: str, status: int, retry_after: str | None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a file that is not all there: which it is, and how much of it is safe on the disk."""

    url: str
    validator: str
    total: int | None
    safe: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file."""

    size: int
    name: str | None
    """What the server calls it."""
    is_length_known: bool


class Download:
    """A file being fetched into `part`; beside it stands what is known of it."""

    def __init__(self, http: "Http", url: str, headers: Mapping[str, str], part: Path, most: int) -> None:
        self._http, self._url, self._headers = http, url, headers
        self._part, self._note = part, part.with_name(part.name + ".json")
        self._most = most

    def fetch(self, seconds: float, tell: Tell) -> Fetched:
        """Ask for the file, or for what is missing of it.

        Raises:
            AnswerLost, TooSlow, NotReached: it is not all there yet; ask again.
            RefusedByServer: the server does not give it.
            TooLong: it is larger than wanted.
            AddressRefused, BadAnswer: it cannot be had there.
        """
        begun = self._begun()
        with self._http.send("GET", self._url, headers={**self._headers, **_missing(begun)}, seconds=seconds) as answer:
            if answer.status == PARTIAL and begun is not None:
                return self._take(answer, self._continued(answer, begun), tell)
            if answer.status == NOT_SATISFIABLE and begun is not None:
                self.forget()
                raise AnswerLost("The file has become shorter in the meantime: it is fetched anew.")
            if answer.status != 200:  # noqa: PLR2004 (what HTTP says)
                raise _refused(answer)
            return self._take(answer, Begun(self._url, _validator(answer), _length(answer)), tell)

    def forget(self) -> None:
        """Remove all that is there."""
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _take(self, answer: Answer, begun: Begun, tell: Tell) -> Fetched:
        if begun.total is not None and begun.total > self._most:
            raise TooLong(_too_long(begun.total, self._most))
        with self._open(begun) as file:
            size = unsafe = begun.safe
            for piece in answer.pieces(sys.maxsize):
                size += len(piece)
                if size > self._most:
                    raise TooLong(_too_long(None, self._most))
                file.write(piece)
                tell(size, begun.total)
                if size - unsafe >= SYNC_BYTES:
                    unsafe = size
                    self._keep(file, begun)
        if begun.total is not None and size != begun.total:
            self.forget()
            raise BadAnswer(f"The file has {size:,} bytes, but its server had said {begun.total:,}.")
        return Fetched(size, file_name(answer), begun.total is not None)

    @contextmanager
    def _open(self, begun: Begun) -> Iterator[BinaryIO]:
        """The part, ready for the bytes that follow; what came is kept whatever ends the block."""
        self._note.unlink(missing_ok=True)  # until the part is what the note says
        with self._part.open("r+b" if begun.safe else "wb") as file:
            file.truncate(begun.safe)
            file.seek(begun.safe)
            try:
                yield file
            finally:
                self._keep(file, begun)

    def _keep(self, file: BinaryIO, begun: Begun) -> None:
        """Make what is there durable, and note how much that is."""
        if begun.validator:
            file.flush()
            os.fsync(file.fileno())
            known = Begun(begun.url, begun.validator, begun.total, file.tell())
            new = self._note.with_suffix(".new")
            new.write_text(json.dumps(asdict(known)), "utf-8")
            new.rename(self._note)

    def _begun(self) -> Begun | None:
        """What is there already of this file."""
        with suppress(FileNotFoundError, ValueError, TypeError):
            begun = Begun(**json.loads(self._note.read_text("utf-8")))
            if begun.url == self._url and 0 < begun.safe <= self._part.stat().st_size:
                return begun
        return None

    def _continued(self, answer: Answer, begun: Begun) -> Begun:
        """Check that what comes is what is missing."""
        found = RANGE.fullmatch(answer.headers.get("content-range", ""))
        if found is None or found[1] is None or int(found[1]) != begun.safe or _validator(answer) != begun.validator:
            self.forget()
            raise AnswerLost("The server sent another part than was asked for: the file is fetched anew.")
        total = begun.total if found[3] == "*" else int(found[3])
        return Begun(begun.url, begun.validator, total, begun.safe)


def file_name(answer: Answer) -> str | None:
    """What the server calls the file: by `Content-Disposition` (RFC 6266), else by the end of its address."""
    from email.message import Message  # noqa: PLC0415 (needed once)

    said = answer.headers.get("content-disposition", "")
    if found := EXTENDED_NAME.search(said):
        return unquote(found[2], encoding=found[1], errors="replace")
    head = Message()
    head["content-disposition"] = said
    return head.get_filename() or unquote(answer.address.target.partition("?")[0].rpartition("/")[2]) or None


def _missing(begun: Begun | None) -> dict[str, str]:
    return {} if begun is None else {"range": f"bytes={begun.safe}-", "if-range": begun.validator}


def _validator(answer: Answer) -> str:
    """What tells this file from what may be there tomorrow; nothing if the server does not say, or has packed it."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        return ""
    tag = answer.headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("last-modified", "")


def _length(answer: Answer) -> int | None:
    said = answer.headers.get("content-length", "")
    packed = answer.headers.get("content-encoding", "identity").lower() != "identity"
    return int(said) if said.isascii() and said.isdigit() and not packed else None


def _refused(answer: Answer) -> RefusedByServer:
    message = f"{answer.address.host} does not give the file: {in_short(answer.status, answer.words())}."
    return RefusedByServer(message, answer.status, answer.headers.get("retry-after"))


def _too_long(size: int | None, most: int) -> str:
    has = "more" if size is None else f"{size / 1_000_000:,.1f} MB"
    return f"The file is larger than wanted: it has {has}, and {most / 1_000_000:,.0f} MB were allowed."
