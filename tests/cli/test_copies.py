"""`batchdesk backup`, `restore` and `resume`."""

from pathlib import Path

import pytest
from sqlmodel import select

from tests.cli.commands import Run, add
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Upload, User


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
