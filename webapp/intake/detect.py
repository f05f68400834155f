"""How a file is to be read, found from its bytes."""

from dataclasses import replace
from pathlib import Path

from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.decode import decode_head, guess_encoding, judge_encoding
from webapp.intake.encodings import CHOOSABLE
from webapp.intake.errors import EmptyFileError, LateLineError, NoSuchEncodingError
from webapp.intake.not_tables import refuse_other_files, refuse_other_text
from webapp.intake.reading import READ_IN_PLACE, Reading
from webapp.intake.tail import settle_end
from webapp.intake.text_reading import Detected, read_by, split_text
from webapp.intake.unpack import Unpacked, unpacked

HEAD_BYTES = 2 * 1024 * 1024
UTF8_MARK = b"\xef\xbb\xbf"
_ENCODINGS = frozenset(codec for codec, _ in CHOOSABLE)


def detect(path: Path, choices: Choices = NO_CHOICES, copy: Path | None = None) -> Reading:
    """How the file is to be read, as far as not chosen; see `detect_closely`."""
    return detect_closely(path, choices, copy).reading


def detect_closely(path: Path, choices: Choices = NO_CHOICES, copy: Path | None = None) -> Detected:
    """How the file is to be read: its encoding, dialect, header and columns, and where the table begins and ends.

    Looks at the first 2 MiB of text; a second table that begins further down is not found. Notes below the table are
    looked for in the last 64 KiB of a large text that is read where it lies, not of one that is packed or transcoded.
    A file with a header and nothing below it is a table too. `copy` is where `prepare` puts its copies.

    Raises:
        EmptyFileError: it holds nothing, or only blank lines.
        NotATableError: it is no text, or text of another kind.
        TooWideError: it has more than 16,384 columns.
        LateLineError: the last line that was chosen lies beyond what is looked at of a packed or transcoded text.
        NoSuchEncodingError: the encoding that was chosen is none of `CHOOSABLE`.
        IntakeError: what it is packed in cannot be opened.
    """
    with unpacked(path, choices, copy, HEAD_BYTES + 1) as found:
        with found.path.open("rb") as file:
            head = file.read(HEAD_BYTES + 1)
        whole = found.whole and len(head) <= HEAD_BYTES
        head = head[:HEAD_BYTES]
        if not head:
            raise EmptyFileError
        if choices.encoding is not None and choices.encoding not in _ENCODINGS:
            raise NoSuchEncodingError(choices.encoding)
        if found.container == "workbook":
            choices = replace(choices, encoding="utf-8", delimiter=",", quote='"', escape="")
        else:
            refuse_other_files(head)
        encoding = choices.encoding or _encoding_of(found, head)
        text = decode_head(head, encoding)
        if found.container != "workbook":
            refuse_other_text(text)
        detected = read_by(
            encoding, split_text(text, whole=whole), choices, marked=head.startswith(UTF8_MARK), whole=whole
        )
        if found.whole and not whole:
            detected = replace(detected, reading=settle_end(found.path, detected.reading, choices.last_line))
        if not whole and choices.last_line and not detected.reading.end_offset:
            _refuse_late_line(found, encoding, text)
    return detected.within(found.container, found.sheet)


def _encoding_of(found: Unpacked, head: bytes) -> str:
    """The encoding of the text, judged on the whole of it; of an archive's, on what was unpacked."""
    return judge_encoding(found.path).encoding if found.whole else guess_encoding(head, whole=False)


def _refuse_late_line(found: Unpacked, encoding: str, text: str) -> None:
    if not found.whole or found.container or encoding not in READ_IN_PLACE:
        raise LateLineError(text.count("\n"))
