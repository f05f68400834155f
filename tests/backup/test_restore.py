"""A restored desk is the one that was backed up, and does nothing until somebody has looked."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from sqlmodel import SQLModel, select

from tests.backup.conftest import quietly
from tests.jobs.bench import Bench, items
from tests.s3 import S3Server
from webapp.accounts import add_user
from webapp.backup.manifest import DESK, KEY, RESULTS, UPLOADS
from webapp.backup.restore import lost_secrets, restore_backup
from webapp.backup.take import take_backup
from webapp.backup.words import about_restored
from webapp.errors import BadBackup, DeskError, Refused
from webapp.jobs.halt import go_on, halted
from webapp.settings import Settings
from webapp.store.database import Database, connect
from webapp.store.migrate import NEWEST, NewerSchemaError, is_current
from webapp.store.tables import Job, Role, SignInLink, State, UserSession, Worker

ROOT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = {"session", "sign_in_link", "worker", "halt", "activity", "upload"}
DIE_WHILE_COPYING = """
import os, signal, sys
from pathlib import Path
from webapp.backup.restore import restore_backup
from webapp.settings import Settings
def step(words, size):
    if words == "Copying files":
        os.kill(os.getpid(), signal.SIGKILL)
    from tests.backup.conftest import quietly
    return quietly(words, size)
