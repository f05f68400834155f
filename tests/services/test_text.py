"""Texts: what is read, counted, replaced, normalised and split, whatever their encoding, ends and size."""

import codecs
import io
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webapp.authoring import JobError
from webapp.services.text import source as source_module
from webapp.services.text.count import Counts, count
from webapp.services.text.normalise import LineEnds, normalise, normaliser
from webapp.services.text.replace import change_of, compiled, replace
from webapp.services.text.source import TextSource
from webapp.services.text.split import Begins, by_lines, by_separator, by_size, split

MADE_AT = datetime(2026, 1, 31, tzinfo=UTC)


def read(tmp_path: Path, content: bytes) -> TextSource:
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    return TextSource(path, lambda *_: None)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1024])
@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one", [("one", "")]),
        (b"one\ntwo\r\nthree\rfour", [("one", "\n"), ("two", "\r\n"), ("three", "\r"), ("four", "")]),
        (b"\n\r\n\r", [("", "\n"), ("", "\r\n"), ("", "\r")]),
        ("\ufeffZoë\n".encode(), [("Zoë", "\n")]),
        (b"ok\nbad \xff byte\n" * 3, [("ok", "\n"), ("bad \udcff byte", "\n")] * 3),
    ],
)
def test_lines_are_the_same_wherever_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, content: bytes, lines: list[tuple[str, str]]
) -> None:
    monkeypatch.setattr(source_module, "PIECE", piece)
    source = read(tmp_path, content)
    source.encoding = "utf-8"
    assert list(source.lines()) == lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    text = "Zoë läuft über die Straße.\r\n" * 50
    assert "".join(line + end for line, end in read(tmp_path, text.encode(encoding)).lines()) == text


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x03\x04" + bytes(50), b"text\0with\0nuls " * 9, b"%PDF-1.7\n"]
)
def test_what_is_no_text_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(JobError, match="This is no text file"):
        read(tmp_path, content)


def test_a_line_too_long_to_be_kept_is_refused_but_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "LONGEST_LINE", 1_000)
    source = read(tmp_path, b"short\n" + b"long " * 300_000)
    with pytest.raises(JobError, match="Line 2 is longer than 1,000 characters"):
        list(source.lines())
    counts = count(source)
    assert (counts.lines, counts.words) == (2, 300_001)


@pytest.mark.parametrize("piece", [1, 2, 5, 1024])
@pytest.mark.parametrize(
    ("text", "lines", "words", "often"),
    [
        ("", 0, 0, {}),
        ("one", 1, 1, {"one": 1}),
        ("One two\r\nONE\n", 2, 3, {"one": 2, "two": 1}),
        ("don't re-do\rit", 2, 3, {"don't": 1, "re-do": 1, "it": 1}),
        ("\n\n", 2, 0, {}),
        ("Straße, 42!", 1, 2, {"strasse": 1, "42": 1}),
    ],
)
def test_counts_are_the_same_wherever_the_file_is_cut(  # noqa: PLR0913, PLR0917
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    piece: int,
    text: str,
    lines: int,
    words: int,
    often: dict[str, int],
) -> None:
    monkeypatch.setattr(source_module, "PIECE", piece)
    counts = count(read(tmp_path, text.encode()))
    assert counts == Counts(lines, words, len(text), 0, often=counts.often)
    assert counts.often == often


def test_very_many_words_are_forgotten_if_they_came_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.services.text.count.MOST_WORDS", 100)
    monkeypatch.setattr(source_module, "PIECE", 512)
    text = " ".join(f"word{number} often" for number in range(1_000))
    counts = count(read(tmp_path, text.encode()))
    assert counts.is_estimate
    assert len(counts.often) <= 200
    assert counts.often["often"] == 1_000


def replaced(tmp_path: Path, content: bytes, search: str, by: str, **how: bool) -> tuple[bytes, int, int]:
    ways = {"regular": False, "ignore_case": False, "whole_words": False} | how
    target = io.BytesIO()
    change = change_of(compiled(search, **ways), by, regular=ways["regular"])
    times, lines = replace(read(tmp_path, content), change, target)
    return target.getvalue(), times, lines


def test_texts_and_patterns_are_replaced_line_by_line(tmp_path: Path) -> None:
    assert replaced(tmp_path, b"a.b axb\r\na.b\n", "a.b", r"\1") == (b"\\1 axb\r\n\\1\n", 2, 2)
    assert replaced(tmp_path, b"a.b axb\n", "a.b", "c", regular=True) == (b"c c\n", 2, 1)
    assert (
        replaced(tmp_path, b"31.01.2026\n", r"(\d+)\.(\d+)\.(\d+)", r"\3-\2-\g<1>", regular=True)[0] == b"2026-01-31\n"
    )
    assert replaced(tmp_path, b"Cat cats CAT\n", "cat", "dog", ignore_case=True, whole_words=True)[:2] == (
        b"dog cats dog\n",
        2,
    )
    assert replaced(tmp_path, b"a\nb", "\n", "") == (b"a\nb", 0, 0), "nothing is found across lines"
    odd = "Zo\u00eb\n".encode() * 50 + b"kept \xff as it is: a\n"
    assert replaced(tmp_path, odd, "nothing", "x")[0] == odd


