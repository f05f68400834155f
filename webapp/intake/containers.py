"""What a file is, told by its bytes: one that tables are taken out of, or one that is no table at all."""

import mmap
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from webapp.intake.archives import members_of, opened_zip
from webapp.intake.errors import LockedFileError, NotATableError
from webapp.intake.workbook import Sheet, sheets_of

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
_GZIP, _OLE = b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP, _ZIPS = b"PK\x03\x04", (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin"})
_SMALL = 200  # bytes: what a document says of its kind
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_DOCUMENTS = (
    ("word/", "a Word document"),
    ("ppt/", "a PowerPoint presentation"),
    ("Index/Tables/", "an Apple Numbers document"),
    ("Index/Document.iwa", "an Apple document"),
    ("META-INF/MANIFEST.MF", "a program"),
)
# The streams that tell old Office files apart.
_STREAMS = {
    "Workbook": "",
    "Book": "",
    "EncryptedPackage": "",
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
    "__properties_version1.0": "an e-mail saved by Outlook",
}
_MEDIA = re.compile(rb"(?s)....ftyp|RIFF....(?:WAVE|AVI |WEBP)")
_MARKUP = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|\?xml|svg|table)\b", re.IGNORECASE)
_JSON = re.compile(r'\s*(?:\{\s*(?:"|\})|\[\s*(?:\{|\[))')
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Container:
    """A file that tables are taken out of: `kind` is "gzip", "zip" or "workbook", as in `Reading.container`.

    `sheets` are the workbook's sheets or the archive's files, in their order; a gzip file has one without a name.
    """

    kind: str
    sheets: tuple[Sheet, ...]


def open_container(path: Path) -> Container | None:
    """What the file is, if tables are taken out of it. Reads its lists of contents, nothing else.

    Raises:
        NotATableError: it is a document or an archive of another kind.
        IntakeError: it is damaged, locked or too large inside.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_GZIP):
        return Container("gzip", (Sheet(""),))
    if head.startswith(_ZIPS):
        return _zip_container(path)
    if head.startswith(_OLE):
        _refuse_other_office_files(path)
        return Container("workbook", tuple(sheets_of(path)))
    return None


def _zip_container(path: Path) -> Container:
    with opened_zip(path) as archive:
        names = frozenset(archive.namelist())
        kind = archive.read("mimetype") if _is_small(archive, "mimetype") else b""
    if not names.isdisjoint(_WORKBOOKS) or kind.startswith(_ODS):
        return Container("workbook", tuple(sheets_of(path)))
    for signs, what in _DOCUMENTS:
        if any(name.startswith(signs) for name in names):
            raise NotATableError(what, _SAVE_AS_CSV)
    if kind.startswith(b"application/"):
        raise NotATableError("a document", _SAVE_AS_CSV)
    return Container("zip", tuple(Sheet(member.name) for member in members_of(path)))


def _is_small(archive: zipfile.ZipFile, name: str) -> bool:
    return any(
        entry.filename == name and entry.file_size <= entry.compress_size < _SMALL for entry in archive.infolist()
    )


def _refuse_other_office_files(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        streams = {name for name in _STREAMS if data.find(name.encode("utf-16-le") + b"\0\0") >= 0}
    if "EncryptedPackage" in streams:
        raise LockedFileError("workbook")
    if streams.isdisjoint({"Workbook", "Book"}):
        raise NotATableError(_STREAMS[streams.pop()] if streams else "an old Office file", _SAVE_AS_CSV)


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
