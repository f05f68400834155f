"""Files that are no text table and hold none, told by their bytes, and what to do about each."""

import re

from webapp.intake.errors import NotATableError

SAVE_AS_CSV = "Open it in the program it came from, save it as CSV, and choose that file."
_SAVE_AS_WORKBOOK = "Open it in a spreadsheet program, save it as an Excel workbook (.xlsx), and choose that file."
_UNPACK = "Unpack it, and choose the CSV file inside."
_EXPORT = "Export its table as CSV, and choose that file."
_PLAIN = "Choose a CSV file."

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF document", "Copy its table into a spreadsheet, save that as CSV, and choose that file."),
    (b"%!PS", "a printed page (PostScript)", SAVE_AS_CSV),
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
    (b"PK\x03\x04", "a ZIP archive", _UNPACK),
    (b"PK\x05\x06", "a ZIP archive", _UNPACK),
    (b"\x1f\x8b", "a compressed file (gzip)", _UNPACK),
    (b"BZh", "a compressed file (bzip2)", _UNPACK),
    (b"\xfd7zXZ\0", "a compressed file (xz)", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a compressed file (Zstandard)", _UNPACK),
    (b"\x04\x22\x4d\x18", "a compressed file (LZ4)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7-Zip)", _UNPACK),
    (b"Rar!\x1a\x07", "a compressed file (RAR)", _UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (Excel or Word)", SAVE_AS_CSV),
    (b"SQLite format 3\0", "a SQLite database", _EXPORT),
    (b"\x00\x01\x00\x00Standard ", "an Access database", _EXPORT),
    (b"PAR1", "a Parquet file", SAVE_AS_CSV),
    (b"ARROW1\0\0", "a Feather file", SAVE_AS_CSV),
    (b"FEA1", "a Feather file", SAVE_AS_CSV),
    (b"Obj\x01", "an Avro file", SAVE_AS_CSV),
    (b"ORC", "an ORC file", SAVE_AS_CSV),
    (b"\x89HDF\r\n", "a file of measurements (HDF5)", SAVE_AS_CSV),
    (b"$FL2@(#)", "an SPSS file", SAVE_AS_CSV),
    (b"<stata_dta>", "a Stata file", SAVE_AS_CSV),
    (b"{\\rtf", "a text document (RTF)", SAVE_AS_CSV),
    (b"ID3", "a sound file", _PLAIN),
    (b"OggS", "a sound file", _PLAIN),
    # Excel before version 5, which had files of one sheet and of another kind.
    (b"\x09\x00\x04\x00", "a very old Excel file", _SAVE_AS_WORKBOOK),
    (b"\x09\x02\x06\x00", "a very old Excel file", _SAVE_AS_WORKBOOK),
    (b"\x09\x04\x06\x00", "a very old Excel file", _SAVE_AS_WORKBOOK),
    (b"\x09\x08\x08\x00", "a very old Excel file", _SAVE_AS_WORKBOOK),
)
_TAR, _TAR_AT = b"ustar", 257
_MEDIA = re.compile(rb"(?s)....ftyp|RIFF....(?:WAVE|AVI |WEBP)")
_XML_WORKBOOK = r"\s*<\?xml\b(?=.{0,2000}urn:schemas-microsoft-com:office:spreadsheet|.{0,500}progid=.Excel\.Sheet)"
_WEB_PAGE = (
    r"\s*(?:<\?xml.{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?"
    r"<(?:!doctype\s+html|html|head|body|table|meta|style)\b"
)
_TEXTS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(_XML_WORKBOOK, re.DOTALL), "an Excel 2003 XML workbook", _SAVE_AS_WORKBOOK),
    (
        re.compile(_WEB_PAGE, re.DOTALL | re.IGNORECASE),
        "a web page, perhaps one that was saved as an Excel file",
        _SAVE_AS_WORKBOOK,
    ),
    (re.compile(r"\s*<(?:\?xml|svg|!doctype)\b", re.IGNORECASE), "an XML file", SAVE_AS_CSV),
    (re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*(?:\{|\[))'), "a JSON file", SAVE_AS_CSV),
    (re.compile(r"(?=[A-Z][\w-]+: )(?:[^\n]*\n){0,20}?MIME-Version:"), "a web archive or e-mail", SAVE_AS_CSV),
    (re.compile(r"BEGIN:VCARD\b"), "an address book (vCard)", SAVE_AS_CSV),
    (re.compile(r"BEGIN:VCALENDAR\b"), "a calendar", SAVE_AS_CSV),
    (re.compile(r"ID;P[^\n]*\r?\n(?:[A-Z]{1,2};|P;)"), "a SYLK file", _SAVE_AS_WORKBOOK),
    (re.compile(r'TABLE\r?\n0,1\r?\n"'), "a DIF file", _SAVE_AS_WORKBOOK),
)
# But for those that delimit cells or records, and the NULs and Ctrl-Z with which old programs end a text.
_CONTROLS = re.compile("[\x03-\x08\x0e-\x1a\x7f]")
_END_MARKS = "\x1a\0"
_FEW = 2
_LOOKED_AT = 64 * 1024


def refuse_other_files(head: bytes) -> None:
    """Refuse what is known by its first bytes.

    Raises:
        NotATableError: and the sentence says what it is.
    """
    for signature, what, remedy in _SIGNATURES:
        if head.startswith(signature):
            raise NotATableError(what, remedy)
    if head.startswith(_TAR, _TAR_AT):
        raise NotATableError("an archive (TAR)", _UNPACK)
    if _MEDIA.match(head):
        raise NotATableError("a picture, sound or film", _PLAIN)


def refuse_other_text(text: str) -> None:
    """Refuse text that is markup, JSON, another kind of record, or mostly characters that text does not have.

    Raises:
        NotATableError: and the sentence says what it is.
    """
    sample = text[:_LOOKED_AT]
    for pattern, what, remedy in _TEXTS:
        if pattern.match(sample):
            raise NotATableError(what, remedy)
    text = sample.rstrip(_END_MARKS)
    if len(_CONTROLS.findall(text)) + text.count("\0") > max(len(text) // 20, _FEW):
        raise NotATableError("a file of binary data", _PLAIN)
