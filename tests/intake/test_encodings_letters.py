"""A text read in a wrong encoding looks stranger than one that people wrote."""

from io import BytesIO

import pytest

from webapp.intake.decode import judge_encoding
from webapp.intake.letters import foreign_words, strangeness


@pytest.mark.parametrize(
    ("written", "encoding", "taken_for"),
    [
        ("Müller", "cp850", "cp1252"),  # no text
        ("łódź", "cp1250", "cp1252"),  # a sign amid a word
        ("São", "mac-roman", "cp1252"),  # the same
        ("Иванов", "koi8-r", "cp1251"),  # capitals after a small letter
        ("MÜLLER und Söhne", "cp1252", "cp1251"),  # two scripts in one word
        ("Dvořák", "cp1250", "cp1252"),  # letters of no one language
        ("Vilà", "cp1252", "cp1250"),  # a letter that is rare
        ("Müller Jürgen François", "cp1252", "cp1257"),  # words of several languages
        ("佐藤太郎", "cp932", "cp949"),  # rare characters
        ("김민수", "cp949", "cp1252"),  # nothing but accents
        ("東京", "euc_jp", "cp874"),  # Thai vowels without consonants
    ],
)
def test_the_wrong_encoding_is_the_stranger_one(written: str, encoding: str, taken_for: str) -> None:
    wrong = written.encode(encoding).decode(taken_for, "replace")
    assert strangeness(foreign_words(wrong)) > strangeness(foreign_words(written))


@pytest.mark.parametrize(
    "text",
    [
        "Müller Größe",
        "O’Brien “fine” 20 °C £5",
        "Łódź Kraków żółw",
        "Иванов Москва",
        "Όνομα Άννα",
        "김민수 서울",
        "Iğdır İzmir",  # noqa: RUF001 - Turkish it is
    ],
)
def test_what_people_write_is_hardly_strange(text: str) -> None:
    words = foreign_words(text)
    assert words
    assert strangeness(words) <= len(words)


def test_there_may_be_no_foreign_words() -> None:
    assert foreign_words("plain, 1;2") == []
    assert strangeness([]) == 0.0


def test_many_and_long_words_are_cut() -> None:
    words = foreign_words(" ".join(f"{'x' * place}ü{'x' * 100}" for place in range(1000)))
    assert len(words) <= 150
    assert max(map(len, words)) <= 60


def test_one_euro_sign_among_a_thousand_words_is_heard() -> None:
    names = "".join(
        f"{row},M{'abcdefghij'[row % 10]}ü{chr(97 + row // 10 % 26)}ller{row // 260 * 'x'}\n" for row in range(1000)
    )
    data = f"id,name\n{names}1001,20 €\n".encode("iso8859-15")
    assert judge_encoding(BytesIO(data)).encoding == "iso8859-15"
