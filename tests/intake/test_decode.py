"""A file's encoding is judged on the whole of it, in bounded time and memory."""

import codecs
import os
import time
import tracemalloc
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.intake import NotATableError
from webapp.intake.decode import Judgement, decode_head, guess_encoding, judge_encoding
from webapp.intake.survey import WHOLE_BYTES

MIB = 1024 * 1024
ASCII_ROW = b"1234,John Smith,London,2024-01-01,12.50\n"
GERMAN = "id,name,place\n" + "".join(f"{row},Jürgen Müller {row},Köln\n" for row in range(50))


def judged(data: bytes) -> Judgement:
    return judge_encoding(BytesIO(data))


@pytest.mark.parametrize("line", ["900000,Müller,Köln\n", "900000,Łódź,Kraków\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1250"])
def test_one_line_after_thirty_mebibytes_of_ascii_counts(line: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(ASCII_ROW * 900_000 + line.encode(encoding) + ASCII_ROW * 1000)
    found = judge_encoding(path)
    assert line.encode(encoding).decode(found.encoding) == line
    assert found.bad_bytes == 0


def test_plain_ascii_and_valid_utf_8_are_utf_8_for_certain() -> None:
    for data in (ASCII_ROW, GERMAN.encode(), b""):
        assert judged(data) == Judgement("utf-8", 1.0)


def test_a_character_on_the_seam_of_two_pieces_is_whole() -> None:
    for shift in range(4):
        data = b"x" * (MIB - 2 - shift) + "€€€".encode() + b"\n" + "ü".encode() * MIB
        assert judged(data) == Judgement("utf-8", 1.0)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_a_byte_order_mark_says_it_and_is_no_text(mark: bytes, encoding: str) -> None:
    data = mark + "id,名\n1,王\n".encode(encoding)
    assert judged(data) == Judgement(encoding, 1.0)
    assert decode_head(data, encoding) == "id,名\n1,王\n"


def test_what_begins_like_a_mark_is_text_in_another_encoding() -> None:
    assert decode_head("яю,x\n".encode("cp1251"), "cp1251") == "яю,x\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        "姓名,城市\r\n王小明,上海市\r\n李一娜,上海市\r\n",
        "氏名　様,番号\n山田　太郎,1\n",
        "Имя;Город\nИван;Москва\n",  # noqa: RUF001 - Cyrillic it is
        "id\n1",
        "a,b",
    ],
)
def test_wide_text_without_a_mark_is_told_by_its_nul_bytes(text: str, encoding: str) -> None:
    assert judged(text.encode(encoding)).encoding == encoding


@pytest.mark.parametrize("data", [GERMAN.encode("utf-16-le") + b"\n", GERMAN.encode("utf-16-be")[:-1]])
def test_an_odd_number_of_bytes_leaves_utf_16_what_it_is(data: bytes) -> None:
    assert judged(data).encoding.startswith("utf-16")


@pytest.mark.parametrize(
    "data",
    [
        b"id,na\0me\n1,2\n",
        b"id,name\n1,ab\0\0\0\0\n2,c\0\0\0\0\0\n",
        b"abc,12\0\n" * 20,
        b"\0abc,12\n" * 20,
        b"\0",
        b"\0\0\0\0",
    ],
)
def test_nul_bytes_in_text_do_not_make_it_wide(data: bytes) -> None:
    assert judged(data).encoding == "utf-8"


def test_japanese_in_escapes_is_found_and_other_escapes_are_not() -> None:
    assert judged("氏名,番号\n山田,1\n".encode("iso2022_jp")).encoding == "iso2022_jp_ext"
    assert judged(b"id,x\n1,\x1b[31mred\n").encoding == "utf-8"
    assert judged(b"id,x\n1,\x1b$B\n").encoding == "utf-8"


def test_a_mainframes_file_is_refused_in_words() -> None:
    text = "NAME,CITY,AMOUNT\x85MILLER,PARIS,100\x85SMITH,NEW YORK,250\x85"
    with pytest.raises(NotATableError, match="mainframe"):
        judged(text.encode("cp037"))


def test_utf_8_with_damaged_places_stays_utf_8_and_they_are_counted() -> None:
    data = GERMAN.encode().replace(b"r 7,K\xc3\xb6ln", b"r 7,K\xc3ln").replace("ü".encode(), b"\x96", 1)
    found = judged(data)
    assert (found.encoding, found.bad_bytes) == ("utf-8", 2)
    assert 0.9 < found.confidence < 1.0


