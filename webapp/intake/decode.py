"""Which encoding a file is in, judged on the whole of it, and its beginning as text."""

import codecs
import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from webapp.intake.errors import NotATableError
from webapp.intake.legacy import Ranked, rank_encodings
from webapp.intake.reading import READ_IN_PLACE
from webapp.intake.survey import Evidence, gather, glance, pieces
from webapp.intake.wide import guess_wide, is_mainframe_text

# The longer mark first: UTF-32's begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_HEAD_BYTES = 64 * 1024
_ISO_2022_JP = "iso2022_jp_ext"
_MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """The encoding found; `confidence` is 0 to 1, `alternatives` the next likeliest that would give another text.

    `bad_bytes` are those that are no text in it: of UTF-8 among all that was looked at, of the encodings from before
    Unicode among the different lines kept, and 0 for UTF-16 and UTF-32, where they show when the text is prepared.
    """

    encoding: str
    confidence: float
    bad_bytes: int = 0
    alternatives: tuple[str, ...] = ()


def judge_encoding(source: Path | BinaryIO) -> Judgement:
    """The encoding of a file, given by its path or open.

    Looks at a file of up to 128 MiB whole; of a larger one at 128 pieces of a MiB, its head and tail among them. What
    differs between those is not seen here: it becomes a record with bad bytes when it is read. Takes a few tenths of
    a second and a few MiB, whatever the size.

    A file with lines in UTF-8 and lines that are not is what most of its lines are.

    Raises:
        NotATableError: it is in a mainframe's encoding (EBCDIC).
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _judge(file)
    return _judge(source)


def guess_encoding(head: bytes, *, whole: bool) -> str:
    """The encoding of a file that begins with `head`, judged by that; `whole` says that this is all of it."""
    end = len(head) if whole else max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
    return judge_encoding(BytesIO(head[: end or len(head)])).encoding


def decode_head(head: bytes, encoding: str) -> str:
    """The text of a file's beginning; bytes that are not text become surrogates."""
    mark = next((mark for mark, marked in _MARKS if marked == encoding and head.startswith(mark)), b"")
    errors = "surrogateescape" if encoding in READ_IN_PLACE else MARK_BAD
    return codecs.getincrementaldecoder(encoding)(errors).decode(head[len(mark) :])


def _judge(file: BinaryIO) -> Judgement:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")
    if marked not in {"", "utf-8"}:
        return Judgement(marked, 1.0)
    if wide := guess_wide(head):
        return Judgement(wide, 0.95)
    if is_mainframe_text(head):
        raise NotATableError("a file in a mainframe’s encoding (EBCDIC)", "Have it exported as UTF-8 text.")
    seen = glance(pieces(file))
    if seen.is_ascii and seen.has_escape and _is_iso_2022_jp(file):
        return Judgement(_ISO_2022_JP, 0.95)
    if seen.is_utf8:
        return Judgement("utf-8", 1.0)
    return _weigh(gather(pieces(file)), marked=bool(marked))


def _weigh(evidence: Evidence, *, marked: bool) -> Judgement:
    """UTF-8 with damaged lines stays UTF-8 as long as they are not the greater part."""
    ranked = rank_encodings(evidence.foreign)
    if marked or evidence.is_utf8:
        share = evidence.good_lines / max(evidence.good_lines + evidence.bad_lines, 1)
        return Judgement("utf-8", 1.0 if marked else share, evidence.bad_bytes, (ranked[0].encoding,))
    best = ranked[0].encoding
    bad = sum(_undecodable(line, best) for line in evidence.foreign)
    others = tuple(each.encoding for each in ranked[1 : 1 + _MOST_ALTERNATIVES])
    return Judgement(best, _confidence(ranked), bad, others)


def _confidence(ranked: list[Ranked]) -> float:
    """How likely the first is right if either it or the second is."""
    if len(ranked) == 1:
        return 1.0
    return 1.0 / (1.0 + math.exp(ranked[1].score - ranked[0].score))


def _undecodable(line: bytes, encoding: str) -> int:
    return line.decode(encoding, MARK_BAD).count("\udc80")


def _is_iso_2022_jp(file: BinaryIO) -> bool:
    """Whether escapes in an ASCII file switch to Japanese and back, as far as the first pieces show."""
    for piece in pieces(file):
        if b"\x1b$" in piece:
            try:
                return not piece.decode(_ISO_2022_JP).isascii()
            except UnicodeDecodeError:
                return False
    return False


def _mark_bad(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udc80", error.end


MARK_BAD = "batchdesk.mark_bad"
codecs.register_error(MARK_BAD, _mark_bad)
