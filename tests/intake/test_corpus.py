"""Small files of the kinds that operators have, each with the table that it holds beside it: corpus/MANIFEST.tsv."""

import csv
from pathlib import Path

import pytest

from webapp.intake import read_to

CORPUS = Path(__file__).parent / "corpus"
EXPECTED = ".expected.csv"
FILES = sorted(
    path
    for path in CORPUS.rglob("*")
    if path.is_file() and path.name != "MANIFEST.tsv" and not path.name.endswith(EXPECTED)
)


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CORPUS).as_posix())
def test_a_file_is_read_to_the_last_cell(path: Path, tmp_path: Path) -> None:
    read_to(path, tmp_path / "out.csv")
    assert table(tmp_path / "out.csv") == table(path.with_name(path.name + EXPECTED))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CORPUS).as_posix())
def test_every_record_is_accepted_or_rejected(path: Path, tmp_path: Path) -> None:
    report = read_to(path, tmp_path / "out.csv", rejects=tmp_path / "rejects.csv")
    header = 1 if report.reading.header_line else 0
    assert len(table(tmp_path / "out.csv")) == header + report.rows
    assert len(table(tmp_path / "rejects.csv")) == 1 + report.broken


def test_the_manifest_names_every_file() -> None:
    lines = (CORPUS / "MANIFEST.tsv").read_text("utf-8").splitlines()[1:]
    assert [line.split("\t")[0] for line in lines] == [path.relative_to(CORPUS).as_posix() for path in FILES]
    assert all(len(line.split("\t")) == 3 and all(line.split("\t")) for line in lines)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 150
