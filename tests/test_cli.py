"""The command line: each refusal is one sentence and an exit status."""

import csv
import hashlib
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlmodel import select

from tests.elsewhere import Elsewhere
from webapp.accounts import Throttle, authenticate, find_token
from webapp.authoring import load_registry
from webapp.cli import main
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.migrate import NEWEST
from webapp.store.shared import Place, begin_here
from webapp.store.tables import Role, Upload, User

PASSWORD = "seven small boats"
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
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

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as from a shell: its exit status, output and errors."""
    monkeypatch.setenv("BATCHDESK_DATA", str(data))

    def run_(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["batchdesk", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run_


def add(run: Run, name: str = "Ann", *more: str, password: bytes = PASSWORD.encode()) -> tuple[int, str, str]:
    return run("user", "add", name, *more, "--password-stdin", stdin=password)


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


def test_a_user_who_was_added_can_sign_in(run: Run, data: Path) -> None:
    assert add(run, "Ann", "--role", "viewer") == (0, "Ann may sign in as viewer.\n", "")
    database = Database(Settings(data=data).database)
    user = authenticate(database, Throttle(), "Ann", PASSWORD, "127.0.0.1")
    database.close()
    assert user is not None
    assert user.role is Role.viewer


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
def test_the_line_end_is_no_part_of_the_password(run: Run, data: Path, ending: bytes) -> None:
    assert add(run, password=PASSWORD.encode() + ending)[0] == 0
    database = Database(Settings(data=data).database)
    assert authenticate(database, Throttle(), "Ann", PASSWORD, "127.0.0.1")
    database.close()


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (b"", "at least 10 characters"),
        (b"short", "at least 10 characters"),
        (b"1234567890", "easily guessed"),
        (b"aaaaaaaaaaaaaa", "easily guessed"),
        (b"AnnAnnAnn2026", "easily guessed"),
        (b"\xff\xfe seven small boats", "UTF-8"),
    ],
)
def test_a_weak_password_is_refused_in_one_sentence(run: Run, password: bytes, words: str) -> None:
    status, out, err = add(run, password=password)
    assert (status, out) == (1, "")
    assert words in err
    assert add(run)[0] == 0, "nothing was kept of the refused one"


@pytest.mark.parametrize("name", ["Ann", "ANN", " ann "])
def test_a_name_is_given_once(run: Run, name: str) -> None:
    add(run)
    assert add(run, name) == (1, "", "Somebody has this name already. Choose another one.\n")


@pytest.mark.parametrize("name", ["", "  ", "An\x1bn", "n" * 101])
def test_a_name_that_is_none_is_refused(run: Run, name: str) -> None:
    status, _, err = add(run, name)
    assert status == 1
    assert len(err.splitlines()) == 1


def test_a_role_that_does_not_exist_is_refused_beside_those_that_do(run: Run) -> None:
    status, _, err = add(run, "Ann", "--role", "root")
    assert status == 2
    assert all(role in err for role in Role)


def test_a_token_is_printed_alone(run: Run, data: Path) -> None:
    add(run)
    status, out, err = run("token", "create", "Ann")
    assert (status, err) == (0, "")
    database = Database(Settings(data=data).database)
    user = find_token(database, out.removesuffix("\n"))
    database.close()
    assert user is not None
    assert user.name == "Ann"


def test_nobody_gets_no_token(run: Run) -> None:
    assert run("token", "create", "Ann") == (1, "", "There is no user named Ann.\n")


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


def test_a_lost_password_is_replaced(run: Run, data: Path) -> None:
    add(run)
    status, out, _ = run("user", "password", "Ann", "--password-stdin", stdin=b"eight large ships")
    assert (status, out) == (0, "Ann has a new password.\n")
    database = Database(Settings(data=data).database)
    assert authenticate(database, Throttle(), "Ann", "eight large ships", "127.0.0.1")
    assert authenticate(database, Throttle(), "Ann", PASSWORD, "127.0.0.1") is None
    database.close()
    assert run("user", "password", "Bob", "--password-stdin", stdin=b"eight large ships")[0] == 1


def test_a_desk_is_backed_up_restored_and_let_go_on(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(run)
    status, out, err = run("backup", str(tmp_path / "backup"))
    assert (status, err) == (0, "")
    assert f"The back-up is in {tmp_path / 'backup'}." in out
    assert run("backup", str(tmp_path / "backup"))[0] == 1
    assert run("restore", str(tmp_path / "backup"))[0] == 1, "there is a desk already"
    monkeypatch.setenv("BATCHDESK_DATA", str(tmp_path / "elsewhere"))
    status, out, _ = run("restore", str(tmp_path / "backup"))
    assert (status, "It is paused" in out) == (0, True)
    assert run("resume", "--call-off", "7") == (1, "", "There is no job 7, so nothing was done.\n")
    assert run("resume")[:2] == (0, "The desk goes on.\n")
    assert run("resume")[:2] == (0, "The desk is not paused.\n")
    assert data.is_dir()


def test_a_back_up_of_a_damaged_desk_is_there_and_the_status_says_so(run: Run, data: Path, tmp_path: Path) -> None:
    add(run)
    database = Database(Settings(data=data).database)
    with database.write() as session:
        owner = session.exec(select(User.id)).one()
        session.add(Upload(owner_id=owner, name="lost.csv", size=3, sha256="0" * 64))
    database.close()
    status, out, _ = run("backup", str(tmp_path / "backup"))
    assert (status, "DAMAGED on the desk itself" in out) == (2, True)
    assert (tmp_path / "backup").is_dir()


def test_the_doctor_asks_the_storage_of_files(run: Run, s3_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    monkeypatch.setenv("BATCHDESK_FILES", s3_place)
    assert f"ok   Storage for files: {s3_place} answers" in run("doctor")[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    status, out, _ = run("doctor")
    assert (status, "BAD  storage: The place where the desk keeps its files does not answer." in out) == (1, True)


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
