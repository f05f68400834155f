"""What goes along with a mail: one file for all, or for each row the file of an archive that the row names."""

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from mimetypes import guess_type
from typing import Annotated, Self

from webapp.authoring import Depends, Failed, JobError, OtherFile
from webapp.intake import IntakeError
from webapp.intake.archives import MOST_FILES, Bounded, opened_entry, opened_zip
from webapp.services.mailing.message import Attachment

MOST_BYTES = 10_000_000
"""Of one attachment: on its way it grows by a third, and few mail servers take more than 15 MB."""
TOO_LARGE = f"is larger than the {MOST_BYTES // 1_000_000} MB that a mail may carry"
A_ZIP = "ZIP archive"


class Attachments:
    """Reads attachments; what all mails carry is read once. To be used in a `with` block."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._for_all: Attachment | None = None
        self._archive: zipfile.ZipFile | None = None
        self._entries: dict[str, zipfile.ZipInfo | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of_row(self, file: OtherFile | None, column: str | None, row: Mapping[str, str]) -> Attachment | None:
        """What the mail of a row carries; None if nothing.

        Raises:
            Failed: what the row names is not in the archive, or can't be sent.
            JobError: the archive can't be used.
        """
        if file is None:
            return None
        if column is None:
            self._for_all = self._for_all or made(file.name, file.path.read_bytes())
            return self._for_all
        wanted = row[column].strip()
        return self._member(file, wanted, column) if wanted else None

    def _member(self, file: OtherFile, wanted: str, column: str) -> Attachment:
        archive = self._archive or self._open(file)
        named = wanted.replace("\\", "/").casefold()
        if named not in self._entries:
            raise Failed(f"names “{wanted[:100]}”, which is not in {file.name}", column)
        entry = self._entries[named]
        if entry is None:
            raise Failed(f"names “{wanted[:100]}”, of which {file.name} has several: write its folder too", column)
        if entry.file_size > MOST_BYTES:
            raise Failed(f"names a file that {TOO_LARGE}", column)
        try:
            with opened_entry(archive, entry, A_ZIP, file.size) as source:
                content = _read(source)
        except IntakeError as error:
            raise Failed(f"names a file that can’t be unpacked: {error}", column) from error
        if len(content) > MOST_BYTES:
            raise Failed(f"names a file that {TOO_LARGE}", column)
        return made(entry.filename.rpartition("/")[2], content)

    def _open(self, file: OtherFile) -> zipfile.ZipFile:
        """The archive, with each file by its path and, if there is one of that name only, by its name."""
        try:
            archive = self._stack.enter_context(opened_zip(file.path))
        except IntakeError as error:
            raise JobError(f"The attachments are to be in a ZIP archive, and {file.name} is none. {error}") from error
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(files) > MOST_FILES:
            raise JobError(f"{file.name} holds more than {MOST_FILES:,} files. Send it in parts, each with its rows.")
        for entry in files:
            name = entry.filename.rpartition("/")[2].casefold()
            self._entries[name] = None if name in self._entries else entry
        self._entries |= {entry.filename.casefold(): entry for entry in files if "/" in entry.filename}
        self._archive = archive
        return archive


def _read(source: Bounded) -> bytes:
    content = bytearray()
    while len(content) <= MOST_BYTES and (piece := source.read(MOST_BYTES + 1 - len(content))):
        content += piece
    return bytes(content)


def made(name: str, content: bytes) -> Attachment:
    """An attachment; what it is tells its name, and what is not known, packed or a mail itself is bytes."""
    kind, packing = guess_type(name)
    known = kind and packing is None and not kind.startswith("message/")
    return Attachment(name, kind if kind and known else "application/octet-stream", content)


def problem_of(file: OtherFile | None, column: str | None) -> dict[str, str]:
    """What is wrong with an attachment before any row is looked at, by the names of parameters."""
    if file is None:
        return {"attachment": "Choose the ZIP archive with the files that the rows name."} if column else {}
    if column is None:
        return {"attachment": f"{file.name} {TOO_LARGE}."} if file.size > MOST_BYTES else {}
    return {} if file.name.lower().endswith(".zip") else {"attachment": "This has to be a ZIP archive with all files."}


def open_attachments() -> Iterator[Attachments]:
    """For one attempt of a job."""
    with Attachments() as attachments:
        yield attachments


AttachmentsService = Annotated[Attachments, Depends(open_attachments)]
