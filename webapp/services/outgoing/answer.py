"""An answer as it comes in: its status and headers are there, its body is read as far as it is wanted."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from itertools import chain

from webapp.services.outgoing.address import Address
from webapp.services.outgoing.errors import HttpTrouble, TooLong


def in_short(status: int, words: str) -> str:
    """An answer as it stands in a sentence."""
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    return f"{status}{phrase}" + (f": “{words}”" if words else "")


class Answer:
    """What somebody answers. The body can be read once."""

    def __init__(self, address: Address, status: int, headers: Mapping[str, str], pieces: Iterator[bytes]) -> None:
        self.address = address
        """Where it came from, after all redirects."""
        self.status = status
        self.headers = headers
        """By their names in small letters."""
        self._pieces = pieces

    @property
    def ok(self) -> bool:
        """Whether what was asked for was done."""
        return 200 <= self.status < 300  # noqa: PLR2004 (what HTTP says)

    def pieces(self, most: int) -> Iterator[bytes]:
        """The body as it comes.

        Raises:
            TooLong: it has more than so many bytes.
            AnswerLost: it broke off.
        """
        size = 0
        for piece in self._pieces:
            size += len(piece)
            if size > most:
                raise TooLong(f"The answer is longer than the {most:,} bytes that are wanted.")
            yield piece

    def body(self, most: int) -> bytes:
        """The whole body.

        Raises:
            TooLong: it has more than so many bytes.
            AnswerLost: it broke off.
        """
        return b"".join(self.pieces(most))

    def beginning(self, most: int) -> bytes:
        """At most so many bytes of the body."""
        begun = bytearray()
        for piece in self._pieces:
            begun += piece
            if len(begun) >= most:
                self._pieces = chain((bytes(begun[most:]),), self._pieces)
                break
        return bytes(begun[:most])

    def words(self, most: int = 200) -> str:
        """The first words of the body, on one line, whatever it is; none if it cannot be read: the status counts."""
        begun = b""
        with suppress(HttpTrouble):
            begun = self.beginning(8 * most)
        text = begun.decode("utf-8", "replace")
        words = " ".join("".join(each if each.isprintable() else " " for each in text).split())
        return words if len(words) <= most else words[: most - 1] + "…"