def test_of_two_exports_in_one_file_the_longer_decides() -> None:
    windows, unicode = GERMAN.encode("cp1252"), GERMAN.encode()
    assert judged(windows + unicode + unicode).encoding == "utf-8"
    assert judged(unicode + windows + windows).encoding == "cp1252"


def test_smart_quotes_come_out_and_bytes_that_windows_lacks_are_counted() -> None:
    found = judged(GERMAN.encode("cp1252") + b"51,it\x92s \x93fine\x94 caf\xe9\x81\n")
    assert (found.encoding, found.bad_bytes) == ("cp1252", 1)


def test_doubt_is_said_and_others_are_offered() -> None:
    sure, unsure = judged(GERMAN.encode("cp1252")), judged(b"x,y\n1,\xe8\xf1\n")
    assert sure.confidence > 0.99
    assert unsure.confidence < sure.confidence
    assert len(unsure.alternatives) == 3
    assert unsure.encoding not in unsure.alternatives


def test_a_head_is_judged_as_far_as_its_last_whole_line() -> None:
    assert guess_encoding(b"id,name\n1,M\xc3", whole=False) == "utf-8"
    assert guess_encoding(b"id,name\n1,M\xc3", whole=True) != "utf-8"
    assert guess_encoding(GERMAN.encode("cp1252"), whole=True) == "cp1252"


@given(data=st.binary(max_size=400) | st.text(max_size=100).map(lambda text: text.encode("utf-16", "ignore")))
def test_any_bytes_have_an_encoding_that_reads_them(data: bytes) -> None:
    try:
        found = judged(data)
    except NotATableError:
        return
    assert 0.0 <= found.confidence <= 1.0
    decode_head(data, found.encoding)


def test_a_large_file_is_judged_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.writelines(f"{row},Müller {row},{'x' * 2000}\n".encode("cp1252") for row in range(30_000))
    judge_encoding(BytesIO(GERMAN.encode("cp1252")))  # what is loaded once is loaded
    tracemalloc.start()
    try:
        assert judge_encoding(path).encoding == "cp1252"
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


class Counted(FileIO):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size) or b""
        self.taken += len(data)
        return data


@pytest.mark.parametrize(
    "piece",
    [
        ASCII_ROW * 26_000,
        "1234,Jürgen Müller,Köln\n".encode() * 40_000,
        "1234,Jürgen Müller,Köln\n".encode() * 40_000 + b"damaged \xff\n",
        "1234,Jürgen Müller,Köln\n".encode("cp1252") * 40_000,
        bytes(range(0x80, 0x100)) * 8_000,
        b"x" * MIB,
    ],
    ids=["ascii", "utf-8", "damaged", "windows", "no text", "one line"],
)
def test_a_file_that_is_looked_at_whole_takes_less_than_a_second(piece: bytes, tmp_path: Path) -> None:
    def seconds() -> float:
        begin = time.process_time()
        judge_encoding(path)
        return time.process_time() - begin

    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.writelines(piece for _ in range(WHOLE_BYTES // len(piece)))
    assert min(seconds() for _ in range(3)) < 1.0


def test_of_a_file_of_five_gibibytes_a_fortieth_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.write(GERMAN.encode("cp1252"))
        file.truncate(5 * 1024 * MIB)  # the rest takes no room on the disk
    with Counted(path) as counted:
        assert judge_encoding(counted).encoding == "cp1252"
    assert counted.taken < 2 * WHOLE_BYTES + MIB


def test_pieces_of_a_large_file_reach_its_middle_and_its_end(tmp_path: Path) -> None:
    row = "1,Łódź,Kraków\n".encode("cp1250")
    for place in (2 * 1024 * MIB, -MIB // 2):
        path = tmp_path / f"{place}.csv"
        with path.open("wb") as file:
            file.write(ASCII_ROW * 1000)
            file.truncate(4 * 1024 * MIB)
            file.seek(place, os.SEEK_SET if place > 0 else os.SEEK_END)
            file.write((ASCII_ROW + row) * (64 * MIB // 60 if place > 0 else 1))
        assert judge_encoding(path).encoding == "cp1250"


def test_the_detector_is_loaded_only_where_it_is_needed(write: Any) -> None:
    import subprocess  # noqa: PLC0415 - for this test alone
    import sys  # noqa: PLC0415

    script = (
        "import sys, pathlib; from webapp.intake.decode import judge_encoding; "
        "judge_encoding(pathlib.Path(sys.argv[1])); print('chardet' in sys.modules)"
    )
    for data, loaded in ((GERMAN.encode(), "False"), (GERMAN.encode("cp1252"), "True")):
        run = subprocess.run([sys.executable, "-c", script, write(data)], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == loaded
