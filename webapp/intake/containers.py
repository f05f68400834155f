"""Files that are no text table, told by their first bytes."""

import re

from webapp.intake.errors import NotATableError

_SAVE_AS_CSV = "Open it in the program it came from, save it as CSV, and choose that file."
_SPREADSHEET = "Open it and save it as CSV (Save as, type “CSV UTF-8”), then choose that file."
_PLAIN = "Choose a CSV file."

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF document", "Copy its table into a spreadsheet, save that as CSV, and choose that file."),
    (b"\x89PNG\r\n", "a PNG image", _PLAIN),
    (b"\xff\xd8\xff", "a JPEG image", _PLAIN),
    (b"GIF87a", "a GIF image", _PLAIN),
    (b"GIF89a", "a GIF image", _PLAIN),
    (b"II*\0", "a TIFF image", _PLAIN),
    (b"MM\0*", "a TIFF image", _PLAIN),
    (b"\x7fELF", "a program", _PLAIN),
    (b"MZ\x90", "a program", _PLAIN),
    (b"\xcf\xfa\xed\xfe", "a program", _PLAIN),
    (b"\xca\xfe\xba\xbe", "a program", _PLAIN),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it, and choose the CSV file inside."),
    (b"BZh", "a compressed file (bzip2)", "Unpack it, and choose the CSV file inside."),
    (b"\xfd7zXZ\0", "a compressed file (xz)", "Unpack it, and choose the CSV file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7-Zip)", "Unpack it, and choose the CSV file inside."),
    (b"Rar!\x1a\x07", "a compressed file (RAR)", "Unpack it, and choose the CSV file inside."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (Excel or Word)", _SPREADSHEET),
    (b"SQLite format 3\0", "a SQLite database", "Export its table as CSV, and choose that file."),
    (b"PAR1", "a Parquet file", _SAVE_AS_CSV),
    (b"{\\rtf", "a text document (RTF)", _SAVE_AS_CSV),
    (b"ID3", "a sound file", _PLAIN),
    (b"OggS", "a sound file", _PLAIN),
)
_ZIP = b"PK\x03\x04"
_MEDIA = re.compile(rb"(?s)....ftyp|RIFF....(?:WAVE|AVI |WEBP)")
_MARKUP = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|\?xml|svg|table)\b", re.IGNORECASE)
_JSON = re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*(?:\{|\[))')
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def refuse_other_files(head: bytes) -> None:
    """Refuse what is known by its first bytes.

    Raises:
        NotATableError: and the sentence says what it is.
    """
    for signature, what, remedy in _SIGNATURES:
        if head.startswith(signature):
            raise NotATableError(what, remedy)
    if head.startswith(_ZIP):
        raise _zip_error(head)
    if _MEDIA.match(head):
        raise NotATableError("a picture, sound or film", _PLAIN)


def refuse_other_text(text: str) -> None:
    """Refuse text that is markup, JSON, or mostly characters that text does not have.

    Raises:
        NotATableError: and the sentence says what it is.
    """
    if _MARKUP.match(text):
        raise NotATableError("a web page or XML file", _SAVE_AS_CSV)
    if _JSON.match(text):
        raise NotATableError("a JSON file", _SAVE_AS_CSV)
    sample = text[:65_536]
    if len(_CONTROLS.findall(sample)) + sample.count("\0") > len(sample) // 20:
        raise NotATableError("a file of binary data", _PLAIN)


def _zip_error(head: bytes) -> NotATableError:
    if b"xl/" in head or b"[Content_Types].xml" in head:
        return NotATableError("an Excel workbook", _SPREADSHEET)
    if b"opendocument.spreadsheet" in head:
        return NotATableError("a spreadsheet (ODS)", _SPREADSHEET)
    return NotATableError("a ZIP archive", "Unpack it, and choose the CSV file inside.")