@pytest.mark.parametrize("pattern", ["(", "[a", "*", r"\8", "a{99999999999}", "(?P<1>a)", "(?<=a+)b"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a regular expression"):
        compiled(pattern, regular=True, ignore_case=False, whole_words=False)


@pytest.mark.parametrize("replacement", [r"\2", r"\g<name>", r"\q", "\\", r"\g<", r"\0"])
def test_what_is_no_replacement_is_refused_without_being_tried(replacement: str) -> None:
    endless = re.compile("(" + "(?:" * 12 + "x?" + "){99}" * 12 + ")")
    with pytest.raises(ValueError, match="refers to"):
        change_of(endless, replacement, regular=True)
    change_of(endless, r"\1\n\\", regular=True)


def test_a_pattern_that_would_take_for_ever_is_stopped_and_its_line_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.text.patience.SECONDS", 0.2)
    content = b"fine\n" * 5_000 + b"a" * 40 + b"!\nfine\n"
    with pytest.raises(JobError, match=r"takes too long in line 5,001"):
        replaced(tmp_path, content, "(a+)+$", "b", regular=True)
    assert replaced(tmp_path, b"fine\n", "fine", "good")[0] == b"good\n", "and the next one works"


@pytest.mark.parametrize(
    ("content", "ends", "expected"),
    [
        (b"a \t\r\nb\rc", "lf", b"a\nb\nc\n"),
        (b"a\nb", "crlf", b"a\r\nb\r\n"),
        (b"a  \r\nb\rc", "keep", b"a\r\nb\rc"),
        ("Zoe\u0308\u00a0\n".encode(), "lf", "Zo\u00eb\n".encode()),
        ("\ufeffx\n".encode(), "lf", b"x\n"),
        ("Zo\u00eb und \u00dcl\n".encode("cp1252") * 9, "lf", "Zo\u00eb und \u00dcl\n".encode() * 9),
        (b"good text \xff\n" * 2 + b"good\n" * 50, "lf", b"good text \xef\xbf\xbd\n" * 2 + b"good\n" * 50),
    ],
)
def test_a_text_is_normalised(tmp_path: Path, content: bytes, ends: LineEnds, expected: bytes) -> None:
    target, source = io.BytesIO(), read(tmp_path, content)
    if b"\xff" in content:
        source.encoding = "utf-8"
    normalise(source, normaliser(trailing=True, tab_width=None, compose=True), ends, target)
    assert target.getvalue() == expected
    codecs.decode(target.getvalue(), "utf-8")


def test_tabs_become_spaces_up_to_their_stops() -> None:
    assert normaliser(trailing=False, tab_width=4, compose=False)("a\tbc\td") == "a   bc  d"


def parts(tmp_path: Path, content: bytes, begins: Begins) -> list[bytes]:
    target = io.BytesIO()
    number = split(read(tmp_path, content), begins, target, ("file", ".txt"), MADE_AT)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [f"file-{part:04}.txt" for part in range(1, number + 1)]
        return [archive.read(name) for name in archive.namelist()]


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        (by_lines(2), [b"# 1\nab\r\n", b"# 2\nabcdefgh\n", b"end"]),
        (by_lines(100), [b"# 1\nab\r\n# 2\nabcdefgh\nend"]),
        (by_size(8), [b"# 1\nab\r\n", b"# 2\n", b"abcdefgh\n", b"end"]),
        (by_separator("#"), [b"# 1\nab\r\n", b"# 2\nabcdefgh\nend"]),
    ],
)
def test_a_text_is_split_and_its_parts_are_the_text(tmp_path: Path, begins: Begins, expected: list[bytes]) -> None:
    content = b"# 1\nab\r\n# 2\nabcdefgh\nend"
    found = parts(tmp_path, content, begins)
    assert found == expected
    assert b"".join(found) == content


def test_no_text_has_no_parts_and_too_many_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parts(tmp_path, b"", by_lines(1)) == []
    monkeypatch.setattr("webapp.services.text.split.MOST_PARTS", 3)
    with pytest.raises(JobError, match="more than 3 files"):
        parts(tmp_path, b"a\nb\nc\nd\n", by_lines(1))


GROWTH = """
import io, resource, sys
from pathlib import Path
from datetime import datetime
from webapp.services.text.count import count
from webapp.services.text.normalise import normalise, normaliser
from webapp.services.text.replace import change_of, compiled, replace
from webapp.services.text.source import TextSource
from webapp.services.text.split import by_size, split

def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

def work(path):
    with open("/dev/null", "r+b") as nowhere:
        source = TextSource(path, lambda *_: None)
        count(source)
        normalise(source, normaliser(trailing=True, tab_width=4, compose=True), "lf", nowhere)
        pattern = compiled("line", regular=False, ignore_case=False, whole_words=False)
        replace(source, change_of(pattern, "row", regular=False), nowhere)
    with open(sys.argv[3], "wb") as made:
        split(source, by_size(5_000_000), made, ("a", ".txt"), datetime(2026, 1, 1))

work(Path(sys.argv[1]))
before = used()
work(Path(sys.argv[2]))
print(used() - before)
"""


def test_memory_stays_flat_however_large_the_file(tmp_path: Path) -> None:
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_bytes(b"A line of some words, \t and a number 42\r\n" * 100_000)
    large.write_bytes(small.read_bytes() * 10)
    script = [sys.executable, "-c", GROWTH, str(small), str(large), str(tmp_path / "made.zip")]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000, "kilobytes"
