"""Values in one way of writing: what is read, and what is not guessed."""

import pytest

from webapp.services.cleaning.countries import country
from webapp.services.cleaning.rules import Rules
from webapp.services.cleaning.similar import Pair, similar_pairs
from webapp.services.cleaning.values import Normal, countries, dates, emails, numbers, phones


@pytest.mark.parametrize(
    ("normal", "text", "value"),
    [
        (dates("iso", "auto"), "2026-01-31", "2026-01-31"),
        (dates("iso", "auto"), "31.1.2026", "2026-01-31"),
        (dates("iso", "auto"), "31/01/26", "2026-01-31"),
        (dates("iso", "auto"), "1/31/2026", "2026-01-31"),
        (dates("iso", "auto"), "05/05/2026", "2026-05-05"),
        (dates("iso", "auto"), "31. Januar 2026", "2026-01-31"),
        (dates("iso", "auto"), "20260131", "2026-01-31"),
        (dates("iso", "dmy"), "03/04/2026", "2026-04-03"),
        (dates("iso", "mdy"), "03/04/2026", "2026-03-04"),
        (dates("dmy_dot", "auto"), "2026-01-31", "31.01.2026"),
        (dates("dmy_slash", "auto"), "2026-01-31", "31/01/2026"),
        (dates("mdy_slash", "auto"), "2026-01-31 14:30", "01/31/2026 14:30:00"),
        (dates("iso", "auto"), "0987-01-31", "0987-01-31"),
        (numbers(".", None), "1,234,567.50", "1234567.50"),
        (numbers(".", None), "1.234.567,50 €", None),
        (numbers(".", ","), "1.234", "1234"),
        (numbers(",", "."), "-1,234.5", "-1234,5"),
        (numbers(".", ","), "(12,5)", "-12.5"),
        (phones(None), "+49 (0)30 901820", "+4930901820"),
        (phones(None), "0049 30 901820", "+4930901820"),
        (phones("DE"), "030/901820", "+4930901820"),
        (countries("alpha2"), "Deutschland", "DE"),
        (countries("alpha3"), "côte d'ivoire", "CIV"),
        (countries("name"), "USA", "United States"),
        (countries("alpha2"), "ger", None),
        (countries("alpha2"), "Vereinigtes Königreich", "GB"),
        (countries("alpha2"), "usa.", "US"),
        (emails, "Ada@Example.COM", "Ada@example.com"),
    ],
)
def test_a_text_becomes_a_value_in_the_one_way_of_writing(normal: Normal, text: str, value: str | None) -> None:
    if value is None:
        with pytest.raises(ValueError, match="is n"):
            normal(text)
    else:
        assert normal(text) == value


@pytest.mark.parametrize(
    ("normal", "text", "said"),
    [
        (dates("iso", "auto"), "03/04/2026", "day/month or month/day: choose which comes first in “Read 03/04/2026”"),
        (dates("iso", "mdy"), "31/01/2026", "is a date written in another way than expected"),
        (dates("iso", "auto"), "31.02.2026", "is not a date: there is no 31 February"),
        (dates("iso", "auto"), "45321", "is not a date"),
        (dates("iso", "auto"), "soon", "is not a date"),
        (numbers(".", None), "1.234", "with thousands or with decimals: write it without marks for thousands"),
        (numbers(".", None), "twelve", "is not a number"),
        (numbers(".", "."), "1,23", "is not a number"),
        (numbers(".", None), "9" * 5_000, "is not a number"),
        (phones(None), "030 901820", "choose the “Country of phone numbers”, or begin it with"),
        (phones("DE"), "12", "is not a phone number"),
        (phones("DE"), "call me", "is not a phone number"),
        (phones("DE"), "030 901820 ext. 5", "has an extension"),
        (countries("alpha2"), "Atlantis", "is no country"),
        (countries("alpha2"), "-", "is no country"),
        (emails, "ada at example.com", "is not an e-mail address"),
        (emails, "a@b", "is not an e-mail address"),
    ],
)
def test_what_it_could_mean_is_not_guessed(normal: Normal, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        normal(text)


def test_each_country_is_known_by_all_its_codes_and_by_its_english_name() -> None:
    codes = [country(code) for code in ("DE", "de", "DEU", "Germany", "Tyskland", "Bundesrepublik Deutschland")]
    assert {each.alpha3 for each in codes} == {"DEU"}
    assert country("GE").name == "Georgia"
    assert country("NA").name == "Namibia", "a code is a code, whatever else it may mean"


def test_rules_keep_what_they_cannot_read_and_say_so_or_reject() -> None:
    columns = ["id", "when"]
    keeping = Rules(columns, {"when": dates("iso", "auto")}, "keep")
    assert keeping.apply(1, ["1", " 31.01.2026 "]) == (["1", "2026-01-31"], None)
    assert keeping.apply(2, ["2", "soon"]) == (["2", "soon"], None)
    assert keeping.apply(3, ["3", ""]) == (["3", ""], None)
    assert keeping.said() == ["when: 1 cell kept as found, first in row 2: it is not a date: write it as 2026-01-31."]
    rejecting = Rules(columns, {"when": dates("iso", "auto")}, "reject")
    assert rejecting.apply(2, ["2", "soon"])[1] == ("when", "is not a date: write it as 2026-01-31")


def test_similar_texts_are_paired_once_whatever_their_words_order_case_and_accents() -> None:
    texts = [
        "Ada Lovelace, London",
        "Lovelace, ADA London",
        "Zoë Müller",
        "Zoe Muler",
        "Jon Smith",
        "Bob Jones",
        "",
        "",
    ]
    ticks: list[int] = []
    pairs = list(similar_pairs(texts, 85, lambda done, _: ticks.append(done)))
    assert [(first, second) for first, second, _ in pairs] == [(0, 1), (2, 3)]
    assert pairs[0] == Pair(0, 1, 100)
    assert ticks == sorted(ticks) != []


def test_a_block_of_very_many_rows_takes_no_square_of_time() -> None:
    texts = [f"street {number:05}" for number in range(5_000)]
    compared = sum(1 for _ in similar_pairs(texts, 95, lambda *_: None))
    assert compared < 5_000 * 3 * 25
