"""Files in archives as a table: what is listed, what is refused, and the bytes that come out."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.intake import IntakeError, count_rows, prepare, read_slices
from webapp.intake.listing import UnusableFileError, listed, opened_file, problems_of, reading_of_files, shown_name

Entries = list[tuple[str | zipfile.ZipInfo, bytes]]
LINK = 0o120777 << 16


def archive(path: Path, entries: Entries, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A ZIP archive, written by the book."""
    with zipfile.ZipFile(path, "w", method) as file, warnings.catch_warnings(action="ignore"):  # of twins
        for name, data in entries:
            file.writestr(name, data)
    return path


def edited(path: Path, entries: Entries, edit: Callable[[bytes], bytes], method: int = zipfile.ZIP_STORED) -> Path:
    """One whose bytes were changed afterwards."""
    archive(path, entries, method).write_bytes(edit(path.read_bytes()))
    return path


def with_flag(name: str) -> zipfile.ZipInfo:
    """An entry that says it is a link."""
    info = zipfile.ZipInfo(name)
    info.external_attr = LINK
    return info


def encrypted(data: bytes) -> bytes:
    """An archive whose first file says that it is encrypted."""
    raw = bytearray(data)
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def says_smaller(data: bytes) -> bytes:
    """An archive that says of its only file that it has 10 bytes."""
    raw = bytearray(data)
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 10)
    return bytes(raw)


def overlapping(data: bytes) -> bytes:
    """An archive all of whose files are the bytes of the first one."""
    raw, at = bytearray(data), data.index(b"PK\x01\x02")
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        struct.pack_into("<I", raw, at + 42, 0)
        at += 1
    return bytes(raw)


def taken_out(path: Path, name: str = "photos.zip") -> list[bytes | str]:
    """The bytes of each file, or why there are none."""
    reading, out = reading_of_files(path, name), list[bytes | str]()
    for row in range(1, len(listed(path, reading)) + 1):
        try:
            with opened_file(path, reading, row) as file:
                out.append(file.read())
        except UnusableFileError as error:
            out.append(str(error))
    return out


def test_the_list_is_a_table_that_is_counted_and_read_like_any_other(tmp_path: Path) -> None:
    names = ["a.jpg", 'say "hi", twice\n.jpg', "a.jpg", "summer/b.png", "../../etc/cron.d/x", "C:\\x", "=1+1.jpg"]
    path = archive(tmp_path / "a", [(name, b"%d" % number) for number, name in enumerate(names)])
    reading = reading_of_files(path, "photos.zip")
    text = prepare(path, reading, tmp_path / "copy")
    cells = [row for each in read_slices(text, reading) for row in each.cells]
    assert count_rows(text, reading).rows == len(names)
    assert [size for _, size in cells] == ["1"] * len(names)
    assert [name for name, _ in cells] == [*names[:1], 'say "hi", twice\ufffd.jpg', *names[2:]]
    assert taken_out(path) == [b"%d" % number for number in range(len(names))]


def test_a_file_by_itself_is_a_list_of_one(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"\xff\xd8 a photo")
    reading = reading_of_files(path, "beach.jpg")
    assert [(each.name, each.size) for each in listed(path, reading)] == [("beach.jpg", 10)]
    assert taken_out(path, "beach.jpg") == [b"\xff\xd8 a photo"]


def test_what_computers_put_there_unasked_and_folders_are_no_files(tmp_path: Path) -> None:
    junk: Entries = [("__MACOSX/._a.jpg", b"x"), ("b/", b""), ("b/.DS_Store", b"x"), ("Thumbs.db", b"x"), ("a", b"x")]
    path = archive(tmp_path / "a", junk)
    assert [each.name for each in listed(path, reading_of_files(path, ""))] == ["a"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: archive(path, [("a", b"x"), (with_flag("b"), b"/etc/passwd")]), "is a link or a device"),
        (lambda path: archive(path, [("a", b"x"), ("b", b"")]), "is empty"),
        (lambda path: archive(path, [("a", b"x"), ("b", bytes(80_000_000))]), "unpacks to far more than it holds"),
        (lambda path: edited(path, [("b", b"y" * 90), ("a", b"x")], encrypted), "is locked with a password"),
        (lambda path: edited(path, [("b", b"y" * 90)], says_smaller), "is damaged in the archive"),
        (
            lambda path: edited(path, [("b", b"yyyy"), ("a", b"x")], lambda raw: raw.replace(b"yyyy", b"yzzy")),
            "is damag",
        ),
    ],
    ids=["link", "empty", "bomb", "encrypted", "size lies", "wrong sum"],
)
def test_a_file_that_should_not_be_taken_out_is_not_and_its_neighbours_are(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    path = make(tmp_path / "a")
    refused = [each for each in taken_out(path) if isinstance(each, str)]
    assert len(refused) == 1
    assert refused[0].startswith(reason)
    known = problems_of(path, reading_of_files(path, "")).values()
    assert list(known) == ([] if "damag" in reason else refused), (
        "what the archive's list says is said before the start"
    )


def inner() -> bytes:
    """An archive to put into another."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("c", b"y")
    return out.getvalue()


def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    assert taken_out(archive(tmp_path / "a", [("b.zip", inner())])) == [inner()]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_bytes(b""), "The file is empty."),
        (lambda path: archive(path, []), "There is no file in this ZIP archive."),
        (lambda path: archive(path, [("b/", b"")]), "There is no file in this ZIP archive."),
        (lambda path: archive(path, [(str(each), b"") for each in range(10_001)]), "It holds more than 10,000 files."),
        (lambda path: edited(path, [("b", b"yy")], encrypted), "locked with a password"),
        (lambda path: edited(path, [("b", b"yy")], lambda raw: raw[:-30]), "This ZIP archive is damaged."),
        (lambda path: edited(path, [(f"{each:04}", b"yy" * 99) for each in range(9)], overlapping), "made so that it"),
        (lambda path: archive(path, [(str(each), bytes(60_000_000)) for each in range(20)]), "made so that it"),
    ],
    ids=["nothing", "no files", "folders only", "crowd", "locked", "cut", "overlapping", "bombs"],
)
def test_an_archive_that_nothing_should_be_taken_out_of_is_refused(
    tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    make(tmp_path / "a")
    with pytest.raises(IntakeError, match=sentence):
        reading_of_files(tmp_path / "a", "photos.zip")


def test_a_name_that_would_turn_the_page_around_is_made_fit_to_be_shown() -> None:
    assert shown_name("photo\u202egpj.exe\x07") == "photo\ufffdgpj.exe\ufffd"
    assert len(shown_name("a" * 65_000 + ".jpg")) == 300
    assert shown_name("a" * 65_000 + ".jpg").endswith("a.jpg")
