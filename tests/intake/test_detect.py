"""How a file is read is found from its bytes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from webapp.intake import (
    EmptyFileError,
    NoRowsError,
    NotATableError,
    Reading,
    UnknownReadingError,
    detect,
    prepare,
    preview,
    read_slices,
)


@pytest.mark.parametrize(
    ("data", "delimiter", "header_line", "columns"),
    [
        (b"id,name\n1,a\n2,b\n", ",", 1, ("id", "name")),
        (b"id;price\n1;2,50\n2;3,75\n", ";", 1, ("id", "price")),
        (b"id\tname\n1\ta b\n", "\t", 1, ("id", "name")),
        (b"id|name\n1|a\n2|b\n", "|", 1, ("id", "name")),
        (b"1,2\n3,4\n", ",", 0, ("Column 1", "Column 2")),
        (b"sep=;\nid;x\n1;2\n", ";", 2, ("id", "x")),
        (b"\n\nid,x\n1,2\n", ",", 3, ("id", "x")),
        (b"Name\nAnna Schmidt\nBob Miller\n", "", 1, ("Name",)),
        (b"when\n2024-01-01 12:00\n2024-01-02 13:30\n", "", 1, ("when",)),
        (b"id,name,name,,id\n1,a,b,c,2\n", ",", 1, ("id", "name", "name 2", "Column 4", "id 2")),
        (b"x,x 2,x\n1,2,3\n4,5,6\n", ",", 1, ("x", "x 2", "x 3")),
        (b'"first\nname",id\nAnna,1\n', ",", 1, ("first name", "id")),
        (b"a,b,\n1,2\n3,4\n", ",", 1, ("a", "b")),
    ],
)
def test_delimiter_and_header_are_found(
    data: bytes, delimiter: str, header_line: int, columns: Any, write: Any
) -> None:
    reading = detect(write(data))
    assert (reading.delimiter, reading.header_line, reading.columns) == (delimiter, header_line, columns)


def test_rows_that_end_with_delimiters_are_understood_where_all_do(write: Any) -> None:
    assert detect(write(b"a,b\n1,2,\n3,4,\n5,6,\n")).trailing_cells == 1
    assert detect(write(b"a,b\n1,2,\n3,4\n5,6\n")).trailing_cells == 0


def test_the_rows_begin_after_a_header_of_two_lines(write: Any, read_all: Any) -> None:
    path = write(b'"first\nname",id\nAnna,1\n')
    seen = read_all(path, detect(path))
    assert (seen.cells, seen.lines) == ([["Anna", "1"]], [3])


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_text_comes_back_whatever_its_encoding(encoding: str, found: str, write: Any) -> None:
    path = write("id,größe,ort\n1,groß,Köln\n2,klein,Bonn\n".encode(encoding))
    reading = detect(path)
    assert (reading.encoding, reading.columns) == (found, ("id", "größe", "ort"))
    prepared = prepare(path, reading, path.with_name("copy"))
    assert next(read_slices(prepared, reading)).cells == [["1", "groß", "Köln"], ["2", "klein", "Bonn"]]


def test_a_character_cut_at_the_end_of_the_sample_does_not_change_the_encoding(write: Any) -> None:
    data = b"id,name\n" + b"1,abcdef\n" * 116_508
    assert detect(write(data[: 1024 * 1024 - 1] + "é\n".encode())).encoding == "utf-8"


def test_what_is_invalid_in_utf_16_breaks_only_its_record(write: Any, read_all: Any) -> None:
    text = "id,name\n1,a\n2,".encode("utf-16") + b"\x00\xdc" + "b\n3,c\n".encode("utf-16-le")
    path = write(text)
    reading = detect(path)
    seen = read_all(prepare(path, reading, path.with_name("copy")), reading)
    assert seen.cells == [["1", "a"], ["3", "c"]]
    assert seen.faults == [(3, "bad_bytes")]


def test_a_copy_is_made_once_and_plain_text_is_read_in_place(write: Any) -> None:
    path = write("id,x\n1,2\n".encode("utf-16"))
    reading, copy = detect(path), path.with_name("copy")
    prepared = prepare(path, reading, copy)
    assert prepared.name.startswith("copy.")
    made = prepared.stat().st_mtime_ns
    assert prepare(path, reading, copy).stat().st_mtime_ns == made
    assert sorted(path.parent.iterdir()) == [prepared, path]
    plain = write(b"id,x\n1,2\n")
    assert prepare(plain, detect(plain), copy) == plain


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"\x7fELF\x02\x01\x01\0", "a program"),
        (b"MZ\x90\0\x03\0", "a program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
        (b"<!DOCTYPE html><html><table>", "a web page"),
        (b'[{"id": 1}]', "a JSON file"),
        (bytes(range(1, 9)) * 50, "a file of binary data"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(data: bytes, what: str, write: Any) -> None:
    with pytest.raises(NotATableError, match=what) as caught:
        detect(write(data))
    assert caught.value.code == "not_a_table"


@pytest.mark.parametrize("data", [b"", b"\n\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(data: bytes, write: Any) -> None:
    with pytest.raises(EmptyFileError, match="The file is empty"):
        detect(write(data))


def test_a_header_alone_is_a_table_without_rows(write: Any) -> None:
    path = write(b"id,name\n")
    assert detect(path).columns == ("id", "name")
    with pytest.raises(NoRowsError, match="no rows"):
        preview(path)


def test_a_reading_survives_json_and_another_version_is_refused(write: Any) -> None:
    reading = detect(write(b"id;x\n1;2\n"))
    assert Reading.from_json(reading.to_json()) == reading
    for wrong in ({"version": 2}, {"surprise": 1}):
        with pytest.raises(UnknownReadingError):
            Reading.from_json({**reading.to_json(), **wrong})
    with pytest.raises(UnknownReadingError):
        Reading.from_json({"version": 1})


def test_many_that_prepare_a_copy_at_once_get_the_whole_of_it(tmp_path: Path) -> None:
    path, copy = tmp_path / "people.csv", tmp_path / "copy"
    text = "id,name\n" + "".join(f"{n},Žofie\n" for n in range(20_000))
    path.write_bytes(text.encode("utf-16"))
    reading = detect(path)
    with ThreadPoolExecutor(6) as pool:
        texts = set(pool.map(lambda _: prepare(path, reading, copy).read_text("utf-8"), range(6)))
    assert texts == {text}
    assert sorted(tmp_path.iterdir()) == [prepare(path, reading, copy), path]
