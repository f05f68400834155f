"""A back-up is whole and checked under its name, or not there."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import col, select

from tests.backup.conftest import quietly
from tests.jobs.bench import Bench
from webapp.backup.collect import REMOVED_MEANWHILE
from webapp.backup.manifest import DATA, DESK, KEY, MANIFEST, RESULTS, UPLOADS, Manifest
from webapp.backup.moment import open_copy
from webapp.backup.steps import Step, Tick
from webapp.backup.take import take_backup
from webapp.backup.verify import verify
from webapp.errors import BadBackup, NoSpace, NotFound, Refused
from webapp.jobs.lifecycle import ENDED
from webapp.jobs.removal import Removals
from webapp.settings import Settings
from webapp.store.tables import Job, ResultFile, Upload

ROOT = Path(__file__).resolve().parents[2]
DIE_WHILE_COPYING = """
import os, signal, sys
from pathlib import Path
from webapp.backup.take import take_backup
from webapp.settings import Settings
def step(words, size):
    if words == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
    from tests.backup.conftest import quietly
    return quietly(words, size)
take_backup(Settings(data=Path(sys.argv[1])), Path(sys.argv[2]), step)
"""


def at(wanted: str, deed: Callable[[], object]) -> Step:
    """Steps of which one does something first."""

    @contextmanager
    def step(words: str, _size: int) -> Iterator[Tick]:
        if words == wanted:
            deed()
        yield lambda _: None

    return step


def files_of(backup: Path) -> list[Path]:
    return sorted(path for folder in (UPLOADS, RESULTS) for path in (backup / folder).rglob("*") if path.is_file())


def test_it_holds_the_databases_and_every_file_that_a_row_names(bench: Bench, tmp_path: Path) -> None:
    manifest = take_backup(bench.settings, tmp_path / "backup", quietly)
    with bench.database.read() as session:
        jobs, results = len(session.exec(select(Job)).all()), len(session.exec(select(ResultFile)).all())
        uploads = len(session.exec(select(Upload).where(col(Upload.sha256).is_not(None))).all())
    assert (manifest.rows[DESK]["job"], manifest.rows[DATA]["kept"]) == (jobs, 28)
    assert manifest.files == uploads + results == len(files_of(tmp_path / "backup"))
    assert manifest.rows[DESK]["upload"] == uploads, "what is still arriving is left out"
    assert verify(tmp_path / "backup", quietly) == manifest
    assert {path.stat().st_mode & 0o077 for path in files_of(tmp_path / "backup")} == {0}


def test_it_replaces_nothing(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "backup").mkdir()
    with pytest.raises(Refused, match="exists already"):
        take_backup(bench.settings, tmp_path / "backup", quietly)
    with pytest.raises(Refused, match="inside the desk's own folder"):
        take_backup(bench.settings, bench.settings.data / "backup", quietly)
    with pytest.raises(NotFound, match="does not exist"):
        take_backup(bench.settings, tmp_path / "no" / "backup", quietly)
    with pytest.raises(NotFound, match="no desk"):
        take_backup(Settings(data=tmp_path / "nothing"), tmp_path / "new", quietly)
    assert not (tmp_path / "new").exists()


def test_two_to_the_same_place_are_one_too_many(bench: Bench, tmp_path: Path) -> None:
    refused: list[str] = []

    def another() -> None:
        with pytest.raises(Refused) as refusal:
            take_backup(bench.settings, tmp_path / "backup", quietly)
        refused.append(str(refusal.value))

    take_backup(bench.settings, tmp_path / "backup", at("Copying files", another))
    assert refused == [f"Another back-up to {tmp_path / 'backup'} is under way."]
    verify(tmp_path / "backup", quietly)


def test_a_file_that_is_removed_meanwhile_is_left_out_with_its_row(bench: Bench, tmp_path: Path) -> None:
    def remove_results() -> None:
        with bench.database.write() as session:
            for file in session.exec(select(ResultFile)):
                session.delete(file)
                bench.shop.files.drop_result(file.job_id, file.id)

    manifest = take_backup(bench.settings, tmp_path / "backup", at("Copying files", remove_results))
    assert (manifest.rows[DESK]["file"], manifest.damaged) == (0, [])
    assert manifest.files == len(files_of(tmp_path / "backup"))


def test_a_job_whose_file_is_removed_meanwhile_is_left_out_with_all_that_it_held(bench: Bench, tmp_path: Path) -> None:
    with bench.database.read() as session:
        job = session.exec(select(Job).where(col(Job.state).in_(ENDED), col(Job.upload_id).is_not(None))).first()
    assert job is not None

    def remove() -> None:
        Removals(bench.database, bench.shop.files, bench.data).remove(bench.user, job.id)

    manifest = take_backup(bench.settings, tmp_path / "backup", at("Copying files", remove))
    assert verify(tmp_path / "backup", quietly) == manifest
    with open_copy(tmp_path / "backup" / DESK).connect() as copy:
        left = copy.execute(select(Job.upload_id, Job.removal, Job.removed_at).where(col(Job.id) == job.id)).one()
    assert left == (None, REMOVED_MEANWHILE, None), "a desk that is restored goes on with it"


def test_a_file_that_the_desk_has_lost_is_named(bench: Bench, tmp_path: Path) -> None:
    uploads = [path for path in sorted((bench.settings.data / UPLOADS).iterdir()) if path.suffix == ""]
    uploads[0].unlink()
    uploads[1].write_bytes(b"x" + uploads[1].read_bytes()[1:])
    manifest = take_backup(bench.settings, tmp_path / "backup", quietly)
    assert sorted(manifest.damaged) == [f"{UPLOADS}/{path.name}" for path in uploads[:2]]
    assert verify(tmp_path / "backup", quietly) == manifest, "the rest of it is whole"


def test_the_key_is_not_beside_what_it_unlocks_unless_it_is_asked_for(bench: Bench, tmp_path: Path) -> None:
    assert take_backup(bench.settings, tmp_path / "one", quietly).key is None
    assert not (tmp_path / "one" / KEY).exists()
    assert take_backup(bench.settings, tmp_path / "two", quietly, with_key=True).key is not None
    assert (tmp_path / "two" / KEY).read_bytes() == (bench.settings.data / KEY).read_bytes()
    (bench.settings.data / KEY).unlink()
    with pytest.raises(NotFound, match="no secret"):
        take_backup(bench.settings, tmp_path / "three", quietly, with_key=True)
    assert not list(tmp_path.glob("three*"))


@pytest.mark.parametrize("step", ["Copying data.sqlite3", "Copying files", "Checking the back-up"])
def test_killed_half_way_it_has_no_name_and_is_in_nobodys_way(bench: Bench, tmp_path: Path, step: str) -> None:
    arguments = [str(bench.settings.data), str(tmp_path / "backup"), step]
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_COPYING, *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "backup").exists()
    take_backup(bench.settings, tmp_path / "backup", quietly)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]


def test_a_failure_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_backup(bench.settings, tmp_path / "backup", at("Copying files", fail))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("small_disk", [64, 420], indirect=True, ids=["for the databases", "for the files"])
def test_a_full_disk_is_said_and_nothing_is_left(bench: Bench, small_disk: Path) -> None:
    bench.upload(b"x" * 200_000)
    with pytest.raises(NoSpace, match="does not fit"):
        take_backup(bench.settings, small_disk / "backup", quietly)
    assert list(small_disk.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("small_disk", [320], indirect=True)
def test_a_disk_that_lacks_a_little_is_called_full_whatever_sqlite_calls_it(bench: Bench, small_disk: Path) -> None:
    bench.upload(b"x" * 200_000)
    for size in range(320, 440, 8):
        subprocess.run(["mount", "-o", f"remount,size={size}k", small_disk], check=True)
        with pytest.raises(NoSpace, match="does not fit"):
            take_backup(bench.settings, small_disk / "backup", quietly)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("small_disk", [600], indirect=True)
def test_a_disk_that_fills_up_meanwhile_is_said_and_nothing_is_left(bench: Bench, small_disk: Path) -> None:
    bench.upload(b"x" * 200_000)
    fill = at("Copying files", lambda: (small_disk / "others").write_bytes(b"x" * 250_000))
    with pytest.raises(NoSpace, match="does not fit"):
        take_backup(bench.settings, small_disk / "backup", fill)
    assert [path.name for path in small_disk.iterdir()] == ["others"]


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("part", [DESK, DATA, UPLOADS, RESULTS, KEY, MANIFEST])
def test_a_bit_that_has_turned_is_found(bench: Bench, tmp_path: Path, part: str) -> None:
    backup = tmp_path / "backup"
    take_backup(bench.settings, backup, quietly, with_key=True)
    place = backup / part
    files = [place] if place.is_file() else [path for path in files_of(backup) if path.is_relative_to(place)]
    if part == MANIFEST:
        place.write_text(place.read_text().replace('"kept": 28', '"kept": 27'))
    else:
        spoil(files[0])
    with pytest.raises(BadBackup):
        verify(backup, quietly)
    files[0].unlink()
    with pytest.raises(BadBackup):
        verify(backup, quietly)


def test_a_manifest_says_what_was_written(bench: Bench, tmp_path: Path) -> None:
    manifest = take_backup(bench.settings, tmp_path / "backup", quietly)
    assert Manifest.read(tmp_path / "backup") == manifest
