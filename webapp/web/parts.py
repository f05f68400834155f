"""The parts of a multipart form while it is being read: fields into memory within limits, files to the disk."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from webapp.errors import DeskError, TooLarge
from webapp.kit import new_id
from webapp.store.hashing import HashingFile
from webapp.store.uploads import Received, Uploads

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS = 100
LONGEST_FIELD = 64_000
ALL_FIELDS = 1_000_000  # bytes of all fields together


@dataclass(slots=True)
class FilePart:
    """A file being written."""

    id: UUID
    field: str
    name: str
    file: HashingFile


@dataclass(slots=True)
class Part:
    """What is known of the part being read."""

    header: bytearray = field(default_factory=bytearray)
    content: bytearray = field(default_factory=bytearray)  # of the header, later of the field
    disposition: bytes = b""
    name: str = ""
    file_name: str | None = None
    file: HashingFile | None = None


class Parts:
    """Reads a form piece by piece, blocking while it writes. Finish it or discard it."""

    def __init__(self, boundary: bytes, uploads: Uploads) -> None:
        """Expect parts separated by `boundary`.

        Raises:
            DeskError: it can't be one.
        """
        self.fields: list[tuple[str, str]] = []
        self._uploads = uploads
        self._files: list[FilePart] = []
        self._open_files = ExitStack()
        self._size = self._count = self._fields_size = 0
        self._ended = False
        self._part = Part()
        self._parser = _parser(boundary, self._callbacks())

    def feed(self, piece: bytearray) -> None:
        """Take in the next bytes.

        Raises:
            TooLarge: the form, a file or a field is larger than accepted.
            NoSpace: the disk can't take it.
            DeskError: it is no form, or has too many parts.
        """
        self._size += len(piece)
        if self._size > self._uploads.largest + ALL_FIELDS:
            raise _file_too_large(self._uploads.largest)
        self._uploads.files.require_space(len(piece), self._uploads.reserve)
        try:
            self._parser.write(piece)  # type: ignore[arg-type]  # says bytes, and treats bytearrays alike
        except FormParserError:
            raise broken_form() from None

    def finish(self) -> dict[str, Received]:
        """Keep the files, durably; each by the name of its field.

        Raises:
            DeskError: the form broke off.
        """
        if not self._ended:
            raise broken_form()
        self._open_files.close()
        return {part.field: Received(part.id, part.name, part.file.bytes, part.file.sha256) for part in self._files}

    def discard(self, error: BaseException) -> None:
        """Remove what was written; `error` is why."""
        self._open_files.__exit__(type(error), error, error.__traceback__)

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._read_header,
            "on_header_value": self._read_content,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._read_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise DeskError(f"The form has more than {MOST_PARTS} parts.")
        self._part = Part()

    def _read_header(self, data: bytes, start: int, end: int) -> None:
        self._part.header += data[start:end]

    def _read_content(self, data: bytes, start: int, end: int) -> None:
        self._part.content += data[start:end]

    def _end_header(self) -> None:
        if self._part.header.lower() == b"content-disposition":
            self._part.disposition = bytes(self._part.content)
        self._part.header.clear()
        self._part.content.clear()

    def _end_headers(self) -> None:
        kind, options = parse_options_header(self._part.disposition)
        if kind != b"form-data" or not options.get(b"name"):
            raise broken_form()
        self._part.name = _text(options[b"name"])
        if b"filename" in options:
            self._part.file_name = options[b"filename"].decode(errors="replace")
        if self._part.file_name:
            self._open_file()

    def _open_file(self) -> None:
        part, upload_id = self._part, new_id()
        if any(part.name == file.field for file in self._files):
            raise DeskError("Choose one file for each field.")
        part.file = self._open_files.enter_context(self._uploads.files.write_upload(upload_id))
        self._files.append(FilePart(upload_id, part.name, part.file_name or "", part.file))

    def _read_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is None:
            self._read_field(data, start, end)
            return
        if self._part.file is None:  # a file without a name; an input left empty has no bytes either
            self._open_file()
        self._write(memoryview(data)[start:end])

    def _read_field(self, data: bytes, start: int, end: int) -> None:
        self._fields_size += end - start
        self._part.content += data[start:end]
        if len(self._part.content) > LONGEST_FIELD or self._fields_size > ALL_FIELDS:
            raise TooLarge(f"The text of {self._part.name[:100]} is too long. Shorten it, or send it as a file.")

    def _write(self, data: memoryview) -> None:
        file = self._part.file
        if file is None:
            raise AssertionError(self._part)
        if file.bytes + len(data) > self._uploads.largest:
            raise _file_too_large(self._uploads.largest)
        file.write(data)

    def _end_part(self) -> None:
        if self._part.file_name is None:
            self.fields.append((self._part.name, _text(self._part.content)))

    def _end(self) -> None:
        self._ended = True


def broken_form() -> DeskError:
    """A form that can't be read."""
    return DeskError("The form arrived broken or incomplete. Send it again.")


def _parser(boundary: bytes, callbacks: "MultipartCallbacks") -> MultipartParser:
    if not boundary:
        raise broken_form()
    try:
        return MultipartParser(boundary, callbacks)
    except FormParserError:  # it is too long
        raise broken_form() from None


def _text(data: bytes | bytearray) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise broken_form() from None


def _file_too_large(most: int) -> TooLarge:
    return TooLarge(f"This file is too large: the desk accepts up to {most / 1_000_000:,.1f} MB.")
