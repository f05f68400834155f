"""Work on a text file: what each choice hands back, and what is refused."""

import io
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.job_types.desk import Desk
from webapp.errors import BadInput

Csv = Callable[..., Any]
POEM = "The sea, the sea!\r\nThe open sea!  \r\n\r\nIt grew so fresh,\tthe ever free.\r\n"


def test_it_is_counted(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("text", csv_file(POEM, "poem.txt"), words=2)
    assert ran.files["poem-counts.csv"].decode().splitlines() == [
        "what,count",
        "lines,4",
        "words,14",
        f"characters,{len(POEM)}",
        f"bytes,{len(POEM)}",
        "different words,9",
        "characters that could not be read,0",
    ]
    assert ran.files["poem-words.csv"] == b"word,times\nthe,4\nsea,3\n"
    assert ran.log == [
        "Read as UTF-8.",
        f"4 lines, 14 words, {len(POEM)} characters, {len(POEM)} bytes, 9 different words",
    ]
    assert ran.job.state == "completed"


def test_no_words_are_listed_if_none_are_wanted_and_an_empty_file_is_no_error(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("text", csv_file(" ", "blank.txt"), words=0)
    assert list(ran.files) == ["blank-counts.csv"]


def test_it_is_searched_and_replaced(desk: Desk, csv_file: Csv) -> None:
    replacing = {"search": "sea", "replacement": "lake"}
    ran = desk.run("text", csv_file(POEM, "poem.txt"), what="replace", replacing=replacing)
    assert ran.files == {"poem-replaced.txt": POEM.replace("sea", "lake").encode()}
    assert ran.log[-1] == "3 replacements in 2 lines."
    pattern = {"search": r"(\w+), the (\w+)", "replacement": r"\2 of \1", "regular": True}
    ran = desk.run("text", csv_file(POEM, "poem.txt"), what="replace", replacing=pattern)
    assert ran.files["poem-replaced.txt"].startswith(b"The sea of sea!\r\n")


def test_spaces_in_what_is_searched_for_count(desk: Desk, csv_file: Csv) -> None:
    replacing = {"search": " ", "replacement": "  "}
    ran = desk.run("text", csv_file("a b\n", "x.txt"), what="replace", replacing=replacing)
    assert ran.files == {"x-replaced.txt": b"a  b\n"}


def test_it_is_normalised(desk: Desk, csv_file: Csv) -> None:
    ran = desk.run("text", csv_file(POEM, "poem.txt"), what="normalise", normalising={"tab_width": 4})
    assert ran.files == {
        "poem-normalised.txt": b"The sea, the sea!\nThe open sea!\n\nIt grew so fresh,   the ever free.\n"
    }
    assert ran.log[-1] == "4 lines were changed."


def test_it_is_split(desk: Desk, csv_file: Csv) -> None:
    file = csv_file(POEM, "poem.txt")
    ran = desk.run("text", file, what="split", splitting={"by": "separator", "separator": "The"})
    with zipfile.ZipFile(io.BytesIO(ran.files["poem-parts.zip"])) as archive:
        assert archive.namelist() == ["poem-0001.txt", "poem-0002.txt"]
        assert b"".join(map(archive.read, archive.namelist())).decode() == POEM
    assert desk.run("text", file, what="split", splitting={"by": "lines", "lines": 1}).log[-1] == "4 files."
    assert desk.run("text", file, what="split", splitting={"by": "size"}).log[-1] == "1 files."


def test_a_pattern_that_would_take_for_ever_ends_the_job_in_words(desk: Desk, csv_file: Csv) -> None:
    file = csv_file("a" * 40 + "!\n", "long.txt")
    before = time.process_time()
    ran = desk.run("text", file, what="replace", replacing={"search": "(a+)+$", "regular": True})
    assert time.process_time() - before < 15
    assert ran.job.state == "failed"
    assert "The pattern takes too long in line 1." in str(ran.job.problem)
    assert ran.files == {}


BAD: list[tuple[Mapping[str, Any], str, str]] = [
    ({"what": "sing"}, "what", "count"),
    ({"words": -1}, "words", "at least 0"),
    ({"words": 10_001}, "words", "at most 10,000"),
    ({"what": "replace"}, "replacing.search", "Type what is to be searched for"),
    ({"what": "replace", "replacing": {"search": "a" * 201}}, "replacing.search", "more than 200"),
    (
        {"what": "replace", "replacing": {"search": "(", "regular": True}},
        "replacing.search",
        "not a regular expression",
    ),
    (
        {"what": "replace", "replacing": {"search": "a", "replacement": r"\1", "regular": True}},
        "replacing.replacement",
        "which the search has not",
    ),
    ({"what": "split", "splitting": {"by": "separator"}}, "splitting.separator", "Type what the first line"),
    ({"what": "split", "splitting": {"lines": 0}}, "splitting.lines", "at least 1"),
    ({"what": "split", "splitting": {"megabytes": 0}}, "splitting.megabytes", "at least 1"),
    ({"what": "normalise", "normalising": {"line_ends": "cr"}}, "normalising.line_ends", "lf"),
    ({"what": "normalise", "normalising": {"tab_width": 17}}, "normalising.tab_width", "at most 16"),
]


@pytest.mark.parametrize(("params", "field", "words"), BAD)
def test_what_does_not_fit_is_refused_beside_its_field(
    desk: Desk, csv_file: Csv, params: Mapping[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("text", csv_file(POEM, "poem.txt"), **params)
    said = {name: problem for name, problem in refused.value.problems.items() if name.startswith(field)}
    assert re.search(re.escape(words), " ".join(said.values())), refused.value.problems


@pytest.mark.parametrize("content", ["text\0with\0nuls\n" * 20, "PK\x03\x04 an archive"])
def test_what_is_no_text_ends_the_job_in_words(desk: Desk, csv_file: Csv, content: str) -> None:
    ran = desk.run("text", csv_file(content, "file.txt"))
    assert ran.job.state == "failed"
    assert str(ran.job.problem).startswith("This is no text file")
