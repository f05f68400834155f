"""Damage is found with its count and first examples, and nothing is found where there is none."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.generate import generate
from webapp.intake import ColumnType, detect, profile, read_slices
from webapp.intake.damage import Damage, DamageKind
from webapp.intake.damage_finder import DamageFinder, find_damage
from webapp.intake.guess import Guess, guess_type
from webapp.intake.guess.codes import has_check_digit

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
POSTCODES = [f"{number:05}" for number in range(10_115, 10_215)]
NAMES = ["Anna Schmidt", "Bo Li", "Zoë O'Brien", "", "'t Hooft", "Müller-Lüdenscheidt", "Nº 5 & co. #1"]


def found(cells: Sequence[str], name: str = "Value") -> list[Damage]:
    """The damage of one column whose first cell is on line 2."""
    return find_damage([name], [(line, [cell]) for line, cell in enumerate(cells, start=2)], [guess_type(cells)])


def kinds(cells: Sequence[str], name: str = "Value") -> list[str]:
    return [damage.kind.value for damage in found(cells, name)]


@pytest.mark.parametrize(
    ("cells", "name", "kind", "texts", "offer"),
    [
        (["4006381333931", "4.00638E+12", "5449000000996"], "Article", DamageKind.SCIENTIFIC, ["4.00638E+12"], None),
        (["1.23457E+11", "1.23457E+11"], "Phone", DamageKind.SCIENTIFIC, ["1.23457E+11", "1.23457E+11"], None),
        (["12F05", "A7701", "1.20E+09", "33B20", "4C1"], "Part", DamageKind.SCIENTIFIC, ["1.20E+09"], None),
        ([*POSTCODES, "1067", "1069"], "PLZ", DamageKind.LOST_ZEROS, ["1067", "1069"], "to 5 digits"),
        (["00123", "00124", "00125", "00126", "127"], "Member", DamageKind.LOST_ZEROS, ["127"], "to 5 digits"),
        (
            ["MARCH1", "TP53", "BRCA1", "Sep-02", "1-Mrz", "EGFR", "MYC"],
            "Gene",
            DamageKind.DATED,
            ["Sep-02", "1-Mrz"],
            None,
        ),
        (["3-5", "6-8", "10-12", "7-9", "5-Mar"], "Size", DamageKind.DATED, ["5-Mar"], None),
        (["31/01/2026", "02/28/2026", "30/01/2026"], "Paid", DamageKind.MIXED_DAYS, ["02/28/2026"], None),
        (["Müller", "MÃ¼ller", "it’s"], "Name", DamageKind.MOJIBAKE, ["MÃ¼ller"], "“Müller”"),
        (["1", "#DIV/0!", "#NAME?", "#WERT!"], "Price", DamageKind.ERROR_CELLS, ["#DIV/0!", "#NAME?", "#WERT!"], None),
        (["a", "#####", "b"], "Day", DamageKind.HASHES, ["#####"], None),
        (["12", "'007", "13"], "No", DamageKind.APOSTROPHES, ["'007"], "apostrophes"),
        (["Anna\xa0", "\u200bBo", "Zoë\ufeff", "in\xa0side"], "Name", DamageKind.INVISIBLE, ["Anna\xa0"], "Leave"),
        (["12", "TRUE", "13", "14", "15"], "Code", DamageKind.TRUTH_WORDS, ["TRUE"], None),
        (["1234567890123450000", "1234567890123456789"], "Id", DamageKind.ROUNDED, ["1234567890123450000"], None),
        (["x" * 32_767, "short"], "Note", DamageKind.CUT, ["x" * 60], None),
        (["x" * 255, "y" * 255, "short"], "Note", DamageKind.CUT, ["x" * 60, "y" * 60], None),
    ],
)
def test_each_kind_of_damage_is_found(
    cells: list[str], name: str, kind: DamageKind, texts: list[str], offer: str | None
) -> None:
    damage = next(each for each in found(cells, name) if each.kind is kind)
    assert [example.text for example in damage.examples][: len(texts)] == texts
    assert (damage.column, damage.count >= len(texts)) == (name, True)
    assert damage.offer is None if offer is None else offer in (damage.offer or "")


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ([str(number) for number in range(1, 12_000)], "Id"),
        ([f"{number:03}" for number in range(1, 1_200)], "Id"),
        ([*POSTCODES, "01067", "1010"], "PLZ"),
        ([*POSTCODES, "01067"], "PLZ"),
        (["10115", "1067", "80331", "1010", "1020"], "Zip"),
        (["2125551234", "215551234", "3125551234"], "Phone"),
        (["1.5E+10", "2.25E+12", "3.0E+09"], "Energy"),
        (["1e+10", "1234567890", "2345678901"], "Count"),
        (["12E+05 is a part", "no code"], "Note"),
        (["Jan-24", "Feb-24", "Mar-24"], "Month"),
        (["MAR-01", "KIT-05", "SET-02", "TOP-03", "BOX-04"], "Part"),
        (["we met in", "Mar-01", "at the office"], "Note"),
        (["31/01/2026", "28/02/2026", "01/02/2026"], "Paid"),
        (["2026-01-31", "2026-02-28"], "Paid"),
        (["31/01/2026 and 02/28/2026", "text"], "Note"),
        (["#1", "#tag", "C#", "a # b"], "Note"),
        (["'t Hooft", "'quoted'", "rock 'n' roll", "the '90s"], "Name"),
        (["TRUE", "FALSE", "TRUE"], "Active"),
        (["TRUE story", "it is FALSE"], "Note"),
        (["4111111111111110", "5500000000000004", "340000000000009"], "Card"),
        (["x" * 255, "short"], "Note"),
        (["x" * 255, "y" * 255, "z" * 300], "Note"),
        (["x" * 255, "y" * 255, "z" * 254, "a" * 253], "Note"),
        (["NÃO", "SÃO PAULO", "Ångström"], "Name"),
        (["1\xa0234,50", "2\xa0000,00"], "Amount"),
        (NAMES, "Name"),
        ([], "Empty"),
        (["", " ", ""], "Blank"),
    ],
)
def test_nothing_is_found_where_nothing_is_damaged(cells: list[str], name: str) -> None:
    assert kinds(cells, name) == []


def test_counts_are_exact_and_examples_are_the_first_few() -> None:
    cells = ["ok", "#N/A"] * 5_000
    (damage,) = [each for each in found(cells) if each.kind is DamageKind.ERROR_CELLS]
    assert (damage.count, [example.line for example in damage.examples]) == (5_000, [3, 5, 7])
    assert damage.sentence == (
        "Value: 5,000 cells hold a spreadsheet's error instead of a value, first line 3: “#N/A”."
    )


def test_of_mixed_days_the_fewer_are_the_damaged_whatever_the_column_was_taken_for() -> None:
    mixed = ["31/01/2026"] * 60 + ["01/31/2026"] * 40 + ["01/02/2026"] * 20
    assert guess_type(mixed).kind is ColumnType.TEXT
    (damage,) = found(mixed)
    assert (damage.kind, damage.count, damage.examples[0].line) == (DamageKind.MIXED_DAYS, 40, 62)


def test_upc_numbers_among_ean_numbers_have_lost_a_zero_if_their_check_digit_says_so() -> None:
    articles = [
        code for number in range(400_638_133_000, 400_638_134_000) if has_check_digit(code := str(number) + "7")
    ]
    assert len(articles) > 50
    assert kinds([*articles, "636000291453"], "EAN") == []
    (damage,) = found([*articles, "636000291454", "636000291453"], "EAN")
    assert (damage.kind, damage.count, damage.examples[0].text) == (DamageKind.LOST_ZEROS, 1, "636000291454")


def test_rounded_numbers_are_told_from_those_that_end_in_zeros_by_chance() -> None:
    chance = random.Random(1)
    whole = [str(chance.randrange(10**15, 10**16)) for _ in range(2_000)] + [str(10**16 + 7)]
    assert sum(number.endswith("0") for number in whole) > 150
    assert kinds(whole, "Card") == []
    rounded = [number[:15] + "0" for number in whole if len(number) == 16]
    assert kinds(rounded, "Card") == ["rounded"]


@pytest.mark.parametrize("file", ["generated", "contacts"])
def test_clean_files_have_no_damage(file: str, tmp_path: Path) -> None:
    path = EXAMPLES / "contacts.csv"
    if file == "generated":
        path = tmp_path / "rows.csv"
        generate(20_000, path)
    reading = detect(path)
    finder = DamageFinder(reading.columns, profile(path, reading))
    for slice_ in read_slices(path, reading):
        finder.add(slice_.lines, slice_.cells)
    assert finder.found() == []


def test_clean_rows_cost_next_to_nothing(tmp_path: Path) -> None:
    """A microsecond a row is the aim; the limit leaves room for a slow machine."""
    path = tmp_path / "rows.csv"
    generate(20_000, path)
    reading = detect(path)
    columns, slices = profile(path, reading), list(read_slices(path, reading))
    costs = []
    for _ in range(3):
        finder, began = DamageFinder(reading.columns, columns), time.process_time()
        for slice_ in slices:
            finder.add(slice_.lines, slice_.cells)
        costs.append((time.process_time() - began) / 20_000)
    assert min(costs) < 3e-6


@given(st.lists(st.text(max_size=12), max_size=40), st.sampled_from(list(ColumnType)))
def test_any_cells_are_looked_at_and_never_counted_twice(cells: list[str], kind: ColumnType) -> None:
    guess = Guess(kind, "dmy" if kind in {ColumnType.DATE, ColumnType.DATETIME} else "", 1.0)
    for damage in find_damage(["c"], [(line, [cell]) for line, cell in enumerate(cells)], [guess]):
        assert 0 < damage.count <= len(cells)
        assert 0 < len(damage.examples) <= min(3, damage.count)


def test_slices_make_no_difference() -> None:
    cells = [*POSTCODES, "1067", "1069", *["'007"] * 3] * 20
    types = [Guess(ColumnType.CODE, "", 1.0)]
    at_once = find_damage(["PLZ"], [(line, [cell]) for line, cell in enumerate(cells)], types)
    finder = DamageFinder(["PLZ"], types)
    for start in range(0, len(cells), 7):
        some = cells[start : start + 7]
        finder.add(range(start, start + len(some)), [[cell] for cell in some])
    assert finder.found() == at_once
    assert [damage.count for damage in at_once] == [60, 40]
