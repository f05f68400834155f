"""Which dialect a text is written in."""

from typing import Any

import pytest

from webapp.intake import detect
from webapp.intake.detect import detect_closely
from webapp.intake.second_opinion import second_opinion
from webapp.intake.sniff import sniff

ROWS = [["id", "name", "when", "amount"], ["1", "Ann", "2026-01-02", "3.50"], ["2", "Bo", "2026-01-03", "4.25"]]
ROWS += [[str(number), f"Name {number}", f"2026-02-{number:02}", f"{number}.75"] for number in range(3, 20)]


def text_of(delimiter: str, quote: str = "") -> str:
    return "".join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) + "\n" for row in ROWS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "#", "¦", "||", "::", "\x1f", "\x01"])
@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_each_delimiter_is_told(delimiter: str, quote: str, write: Any, read_all: Any) -> None:
    path = write(text_of(delimiter, quote).encode())
    reading = detect(path)
    assert (reading.delimiter, reading.columns) == (delimiter, tuple(ROWS[0]))
    assert read_all(path, reading).cells == ROWS[1:]


@pytest.mark.parametrize("delimiter", [" ", ":"])
def test_common_characters_delimit_only_what_looks_like_a_table(delimiter: str, write: Any) -> None:
    table = "".join(delimiter.join([str(row), str(row * 7), f"{row}.5"]) + "\n" for row in range(1, 12))
    assert detect(write(f"a{delimiter}b{delimiter}c\n{table}".encode())).delimiter == delimiter
    assert detect(write(b"Name\nAnna Schmidt\nBob Miller\nCy Young\n")).delimiter == ""
    assert detect(write(b"Note\nto do: call\nasked: twice\nwhy not: so\n")).delimiter == ""


def test_columns_aligned_with_blanks_are_told_apart(write: Any, read_all: Any) -> None:
    path = write(b"id   name   qty\n1    Ann      3\n22   Bo      14\n333  Cy     125\n4    Di       6\n")
    reading = detect(path)
    assert (reading.delimiter, reading.skipinitialspace) == (" ", True)
    assert read_all(path, reading).cells[:2] == [["1", "Ann", "3"], ["22", "Bo", "14"]]


def test_a_blank_after_each_delimiter_belongs_to_it(write: Any, read_all: Any) -> None:
    path = write(b"id, name, note\n1, Ann, fine\n2, Bo, late\n")
    assert read_all(path, detect(path)).cells == [["1", "Ann", "fine"], ["2", "Bo", "late"]]
    path = write(b"id,name,note\n1,Ann, fine\n2,Bo,late\n")
    assert read_all(path, detect(path)).cells == [["1", "Ann", " fine"], ["2", "Bo", "late"]]


def test_a_backslash_is_an_escape_where_it_has_to_be(write: Any, read_all: Any) -> None:
    path = write(b'id,note,qty\n1,"say \\"hi\\", twice",3\n2,"a \\"b\\" c",4\n3,"plain",5\n')
    assert detect(path).escape == "\\"
    assert read_all(path, detect(path)).cells[0] == ["1", 'say "hi", twice', "3"]
    assert detect(write(b"id,path\n1,C:\\new\\,\n2,D:\\old\\,\n")).escape == ""
    assert detect(write(b'sign,"n",p\n/,1,2\n\\,92,3\n],93,4\n')).escape == ""


def test_inches_and_apostrophes_are_no_quotes(write: Any, read_all: Any) -> None:
    path = write(b"id\tsize\n1\t12\" pipe\n2\t\"Best\" of\n3\t'n' roll\n4\tO'Neil\n")
    assert [row[1] for row in read_all(path, detect(path)).cells] == ['12" pipe', '"Best" of', "'n' roll", "O'Neil"]


def test_the_file_may_say_its_delimiter(write: Any) -> None:
    reading = detect(write(b"sep=|\nid|a,b\n1|c,d\n"))
    assert (reading.delimiter, reading.header_line) == ("|", 2)


def test_a_text_that_reads_two_ways_is_asked_about(write: Any) -> None:
    detected = detect_closely(write(b"col1,col2\n1;2;3,4;5;6\na;b;c,d;e;f\n"))
    assert detected.alternative is not None
    assert {detected.reading.delimiter, detected.alternative.delimiter} == {",", ";"}
    assert 0.4 < detected.confidence < 0.65


def test_a_clear_text_needs_no_question(write: Any) -> None:
    detected = detect_closely(write(text_of(";").encode()))
    assert detected.alternative is None
    assert detected.confidence > 0.7


def test_duckdb_gives_the_second_opinion() -> None:
    assert second_opinion(["a|b\n", "1|2\n", "3|4\n"] * 5) == "|"


def test_the_first_candidate_scores_best() -> None:
    scores = [candidate.score for candidate in sniff(text_of(";").splitlines(keepends=True))]
    assert scores == sorted(scores, reverse=True)
