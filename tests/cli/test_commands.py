"""The command line: each refusal is one sentence and an exit status."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.cli.commands import Run, add
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.migrate import NEWEST
from webapp.store.shared import Place, begin_here

COMMANDS = (
    ["serve"],
    ["migrate"],
    ["backup"],
    ["restore"],
    ["resume"],
    ["copy"],
    ["doctor"],
    ["read"],
    ["user"],
    ["user", "add"],
    ["token"],
    ["token", "create"],
)


def test_help_names_every_command(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    assert all(
        f"  {name} " in out
        for name in ("serve", "migrate", "backup", "restore", "resume", "doctor", "read", "user", "token")
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(run: Run, command: list[str]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert out.startswith(f"Usage: batchdesk {' '.join(command)}")


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["doctor"], ["token", "create", "Ann"]], ids=" ".join)
def test_a_wrong_setting_stops_every_command_and_is_named(
    run: Run, command: list[str], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHDESK_WORKERS", "swordfish")
    status, out, err = run(*command)
    assert (status, out) == (78, "")
    assert err.startswith("BATCHDESK_WORKERS is not a whole number")
    assert "swordfish" not in err
    assert not data.exists()


def test_a_data_folder_that_is_a_file_is_named(run: Run, data: Path) -> None:
    data.write_text("not a folder")
    assert run("migrate")[::2] == (78, "BATCHDESK_DATA: the folder can't be made (File exists).\n")


def test_a_database_that_is_none_is_named(run: Run, data: Path) -> None:
    data.mkdir()
    (data / "batchdesk.sqlite3").write_text("not a database " * 100)
    status, _, err = run("migrate")
    assert status == 78
    assert err.startswith("The desk's database can't be opened: file is not a database.")
    assert (data / "batchdesk.sqlite3").read_text().startswith("not a database"), "it must be left alone"


def test_a_database_of_a_newer_version_is_left_alone(run: Run, data: Path) -> None:
    run("migrate")
    database = Database(Settings(data=data).database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    status, _, err = run("serve")
    assert status == 78
    assert "9999" in err
    assert "newer version" in err


def test_migrating_twice_is_the_same_as_once(run: Run) -> None:
    assert run("migrate")[:2] == (0, f"The database is at version {NEWEST}; it was at none.\n")
    assert run("migrate")[:2] == (0, f"The database is at version {NEWEST}.\n")


def test_what_is_kept_is_for_its_own_account_only(run: Run, data: Path) -> None:
    run("migrate")
    assert data.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o077 for path in data.rglob("*")} == {0}


def test_a_machine_without_the_desks_key_does_not_serve_and_says_what_to_do(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("migrate")
    settings = Settings(data=data)
    database = Database(settings.database)
    begin_here(database, Place(data, None))
    database.close()
    assert (data / "secret.key").is_file(), "it is there from the first start"
    monkeypatch.setenv("BATCHDESK_DATABASE_URL", settings.database)
    monkeypatch.setenv("BATCHDESK_DATA", str(tmp_path / "second"))
    for command in ("serve", "worker"):
        status, _, err = run(command)
        assert (status, len(err.splitlines())) == (78, 1), err
        assert err.startswith(f"{tmp_path / 'second' / 'secret.key'} is not there. Copy it there from the machine")
    status, out, _ = run("resume", "--here")
    assert (status, out.splitlines()[0]) == (0, "The key and the files of this machine are the desk's from now on.")


def test_what_a_database_refuses_is_one_sentence_with_its_mend(
    run: Run, data: Path, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(run)
    run("backup", str(tmp_path / "backup"))
    old = Settings(data=data).database
    engine = connect(postgres_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS poor")
        connection.exec_driver_sql("CREATE ROLE poor LOGIN")
    engine.dispose()
    there = make_url(postgres_url)
    asked = {
        there.set(username="poor"): "GRANT CREATE ON DATABASE and ON SCHEMA public to it.",
        there.set(database="nobody_made_it"): "Make it first, with CREATE DATABASE, or name another.",
    }
    monkeypatch.setenv("BATCHDESK_DATA", str(tmp_path / "elsewhere"))
    for url, mend in asked.items():
        monkeypatch.setenv("BATCHDESK_DATABASE_URL", url.render_as_string(hide_password=False))
        for command in (
            ["serve"],
            ["worker"],
            ["migrate"],
            ["copy", "--from", old],
            ["restore", str(tmp_path / "backup")],
        ):
            status, _, err = run(*command)
            assert (status != 0, len(err.splitlines())) == (True, 1), (command, err)
            assert mend in err, (command, err)
        shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
