"""Whole files kept in S3: put before a row says so, the same bytes on every machine, and the folder only a cache."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from obstore.store import S3Store

from webapp.accounts import add_user
from webapp.errors import NoSpace, StorageTrouble
from webapp.kit import new_id
from webapp.store.cache import LEFT_ALONE_S
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.tables import Role, Upload
from webapp.store.uploads import Uploads
from webapp.store.vault import MissingStorageError, Vault, open_vault

CONTENT = os.urandom(6_000_000)  # more than one part of a multipart upload


@pytest.fixture
def vault(s3_place: str) -> Vault:
    vault = open_vault(s3_place)
    assert vault is not None
    return vault


@pytest.fixture
def here(tmp_path: Path, vault: Vault) -> Files:
    """The files of one machine."""
    return Files(tmp_path / "here", vault, cache=0)


@pytest.fixture
def there(tmp_path: Path, s3_place: str) -> Files:
    """The files of another machine, with the same storage."""
    return Files(tmp_path / "there", open_vault(s3_place), cache=0)


@pytest.fixture
def nobody_answers(monkeypatch: pytest.MonkeyPatch, s3_place: str) -> Vault:
    """The storage when its server is gone."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
    vault = open_vault(s3_place)
    assert vault is not None
    return vault


def received(files: Files, content: bytes = CONTENT) -> UUID:
    upload = new_id()
    with files.write_upload(upload) as file:
        file.write(content)
    return upload


def names(vault: Vault) -> set[str]:
    return {name for folder in ("uploads", "results") for name, _ in vault.names(folder)}


def long_ago(path: Path) -> None:
    os.utime(path, (0, path.stat().st_mtime - LEFT_ALONE_S * 30))


def test_what_one_machine_has_received_another_reads(here: Files, there: Files, vault: Vault) -> None:
    upload = received(here)
    assert names(vault) == {f"uploads/{upload}"}
    assert there.upload(upload).read_bytes() == CONTENT
    assert there.upload(upload).stat().st_mode & 0o077 == 0
    job, result = new_id(), new_id()
    with there.write_result(job, result) as file:
        file.write(b"made there")
    assert here.result(job, result).read_bytes() == b"made there"


def test_an_upload_in_pieces_is_put_when_it_is_whole(here: Files, there: Files, vault: Vault) -> None:
    upload = new_id()
    here.begin_upload(upload)
    here.append(upload, 0, b"one ")
    assert names(vault) == set()
    here.append(upload, 4, b"two")
    here.keep_upload(upload)
    assert there.upload(upload).read_bytes() == b"one two"


def test_a_file_that_nobody_has_is_missing_as_always(here: Files) -> None:
    upload = new_id()
    assert not here.upload(upload).exists()
    assert list(here.upload(upload).parent.iterdir()) == []


def test_what_is_dropped_is_dropped_everywhere(here: Files, vault: Vault) -> None:
    upload, job, result = received(here), new_id(), new_id()
    with here.write_result(job, result) as file:
        file.write(b"x")
    here.drop_result(job, result)
    here.drop_upload(upload)
    here.drop_upload(upload)
    assert names(vault) == set()


def test_no_row_says_whole_before_the_file_is_kept(
    database: Database, tmp_path: Path, vault: Vault, nobody_answers: Vault
) -> None:
    owner = add_user(database, "Ann", Role.operator, "seven small boats").id
    uploads = Uploads(database, Files(tmp_path / "data", nobody_answers), largest=100, reserve=0)
    upload = uploads.create(owner, "a.csv", 3)
    uploads.append(upload, 0, b"abc")
    with pytest.raises(StorageTrouble, match="Nothing is lost"):
        uploads.complete(upload)
    assert uploads.find(owner, upload.id).sha256 is None
    answering = Uploads(database, Files(tmp_path / "data", vault), largest=100, reserve=0)
    assert answering.complete(upload).sha256 is not None
    assert names(vault) == {f"uploads/{upload.id}"}


