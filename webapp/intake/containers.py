"""Files that tables are taken out of, told by their bytes: archives and workbooks."""

import mmap
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from webapp.intake.archives import members_of, opened_entry, opened_zip
from webapp.intake.errors import LockedFileError, NotATableError
from webapp.intake.not_tables import SAVE_AS_CSV
from webapp.intake.workbook import Sheet, sheets_of

_GZIP, _OLE = b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOK = re.compile(r"xl[/\\]workbook[0-9]*\.(?:xml|bin)", re.IGNORECASE)
_HEAD = 4096
_TYPES = "[Content_Types].xml"
_SIGNS = (_TYPES.encode(), b"xl/", b"opendocument.spreadsheet")  # of a workbook, for its list may be lost
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
    "WORKBOOK": "",
    "Book": "",
    "BOOK": "",
    "EncryptedPackage": "",
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
    "__properties_version1.0": "an e-mail saved by Outlook",
}


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
        head = file.read(_HEAD)
    if head.startswith(_GZIP):
        return Container("gzip", (Sheet(""),))
    if head.startswith(_ZIPS):
        return _zip_container(path, "workbook" if any(sign in head for sign in _SIGNS) else "ZIP archive")
    if head.startswith(_OLE):
        _refuse_other_office_files(path)
        return Container("workbook", tuple(sheets_of(path)))
    return None


def _zip_container(path: Path, what: str) -> Container:
    with opened_zip(path, what) as archive:
        names = frozenset(archive.namelist())
        kind = _small_entry(archive, "mimetype", what)
    if any(map(_WORKBOOK.fullmatch, names)) or kind.startswith(_ODS):
        return Container("workbook", tuple(sheets_of(path)))
    for signs, document in _DOCUMENTS:
        if any(name.startswith(signs) for name in names):
            raise NotATableError(document, SAVE_AS_CSV)
    if _TYPES in names:  # a workbook whose parts lie elsewhere
        return Container("workbook", tuple(sheets_of(path)))
    if kind.startswith(b"application/"):
        raise NotATableError("a document", SAVE_AS_CSV)
    return Container("zip", tuple(Sheet(member.name) for member in members_of(path)))


def _small_entry(archive: zipfile.ZipFile, name: str, what: str) -> bytes:
    """What a small file in the archive holds; nothing if it is not there, or not small."""
    found = (entry for entry in archive.infolist() if entry.filename == name)
    entry = next((each for each in found if each.file_size <= each.compress_size < _SMALL), None)
    if entry is None:
        return b""
    with opened_entry(archive, entry, what, entry.compress_size) as source:
        return source.read()


def _refuse_other_office_files(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        streams = {name for name in _STREAMS if data.find(name.encode("utf-16-le") + b"\0\0") >= 0}
    if "EncryptedPackage" in streams:
        raise LockedFileError("workbook")
    if streams.isdisjoint({"Workbook", "WORKBOOK", "Book", "BOOK"}):
        raise NotATableError(_STREAMS[streams.pop()] if streams else "an old Office file", SAVE_AS_CSV)
