"""Tables of every encoding come back cell for cell, and each byte that is no text has its line."""

# ruff: noqa: RUF001 - the tables are in many scripts

import codecs
from typing import Any

import pytest

from webapp.intake import Reading, count_rows, detect, prepare
from webapp.intake.choices import Choices
from webapp.intake.encodings import CHOOSABLE

WESTERN = [["id", "größe", "ort"], ["1", "groß, “schön”", "Köln"], ["2", "klein\nfein", "Zürich"], ["3", "", "Öland"]]
CENTRAL = [
    ["id", "jméno", "město"],
    ["1", "Dvořák, “st.”", "Plzeň"],
    ["2", "Šťastný\nŽák", "Třebíč"],
    ["3", "", "Brno"],
]
RUSSIAN = [["id", "имя", "город"], ["1", "Иванов, мл.", "Москва"], ["2", "Щукин\nЯн", "Уфа"], ["3", "", "Пермь"]]
JAPANESE = [["id", "氏名", "市"], ["1", "表, 能", "ソウル"], ["2", "佐藤\n太郎", "東京"], ["3", "", "ポ|ー"]]
TABLES = {
    **dict.fromkeys(("cp1250", "iso8859-2", "cp852"), CENTRAL),
    **dict.fromkeys(("cp1251", "koi8-r", "cp866", "koi8-u"), RUSSIAN),
    **dict.fromkeys(("cp932", "euc_jp", "iso2022_jp_ext"), JAPANESE),
    "cp1253": [
        ["id", "όνομα", "πόλη"],
        ["1", "Γιώργος, ν.", "Αθήνα"],
        ["2", "Ελένη\nΆννα", "Πάτρα"],
        ["3", "", "Ρόδος"],
    ],
    "cp1254": [["id", "adı", "şehir"], ["1", "Ayşe, Yılmaz", "İzmir"], ["2", "Işıl\nKoç", "Muğla"], ["3", "", "Ağrı"]],
    "cp1255": [["id", "שם", "עיר"], ["1", "יוסף, כהן", "חיפה"], ["2", "שרה\nפרץ", "צפת"], ["3", "", "אילת"]],
    "cp1256": [["id", "الاسم", "المدينة"], ["1", "محمد, أحمد", "دمشق"], ["2", "مريم\nصالح", "تونس"], ["3", "", "عمان"]],
    "cp1257": [
        ["id", "vardas", "miestas"],
        ["1", "Rūta, Žukė", "Šiauliai"],
        ["2", "Eglė\nŪsė", "Kėdainiai"],
        ["3", "", "Telšiai"],
    ],
    "cp874": [["id", "ชื่อ", "เมือง"], ["1", "สมชาย, ใจดี", "ระยอง"], ["2", "มานี\nมีนา", "ตรัง"], ["3", "", "น่าน"]],
    "gb18030": [["id", "姓名", "城市"], ["1", "王小明, 李", "上海"], ["2", "张伟\n刘洋", "北京"], ["3", "", "镕€𠀀"]],
    "cp950": [["id", "姓名", "城市"], ["1", "許功蓋, 林", "臺北"], ["2", "張家豪\n王", "高雄"], ["3", "", "淚"]],
    "cp949": [["id", "이름", "도시"], ["1", "김민수, 박", "서울"], ["2", "이영희\n똠", "부산"], ["3", "", "제주"]],
}
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "gb18030": "\ufeff".encode("gb18030"),
}


LONG = "a text that is long enough for a few odd signs in it to be no binary data " * 8


def table(encoding: str) -> list[list[str]]:
    """Three rows with delimiters, quotes' work, an empty cell and a line break, in letters the encoding has."""
    rows = TABLES.get(encoding, WESTERN)
    return [[cell.encode(encoding, "ignore").decode(encoding) for cell in row] for row in rows]


def written(rows: list[list[str]], end: str) -> str:
    return "".join(",".join(f'"{cell}"' if set(",\n") & set(cell) else cell for cell in row) + end for row in rows)


def read(path: Any, read_all: Any, choices: Choices) -> tuple[Reading, Any]:
    reading = detect(path, choices)
    copy = path.with_name("copy")
    copy.unlink(missing_ok=True)
    prepared = prepare(path, reading, copy)
    seen = read_all(prepared, reading)
    assert count_rows(prepared, reading).rows == len(seen.rows) + len(seen.broken)
    return reading, seen


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", [codec for codec, _ in CHOOSABLE])
def test_a_table_comes_back_cell_for_cell(encoding: str, end: str, write: Any, read_all: Any) -> None:
    rows = table(encoding)
    path = write(written(rows, end).encode(encoding))
    reading, seen = read(path, read_all, Choices(encoding=encoding))
    assert [list(reading.columns), *seen.cells] == rows
    assert seen.lines == [2, 3, 5]
    assert not seen.broken


