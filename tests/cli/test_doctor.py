"""`batchdesk doctor`: it finds what is broken, says so in a sentence, and changes nothing."""

from pathlib import Path

import pytest

from tests.cli.commands import Run
from tests.elsewhere import Elsewhere
from webapp.authoring import load_registry
from webapp.store.migrate import NEWEST


def test_the_doctor_finds_a_good_desk_good(run: Run) -> None:
    run("migrate")
    status, out, _ = run("doctor")
    assert (status, {line[:3] for line in out.splitlines()}) == (0, {"ok "}), out
    assert f"Job types: {', '.join(load_registry())}" in out


def test_on_postgresql_the_database_is_made_and_the_doctor_finds_it_good(
    run: Run, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHDESK_DATABASE_URL", postgres_url)
    run("migrate")
    assert run("migrate")[1] == f"The database is at version {NEWEST}.\n"
    status, out, _ = run("doctor")
    assert (status, {line[:3] for line in out.splitlines()}) == (0, {"ok "}), out
    assert "PostgreSQL 1" in out


def test_a_postgresql_that_does_not_answer_is_one_sentence_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHDESK_DATABASE_URL", "postgresql+psycopg://desk:swordfish@127.0.0.1:1/desk")
    status, _, err = run("migrate")
    assert (status, len(err.splitlines())) == (78, 1), err
    assert "Check BATCHDESK_DATA and BATCHDESK_DATABASE_URL" in err
    assert "swordfish" not in err
    assert "BAD  database: " in run("doctor")[1]


def test_the_doctor_changes_nothing(run: Run, data: Path) -> None:
    status, out, _ = run("doctor")
    assert status == 1
    assert "does not exist yet" in out
    data.mkdir()
    assert run("doctor")[0] == 1
    assert list(data.iterdir()) == []


def test_the_doctor_names_what_is_broken(run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.mkdir()
    (data / "batchdesk.sqlite3").write_text("not a database " * 100)
    folder = tmp_path / "job_types"
    folder.mkdir()
    (folder / "broken.py").write_text("def (:\n")
    monkeypatch.setenv("BATCHDESK_JOB_TYPES", str(folder))
    monkeypatch.setenv("BATCHDESK_DISK_RESERVE", str(2**60))
    status, out, _ = run("doctor")
    bad = "\n".join(line for line in out.splitlines() if line.startswith("BAD"))
    assert status == 1
    assert "file is not a database" in bad
    assert f"{folder / 'broken.py'}: broken.py:1 is not valid Python" in bad
    assert "stay free" in bad
    assert f"ok   Job types: {', '.join(load_registry())}" in out


def test_the_doctor_looks_at_each_database_that_jobs_may_write_into(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Elsewhere(f"sqlite:///{tmp_path / 'stock.db'}").close()
    gone = "postgresql+psycopg://desk:swordfish@127.0.0.1:1/crm"
    monkeypatch.setenv("BATCHDESK_TARGETS", f"stock=sqlite:///{tmp_path / 'stock.db'},crm={gone},x=sqlite:////nope.db")
    status, out, err = run("doctor")
    assert status == 1
    assert "ok   Database “stock”: answers (SQLite), and takes what jobs write" in out
    assert "BAD  The database “crm” does not answer" in out
    assert "BAD  The database “x” can’t be opened: its file is not there" in out
    assert "swordfish" not in out + err


def test_the_doctor_asks_the_storage_of_files(run: Run, s3_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    monkeypatch.setenv("BATCHDESK_FILES", s3_place)
    assert f"ok   Storage for files: {s3_place} answers" in run("doctor")[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    status, out, _ = run("doctor")
    assert (status, "BAD  storage: The place where the desk keeps its files does not answer." in out) == (1, True)