restore_backup(Settings(data=Path(sys.argv[1])), Path(sys.argv[2]), step)
"""


@pytest.fixture
def backup(bench: Bench, tmp_path: Path) -> Path:
    take_backup(bench.settings, tmp_path / "backup", quietly)
    return tmp_path / "backup"


def rows(url: str) -> dict[str, Sequence[object]]:
    """All that a database holds, but what a restored desk leaves behind."""
    engine, found = connect(url), MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        held = {name: connection.execute(table.select()).all() for name, table in found.tables.items()}
    engine.dispose()
    return {name: sorted(all_, key=repr) for name, all_ in held.items() if name not in LEFT_BEHIND}


def files(folder: Path) -> dict[str, bytes]:
    found = [path for part in (UPLOADS, RESULTS) for path in (folder / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.suffix == ""}


def test_it_is_the_desk_that_was_backed_up(bench: Bench, backup: Path, elsewhere: Settings) -> None:
    restore_backup(elsewhere, backup, quietly)
    assert rows(elsewhere.database) == rows(bench.settings.database)
    assert rows(elsewhere.data_database) == rows(bench.settings.data_database)
    assert files(elsewhere.data) == files(bench.settings.data)
    assert {path.stat().st_mode & 0o077 for path in elsewhere.data.rglob("*") if path.is_file()} == {0}


def test_it_stands_still_and_names_the_jobs_that_had_not_ended(bench: Bench, backup: Path, elsewhere: Settings) -> None:
    manifest = restore_backup(elsewhere, backup, quietly)
    restored = Bench(elsewhere.data)
    assert restored.try_claim() is None
    with restored.database.read() as session:
        halt = halted(session)
        assert halt is not None
        assert halt.reason == f"This desk was restored from a back-up of {manifest.moment}."
    said = "\n".join(about_restored(restored.database, manifest, has_key=True))
    assert "3 jobs had not ended" in said
    for job in bench_jobs(bench):
        assert (f"job {job.number}: {job.job_type}" in said) == (job.state in {State.queued, State.checking})
    restored.close()


def bench_jobs(bench: Bench) -> Sequence[Job]:
    with bench.database.read() as session:
        found = session.exec(select(Job)).all()
        session.expunge_all()
    return found


def test_nobody_is_signed_in_and_no_link_works_again(bench: Bench, tmp_path: Path, elsewhere: Settings) -> None:
    user, later = bench.user.id, bench.user.created_at.replace(year=9000)
    with bench.database.write() as session:
        session.add(UserSession(fingerprint="a", user_id=user, expires_at=later))
        session.add(SignInLink(fingerprint="b", user_id=user, expires_at=later))
        session.add(Worker(id=user))
    take_backup(bench.settings, tmp_path / "backup", quietly)
    restore_backup(elsewhere, tmp_path / "backup", quietly)
    found = rows(elsewhere.database) | held(elsewhere, "session", "sign_in_link", "worker")
    assert (found["session"], found["sign_in_link"], found["worker"]) == ([], [], [])


def held(settings: Settings, *tables: str) -> dict[str, Sequence[object]]:
    database = Database(settings.database)
    with database.engine.connect() as connection:
        found: dict[str, Sequence[object]] = {
            name: connection.execute(SQLModel.metadata.tables[name].select()).all() for name in tables
        }
    database.close()
    return found


def test_it_goes_into_an_empty_place_only(backup: Path, bench: Bench, elsewhere: Settings, tmp_path: Path) -> None:
    before = files(bench.settings.data)
    with pytest.raises(Refused, match="is not empty"):
        restore_backup(bench.settings, backup, quietly)
    assert files(bench.settings.data) == before
    database = tmp_path / "other.sqlite3"
    database.write_text("somebody's")
    with pytest.raises(Refused, match="exists already"):
        restore_backup(elsewhere.model_copy(update={"database_url": f"sqlite:///{database}"}), backup, quietly)
    assert database.read_text() == "somebody's"
    assert list(elsewhere.data.iterdir()) == []


def test_a_back_up_that_is_not_whole_touches_nothing(backup: Path, elsewhere: Settings) -> None:
    next((backup / UPLOADS).iterdir()).unlink()
    with pytest.raises(BadBackup, match="can't be read"):
        restore_backup(elsewhere, backup, quietly)
    assert not elsewhere.data.exists()


def test_a_newer_one_is_left_alone(backup: Path, elsewhere: Settings) -> None:
    manifest = backup / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"schema": "{NEWEST}"', '"schema": "9999"'))
    with pytest.raises(NewerSchemaError, match="9999"):
        restore_backup(elsewhere, backup, quietly)
    assert not elsewhere.data.exists()


def test_an_older_one_is_brought_up_to_date(tmp_path: Path, elsewhere: Settings) -> None:
    old = Settings(data=tmp_path / "old")
    old.data.mkdir()
    database = Database(old.database)
    make_old(database)
    database.close()
    manifest = take_backup(old, tmp_path / "backup", quietly)
    assert manifest.schema == "0003"
    restore_backup(elsewhere, tmp_path / "backup", quietly)
    restored = Database(elsewhere.database)
    with restored.engine.connect() as connection:
        assert is_current(connection)
    add_user(restored, "Ann", Role.operator, "seven small boats")
    restored.close()


def make_old(database: Database) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    from webapp.store.migrate import MIGRATIONS  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.connect().execution_options(write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")


def test_killed_half_way_there_is_no_desk(backup: Path, elsewhere: Settings) -> None:
    arguments = [str(elsewhere.data), str(backup)]
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_COPYING, *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not list(elsewhere.data.glob("*.sqlite3"))


def test_a_failure_leaves_the_place_empty(backup: Path, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.backup.restore.migrate", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        restore_backup(elsewhere, backup, quietly)
    assert list(elsewhere.data.iterdir()) == []
    monkeypatch.undo()
    restore_backup(elsewhere, backup, quietly)


def test_what_is_lost_without_the_key_is_said_and_the_key_may_lie_there_already(
    bench: Bench, backup: Path, elsewhere: Settings
) -> None:
    elsewhere.data.mkdir()
    (elsewhere.data / KEY).write_bytes((bench.settings.data / KEY).read_bytes())
    manifest = restore_backup(elsewhere, backup, quietly)
    restored = Bench(elsewhere.data)
    assert lost_secrets(restored.database) == 1
    assert "1 jobs or schedules" in "\n".join(about_restored(restored.database, manifest, has_key=False))
    assert "secret" not in "\n".join(about_restored(restored.database, manifest, has_key=True))
    (locked,) = [job.secrets for job in bench_jobs(restored) if job.secrets]
    assert restored.shop.secrets.unlock(locked) == {"token": "hush"}
    restored.close()


def test_the_key_comes_back_with_a_back_up_that_holds_it(bench: Bench, tmp_path: Path, elsewhere: Settings) -> None:
    take_backup(bench.settings, tmp_path / "with key", quietly, with_key=True)
    restore_backup(elsewhere, tmp_path / "with key", quietly)
    assert (elsewhere.data / KEY).read_bytes() == (bench.settings.data / KEY).read_bytes()


def test_a_back_up_of_a_restored_desk_is_as_good(
    bench: Bench, backup: Path, elsewhere: Settings, tmp_path: Path
) -> None:
    restore_backup(elsewhere, backup, quietly)
    again = take_backup(elsewhere, tmp_path / "again", quietly)
    assert again.rows[DESK]["job"] == len(bench_jobs(bench))


def test_files_in_a_bucket_are_backed_up_and_put_into_another(
    tmp_path: Path, s3_place: str, s3_server: S3Server, elsewhere: Settings
) -> None:
    bench = Bench(tmp_path / "in a bucket", files=s3_place)
    done, waiting = bench.run("copy_table", items(5)).id, bench.submit("keep_rows", items(5))
    for path in files(bench.settings.data):
        (bench.settings.data / path).unlink()
    manifest = take_backup(bench.settings, tmp_path / "backup", quietly)
    assert (manifest.files, manifest.damaged) == (3, [])
    into = elsewhere.model_copy(update={"files": s3_place})
    with pytest.raises(Refused, match="another prefix"):
        restore_backup(into, tmp_path / "backup", quietly)
    bench.close()
    place = s3_server.new_place()
    restore_backup(elsewhere.model_copy(update={"files": place}), tmp_path / "backup", quietly)
    restored = Bench(elsewhere.data, files=place)
    go_on(restored.database, None)
    assert restored.results(done) == {"copy.txt": b"1\n2\n3\n4\n5\n"}
    assert restored.run_waiting(waiting).state is State.completed
    restored.close()


def test_a_desk_moves_into_postgresql_and_back_with_nothing_lost(
    bench: Bench, backup: Path, elsewhere: Settings, tmp_path: Path, postgres_url: str
) -> None:
    there = elsewhere.model_copy(update={"database_url": postgres_url})
    restore_backup(there, backup, quietly)
    with pytest.raises(Refused, match="There is a desk in PostgreSQL already"):
        restore_backup(there.model_copy(update={"data": tmp_path / "third"}), backup, quietly)
    moved = Bench(there.data, database_url=postgres_url)
    assert moved.try_claim() is None, "it stands still"
    go_on(moved.database, None)
    waiting = moved.submit("keep_rows", items(2))
    moved.close()
    again = take_backup(there, tmp_path / "again", quietly)
    assert again.engine == "postgresql"
    back = Settings(data=tmp_path / "back")
    restore_backup(back, tmp_path / "again", quietly)
    before, after = (everything(settings) for settings in (bench.settings, back))
    assert [row for row in after if str(waiting) not in row] == before
    assert rows(back.data_database) == rows(bench.settings.data_database)
    assert {name: held for name, held in files(back.data).items() if name in files(bench.settings.data)} == files(
        bench.settings.data
    )


def everything(settings: Settings) -> list[str]:
    """Each row of the desk's tables, as its columns say by themselves."""
    database = Database(settings.database)
    with database.engine.connect() as connection:
        tables = [table for name, table in SQLModel.metadata.tables.items() if name not in LEFT_BEHIND]
        found = [
            f"{table.name}: {dict(row)}" for table in tables for row in connection.execute(table.select()).mappings()
        ]
    database.close()
    return sorted(found)


@pytest.mark.parametrize("database_settings", ["postgresql"], indirect=True)
def test_a_desk_in_postgresql_is_backed_up_whole(bench: Bench, tmp_path: Path) -> None:
    manifest = take_backup(bench.settings, tmp_path / "backup", quietly)
    assert (manifest.engine, manifest.damaged) == ("postgresql", [])
    assert (manifest.rows[DESK]["job"], manifest.rows["data.sqlite3"]["kept"]) == (len(bench_jobs(bench)), 28)


def test_a_database_that_does_not_answer_is_said(backup: Path, elsewhere: Settings, tmp_path: Path) -> None:
    nobody = elsewhere.model_copy(
        update={"database_url": "postgresql+psycopg://127.0.0.1:1/desk", "data": tmp_path / "x"}
    )
    with pytest.raises(DeskError, match="database can't be used"):
        restore_backup(nobody, backup, quietly)
    with pytest.raises(DeskError, match="database can't be used"):
        take_backup(nobody, tmp_path / "another", quietly)
    assert list((tmp_path / "x").iterdir()) == []
    assert not list(tmp_path.glob("another*"))