@pytest.mark.parametrize("encoding", sorted(MARKS))
def test_so_does_one_with_a_byte_order_mark(encoding: str, write: Any, read_all: Any) -> None:
    rows = table(encoding)
    path = write(MARKS[encoding] + written(rows, "\r\n").encode(encoding))
    reading, seen = read(path, read_all, Choices())
    assert reading.encoding == encoding
    assert [list(reading.columns), *seen.cells] == rows


@pytest.mark.parametrize("encoding", sorted({codec for codec, _ in CHOOSABLE} - {"cp874", "cp1257", "koi8-u", "cp437"}))
def test_so_does_one_whose_encoding_nobody_says(encoding: str, write: Any, read_all: Any) -> None:
    header, *rows = table(encoding)
    path = write(written([header, *rows * 3], "\n").encode(encoding))
    reading, seen = read(path, read_all, Choices(header_line=1))
    assert [list(reading.columns), *seen.cells] == [header, *rows * 3]


@pytest.mark.parametrize(
    ("encoding", "good", "bad"),
    [
        ("utf-8", "Köln", b"K\xf6ln"),
        ("utf-8", "Köln", b"K\xc3"),
        ("utf-8", "Köln", b"\xed\xa0\x80"),
        ("utf-8", "Köln", b"\xc0\xafx"),
        ("cp1252", "Köln", b"K\x81"),
        ("cp1253", "Αθήνα", b"\xd2"),
        ("euc_jp", "東京", b"\xc5"),
        ("euc_jp", "東京", b"\x8f\xc5"),
        ("cp932", "東京", b"\x93"),
        ("gb18030", "上海", b"\x81"),
        ("gb18030", "上海", b"\x81\x30\x81"),
        ("cp950", "臺北", b"\xbb"),
        ("cp949", "서울", b"\xbc"),
        ("utf-16-le", "Köln", b"\x00\xdc"),
        ("utf-16-be", "Köln", b"\xd8\x00"),
        ("utf-32-le", "Köln", b"\x00\x00\x11\x00"),
    ],
)
def test_what_is_no_text_breaks_its_record_alone_and_has_its_line(
    encoding: str, good: str, bad: bytes, write: Any, read_all: Any
) -> None:
    def encode(text: str) -> bytes:
        return text.encode(encoding)

    head, before, after = encode("id,x\n"), encode(f'1,{good}\n2,"a\nb"\n3,'), encode(f"\n4,{good}\n5,")
    path = write(head + before + bad + after + bad + encode(f"\n6,{good}\n"))
    _, seen = read(path, read_all, Choices(encoding=encoding, delimiter=",", header_line=1))
    assert seen.cells == [["1", good], ["2", "a\nb"], ["4", good], ["6", good]]
    assert seen.faults == [(5, "bad_bytes"), (7, "bad_bytes")]
    assert [record.row for record in seen.broken] == [3, 5]


def test_bytes_of_windows_in_a_utf_8_file_each_have_their_line(write: Any, read_all: Any) -> None:
    rows = [f"{row},Jürgen {row}\n".encode("cp1252" if row % 10 == 7 else "utf-8") for row in range(1, 101)]
    reading, seen = read(write(b"id,name\n" + b"".join(rows)), read_all, Choices())
    assert reading.encoding == "utf-8"
    assert seen.faults == [(row + 1, "bad_bytes") for row in range(7, 101, 10)]


def test_an_odd_last_byte_breaks_the_last_record_of_utf_16(write: Any, read_all: Any) -> None:
    _, seen = read(write("id,x\n1,é\n2,è".encode("utf-16-le") + b"\x00"), read_all, Choices())
    assert seen.cells == [["1", "é"]]
    assert seen.faults == [(3, "bad_bytes")]


def test_a_nul_byte_breaks_its_record_and_no_encoding(write: Any, read_all: Any) -> None:
    reading, seen = read(write(b"id,x\n1,M\xfcller\n2,na\0me\n3,b\n"), read_all, Choices())
    assert (reading.encoding, seen.faults) == ("cp1252", [(3, "nul_byte")])


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "utf-16-le", "cp932", "euc_jp"])
def test_line_ends_may_be_mixed_and_those_of_unicode_are_text(encoding: str, write: Any, read_all: Any) -> None:
    other = "".join(
        sign
        for sign in ("\x0b", "\x0c", "\x1e", "\x85", "\u2028", "\u2029")
        if sign.encode(encoding, "ignore").decode(encoding) == sign
    )
    text = f'id,x\r\n1,a{other}b\n2,"c\nd"\r3,"e\r\nf"\r\n4,"g\rh"\n5,{other}\r\n6,{LONG}'
    _, seen = read(write(text.encode(encoding)), read_all, Choices(encoding=encoding, delimiter=",", header_line=1))
    assert seen.cells == [
        ["1", f"a{other}b"],
        ["2", "c\nd"],
        ["3", "e\r\nf"],
        ["4", "g\rh"],
        ["5", other],
        ["6", LONG],
    ]
    assert seen.lines == [2, 3, 5, 7, 9, 10]
