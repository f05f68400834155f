"""Files that tables are taken out of, told by their bytes; and files that are no table, each with its sentence."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.intake import (
    Choices,
    EmptyFileError,
    IntakeError,
    NotATableError,
    Reading,
    archives,
    count_rows,
    detect,
    prepare,
    preview,
    read_slices,
    read_to,
)
from webapp.intake.errors import DamagedFileError, LockedFileError, NoSuchSheetError, TooMuchInsideError
from webapp.intake.unpack import unpacked

TABLE = "id;náme\n1;a\n2;b\n"
ROWS = [["1", "a"], ["2", "b"]]


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def rows_of(path: Path, choices: Choices | None = None) -> tuple[Reading, list[list[str]]]:
    reading = detect(path, choices or Choices())
    text = prepare(path, reading, path.with_name("copy"))
    return reading, [cells for cut in read_slices(text, reading) for cells in cut.cells]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write_bytes(data: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return path

    return write_bytes


Write = Callable[[bytes], Path]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize(
    ("kind", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("zip", lambda data: zipped({"table.csv": data})),
        ("zip", lambda data: zipped({"table": data}, zipfile.ZIP_STORED)),
        ("zip", lambda data: zipped({"a/": b"", "a/t.csv": data, "__MACOSX/a/._t.csv": b"x", "a/.DS_Store": b"y"})),
    ],
)
def test_one_packed_file_is_read_like_itself(
    write: Write, encoding: str, kind: str, pack: Callable[[bytes], bytes]
) -> None:
    path = write(pack(TABLE.encode(encoding)))
    reading, rows = rows_of(path)
    assert (reading.container, reading.delimiter, reading.columns, rows) == (kind, ";", ("id", "náme"), ROWS)
    assert count_rows(prepare(path, reading, path.with_name("copy")), reading).rows == 2
    assert [row.cells for row in preview(path).rows] == ROWS
    report = read_to(path, path.with_name("out.csv"))
    assert report.rows == 2
    assert path.with_name("out.csv").read_text("utf-8") == "id,náme\n1,a\n2,b\n"


def test_of_several_files_the_largest_that_is_a_table_is_read_unless_another_is_chosen(write: Write) -> None:
    files: dict[str, bytes | str] = {
        "readme.txt": "This is about the table below, which has nothing to do with it. " * 9,
        "photo.png": b"\x89PNG\r\n\x1a\n" + bytes(900),
        "small.csv": "id,x\n1,2\n",
        "inner.zip": zipped({"x.csv": "a,b\n1,2\n" * 99}),
        "../../large.csv": "id,x\n" + "3,4\n" * 50,
    }
    path = write(zipped(files))
    with unpacked(path) as found:
        assert [sheet.name for sheet in found.sheets] == list(files)
    reading, rows = rows_of(path)
    assert (reading.sheet, rows) == ("../../large.csv", [["3", "4"]] * 50)
    reading, rows = rows_of(path, Choices(sheet="small.csv"))
    assert (reading.sheet, rows) == ("small.csv", [["1", "2"]])
    with pytest.raises(NoSuchSheetError, match=r"Choose one of these: “readme\.txt”"):
        rows_of(path, Choices(sheet="other.csv"))
    assert sorted(each.name.partition(".")[0] for each in path.parent.iterdir()) == ["copy", "copy", "upload"]


def test_each_way_to_read_a_file_has_a_copy_of_its_own_which_is_made_once(write: Write) -> None:
    path = write(zipped({"a.csv": "id,é\n1,2\n".encode("utf-16-le"), "b.csv": "id,x\n1,3\n"}))
    copies = {}
    for sheet, encoding in (("a.csv", "utf-16-le"), ("b.csv", "utf-8"), ("b.csv", "utf-16-le"), ("b.csv", "cp1252")):
        reading = detect(path, Choices(sheet=sheet, encoding=encoding))
        copy = prepare(path, reading, path.with_name("copy"))
        made = copy.stat().st_mtime_ns
        assert prepare(path, reading, path.with_name("copy")).stat().st_mtime_ns == made
        assert copy.name.startswith("copy.")
        copies[sheet, encoding] = copy
    assert len(set(copies.values())) == 3  # bytes that are read where they lie need one copy
    assert copies["a.csv", "utf-16-le"].read_text("utf-8") == "id,é\n1,2\n"


def test_a_copy_that_cannot_be_finished_is_not_there(write: Write) -> None:
    whole = gzip.compress(b"id,x\n" + b"1,2\n" * 1_000_000)
    path = write(whole[:-9])
    reading = Reading("utf-8", ",", '"', 1, 2, ("id", "x"), container="gzip")
    with pytest.raises(DamagedFileError, match=r"compressed file \(gzip\) is damaged"):
        prepare(path, reading, path.with_name("copy"))
    assert [each.name for each in path.parent.iterdir()] == ["upload"]


def test_only_the_beginning_of_a_large_archive_is_unpacked_to_look_at_it(write: Write) -> None:
    path = write(gzip.compress(b"id,x\n" + b"1,2\n" * 4_000_000))
    with unpacked(path, most=100_000) as found:
        assert (found.whole, found.path.stat().st_size) == (False, 100_000)
    with unpacked(write(gzip.compress(b"id\n1\n")), most=5) as found:
        assert (found.whole, found.path.read_bytes()) == (True, b"id\n1\n")


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, lambda data: zipped({"bomb.csv": data})],
    ids=["gzip", "zip"],
)
def test_a_bomb_stops_at_the_bytes_that_came_out(
    write: Write, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FREE_BYTES", 1_000_000)
    path = write(pack(b"1,2\n" * 2_000_000))
    with pytest.raises(TooMuchInsideError, match="far more than it holds"), unpacked(path):
        pass
    with unpacked(path, most=500_000) as found:
        assert not found.whole
    monkeypatch.setattr(archives, "MOST_TIMES", 10_000)
    with unpacked(path) as found:
        assert found.path.stat().st_size == 8_000_000
    monkeypatch.setattr(archives, "MOST_BYTES", 7_000_000)
    with pytest.raises(TooMuchInsideError), unpacked(path):
        pass


def lying(data: bytes, said: int) -> bytes:
    """A ZIP archive that claims another size for its one file, in both places where it does."""
    archive = bytearray(zipped({"a.csv": data}))
    struct.pack_into("<L", archive, 22, said)
    struct.pack_into("<L", archive, archive.rindex(b"PK\x01\x02") + 24, said)
    return bytes(archive)


def with_flag(archive: bytes, flag: int) -> bytes:
    changed = bytearray(archive)
    for place in (6, changed.rindex(b"PK\x01\x02") + 8):
        changed[place] |= flag
    return bytes(changed)


GOOD = zipped({"a.csv": "id,x\n" + "1,2\n" * 1000})
MANY = 20_000


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        (GOOD[:-30], DamagedFileError, "This ZIP archive is damaged. Make it again"),
        (GOOD[:40] + bytes(5) + GOOD[45:], DamagedFileError, "ZIP archive is damaged"),
        (lying(b"1,2\n" * 99, 10), DamagedFileError, "ZIP archive is damaged"),
        (lying(b"1,2\n" * 99, 1 << 30), None, ""),
        (with_flag(GOOD, 1), LockedFileError, "locked with a password. Save it without the password"),
        (zipped({}), NotATableError, "an empty ZIP archive"),
        (zipped({"__MACOSX/x": "y"}), NotATableError, "an empty ZIP archive"),
        (zipped({f"{n}": "x" for n in range(MANY)}), TooMuchInsideError, "more than 10,000 files"),
        (zipped({"a.zip": GOOD}), NotATableError, "a ZIP archive, not a table. Unpack it"),
        (zipped({"a.gz": gzip.compress(GOOD)}), NotATableError, "a compressed file .gzip., not a table"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n")), NotATableError, "compressed file .gzip."),
        (gzip.compress(b"x" * 257 + b"ustar\0" + bytes(300)), NotATableError, "an archive .TAR."),
        (gzip.compress(b""), EmptyFileError, "The file is empty"),
        (gzip.compress(b"a,b\n" * 999)[:30], DamagedFileError, "compressed file .gzip. is damaged"),
        (gzip.compress(b"a,b\n" * 999)[:-8] + bytes(8), DamagedFileError, "compressed file .gzip. is damaged"),
        (b"\x1f\x8b", DamagedFileError, "compressed file .gzip. is damaged"),
        (b"PK\x03\x04", DamagedFileError, "ZIP archive is damaged"),
        (b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml", DamagedFileError, "This workbook is damaged"),
        (b"PK\x05\x06" + b"\xff" * 18, DamagedFileError, "ZIP archive is damaged"),
    ],
)
def test_a_bad_archive_is_refused_with_a_sentence(
    write: Write, data: bytes, error: type[IntakeError] | None, sentence: str
) -> None:
    path = write(data)
    if error is None:
        assert rows_of(path)[0].container == "zip"
        return
    with pytest.raises(error, match=sentence):
        rows_of(path)


def test_a_link_in_an_archive_is_no_file(write: Write) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("passwords.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("table.csv", TABLE)
    assert rows_of(write(out.getvalue()))[0].sheet == "table.csv"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (zipped({"word/document.xml": "<x/>", "[Content_Types].xml": "x"}), "a Word document"),
        (zipped({"ppt/presentation.xml": "<x/>"}), "a PowerPoint presentation"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}, zipfile.ZIP_STORED), "a document"),
        (zipped({"mimetype": "application/epub+zip"}, zipfile.ZIP_STORED), "a document"),
        (zipped({"META-INF/MANIFEST.MF": "x", "a.class": b"\xca\xfe"}), "a program"),
        (zipped({"Index/Document.iwa": b"x"}), "an Apple document"),
        (OLE + "WordDocument".encode("utf-16-le") + b"\0\0", "a Word document"),
        (OLE + "__properties_version1.0".encode("utf-16-le") + b"\0\0", "an e-mail saved by Outlook"),
        (OLE, "an old Office file"),
        (b"PAR1" + bytes(20), "a Parquet file"),
        (b"ARROW1\0\0" + bytes(20), "a Feather file"),
        (b"Obj\x01" + bytes(20), "an Avro file"),
        (b"ORC" + bytes(20), "an ORC file"),
        (b"SQLite format 3\0" + bytes(20), "a SQLite database"),
        (b"\x00\x01\x00\x00Standard Jet DB\0", "an Access database"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), "a compressed file .Zstandard."),
        (b"x" * 257 + b"ustar\0" + bytes(300), "an archive .TAR."),
        (b"\t\x08\x08\0\0\x06\x10\0" + bytes(30), "a very old Excel file"),
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file"),
        (b"<stata_dta><header>", "a Stata file"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"%!PS-Adobe-3.0\n", "a printed page .PostScript."),
        (b'\xef\xbb\xbf{"a": 1}', "a JSON file"),
        (b'[{"a": 1}]', "a JSON file"),
        (b'{"a": 1}\n{"a": 2}\n', "a JSON file"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "a web page, perhaps one that was saved as"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "an Excel 2003 XML workbook"),
        (b'<?xml version="1.0"?><rows><row/></rows>', "an XML file"),
        (b"From: a@b.c\nMIME-Version: 1.0\nContent-Type: multipart/related\n\n", "a web archive or e-mail"),
        (b"BEGIN:VCARD\nVERSION:3.0\n", "an address book"),
        (b"BEGIN:VCALENDAR\nVERSION:2.0\n", "a calendar"),
        (b"ID;PWXL;N;E\nP;PGeneral\nC;Y1;X1;K1\n", "a SYLK file"),
        (b'TABLE\n0,1\n"EXCEL"\nVECTORS\n', "a DIF file"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_what_it_is(write: Write, data: bytes, what: str) -> None:
    with pytest.raises(NotATableError, match=f"This is {what}"):
        detect(write(data))