def test_a_whole_upload_counts_as_received_on_every_machine(database: Database, there: Files) -> None:
    owner = add_user(database, "Ann", Role.operator, "seven small boats").id
    uploads = Uploads(database, there, largest=100, reserve=0)
    whole = Upload(owner_id=owner, name="a.csv", size=7, sha256="0" * 64)
    assert uploads.received(whole) == 7


def test_storage_that_does_not_answer_is_said(tmp_path: Path, nobody_answers: Vault) -> None:
    files = Files(tmp_path / "data", nobody_answers)
    for deed in (lambda: files.upload(new_id()), lambda: received(files), lambda: names(nobody_answers)):
        with pytest.raises(StorageTrouble, match="does not answer"):
            deed()
    files.drop_upload(new_id())  # what can't be removed now is swept later
    assert not list((tmp_path / "data" / "uploads").glob("*.part"))


def test_a_file_that_comes_back_changed_is_not_used(here: Files, there: Files, s3_place: str) -> None:
    upload = received(here)
    store = S3Store.from_url(s3_place, client_options={"allow_http": True})
    sha256 = store.get(f"uploads/{upload}").attributes["sha256"]
    store.put(f"uploads/{upload}", b"somebody else's", attributes={"sha256": sha256})
    with pytest.raises(StorageTrouble, match="damaged"):
        there.upload(upload)
    assert list((there.root / "uploads").iterdir()) == []


def test_what_belongs_to_no_row_is_swept_there_too(here: Files, there: Files, vault: Vault) -> None:
    known, unknown = received(here), received(here)
    job, result, old = new_id(), new_id(), new_id()
    for file_id in (result, old):
        with here.write_result(job, file_id) as file:
            file.write(b"x")
    assert there.sweep(uploads={known}, results={result}, jobs=()) == 0, "they are not a day old"
    assert there.sweep(uploads={known}, results={result}, jobs=(), older_than=timedelta(seconds=-5)) == 2
    assert names(vault) == {f"uploads/{known}", f"results/{job}/{result}"}
    assert unknown


def test_what_only_this_machine_has_is_put_there(tmp_path: Path, vault: Vault) -> None:
    before = Files(tmp_path / "desk")
    upload = received(before)
    assert names(vault) == set()
    Files(tmp_path / "desk", vault).sweep(uploads={upload}, results=(), jobs=())
    assert names(vault) == {f"uploads/{upload}"}


def test_only_the_latest_used_files_are_kept_at_hand(tmp_path: Path, vault: Vault) -> None:
    files = Files(tmp_path / "desk", vault, cache=25)
    old, used, busy, new = (received(files, b"x" * 10) for _ in range(4))
    for upload in (old, used, busy):
        long_ago(files.upload(upload))
    alone = Files(tmp_path / "desk")
    mine = received(alone, b"x" * 10)
    long_ago(alone.upload(mine))
    files.upload(used)
    assert files.make_room({busy}) == 1
    at_hand = {path.name for path in (tmp_path / "desk" / "uploads").iterdir()}
    assert at_hand == {str(used), str(busy), str(new), str(mine)}, "what only this machine has is not removed"
    assert files.upload(old).read_bytes() == b"x" * 10


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("small_disk", [100], indirect=True)
def test_a_disk_without_room_for_it_is_said(here: Files, small_disk: Path, vault: Vault) -> None:
    upload = received(here)
    full = Files(small_disk / "data", vault)
    with pytest.raises(NoSpace):
        full.upload(upload)
    assert list((small_disk / "data" / "uploads").iterdir()) == []


def test_without_what_speaks_to_it_the_start_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['obstore'] = None; sys.modules['obstore.exceptions'] = None\n"
        "from webapp.store.vault import MissingStorageError, open_vault\n"
        "try: open_vault('s3://bucket')\n"
        "except MissingStorageError as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "install batchdesk[s3]" in said
    assert MissingStorageError.__mro__[1] is Exception


def test_without_an_address_there_is_none() -> None:
    assert open_vault(None) is None
