"""An answer's body as it was meant, piece by piece: what is packed is never unpacked further than it is wanted."""

import zlib
from collections.abc import Iterable, Iterator

from webapp.services.outgoing.errors import AnswerLost, BadAnswer

PIECE = 1 << 16
EITHER = 32 + zlib.MAX_WBITS  # gzip, or zlib as "deflate" is meant


def decoded(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The bytes without their content coding.

    Raises:
        BadAnswer: the coding is unknown, or it is broken.
        AnswerLost: it ends too early.
    """
    match coding.strip().lower():
        case "" | "identity":
            return iter(pieces)
        case "gzip" | "x-gzip" | "deflate":
            return _unpacked(pieces)
        case _:
            raise BadAnswer(f"The answer is packed in a way that was not asked for: {coding[:40]}.")


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unpacker, begun = zlib.decompressobj(EITHER), False
    try:
        for piece in pieces:
            rest, begun = piece, True
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, PIECE)
                rest = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise BadAnswer("The answer is packed, and cannot be unpacked.") from None
    if begun and not unpacker.eof:
        raise AnswerLost("The answer broke off.")
