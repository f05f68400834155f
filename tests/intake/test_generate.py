"""The file that the benchmarks read is the same for the same seed, and bad where it says so."""

from pathlib import Path

from benchmarks.generate import COLUMNS, COUNTRIES, generate
from webapp.intake import detect, read_slices


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("first", "second", "other"))
    assert generate(500, first, seed=3) == generate(500, second, seed=3)
    generate(500, other, seed=4)
    assert first.read_bytes() == second.read_bytes() != other.read_bytes()


def test_the_truth_names_the_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    truth = generate(20_000, path, seed=2)
    reading = detect(path)
    rows = [cells for cut in read_slices(path, reading) for cells in cut.cells]
    assert reading.columns == COLUMNS
    assert len(rows) == truth.rows == 20_000
    assert 60 < len(truth.bad) < 140
    assert len(set(truth.bad.values())) == 7
    wrong = {number for number, row in enumerate(rows, 1) if row[0] != str(number) or _is_bad(row)}
    assert wrong == set(truth.bad)


def _is_bad(row: list[str]) -> bool:
    _, email, _, amount, date, country, qty, _ = row
    quantity = int(qty) if qty.isdigit() else 0
    return (
        "@" not in email
        or amount == "n/a"
        or date[5:] == "02-30"
        or country not in COUNTRIES
        or not 0 < quantity <= 10_000
    )
