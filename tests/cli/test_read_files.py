"""`batchdesk read`: files that are none, and places that cannot be written."""

import csv
import hashlib
from pathlib import Path

import pytest

from tests.cli.commands import Run
from tests.running import ROOT

EXAMPLES = ROOT / "examples"


def test_a_file_is_read_to_a_plain_csv(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes('id;name\r\n1;"Møller; Ltd"\r\n2;Zoë\r\n'.encode("cp1252"))
    assert run("read", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv")) == (0, "", "")
    assert (tmp_path / "out.csv").read_bytes() == "id,name\n1,Møller; Ltd\n2,Zoë\n".encode()


def test_reading_what_was_written_changes_nothing(run: Run, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    assert run("read", str(EXAMPLES / "contacts.csv"), "--out", str(once))[0] == 0
    assert run("read", str(once), "--out", str(twice))[0] == 0
    assert hashlib.sha256(once.read_bytes()).digest() == hashlib.sha256(twice.read_bytes()).digest()
    with once.open(newline="", encoding="utf-8") as file:
        assert sum(1 for _ in csv.reader(file)) == 1001


def test_an_empty_file_gives_an_empty_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").touch()
    assert run("read", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv")) == (0, "", "")
    assert (tmp_path / "out.csv").read_bytes() == b""


def test_a_file_that_is_no_table_has_its_own_status(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    status, out, err = run("read", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv"))
    assert (status, out) == (2, "")
    assert err.startswith("This is a PDF document, not a table.")
    assert list(tmp_path.iterdir()) == [tmp_path / "in.csv"]


def test_a_file_that_is_missing_is_named(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    assert run("read", str(missing), "--out", str(tmp_path / "out.csv")) == (
        1,
        "",
        f"{missing}: No such file or directory.\n",
    )


@pytest.mark.parametrize("out", ["nowhere/out.csv", "folder"])
def test_a_place_that_cannot_be_written_is_named(run: Run, tmp_path: Path, out: str) -> None:
    (tmp_path / "folder").mkdir()
    status, _, err = run("read", str(EXAMPLES / "contacts.csv"), "--out", str(tmp_path / out))
    assert status == 1
    assert str(tmp_path / out) in err
    assert len(err.splitlines()) == 1
    assert not list((tmp_path / "folder").iterdir())


def test_a_file_read_onto_itself_is_not_lost(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"id;name\n1;Ada\n")
    assert run("read", str(file), "--out", str(file))[0] == 1
    assert file.read_bytes() == b"id;name\n1;Ada\n"
