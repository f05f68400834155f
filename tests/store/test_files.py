"""Files on disk: whole or absent, named by id, readable by the desk alone."""

import csv
import errno
import hashlib
import io
import os
import time
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest

from webapp.errors import NoSpace, NotFound, Refused
from webapp.kit import new_id
from webapp.store.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "data")


def everything(files: Files) -> list[Path]:
    return [path for path in files.root.rglob("*") if path.is_file()]


def make_old(path: Path) -> None:
    before = time.time() - 25 * 3600
    os.utime(path, (before, before))


def test_folders_and_files_are_the_owners_only(files: Files) -> None:
    upload = new_id()
    files.begin_upload(upload)
    with files.write_result(new_id(), new_id()) as file:
        file.write(b"x")
    files.scratch(new_id(), 1)

    for path in files.root.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_an_upload_grows_at_its_end_only(files: Files) -> None:
    upload = new_id()
    files.begin_upload(upload)

    assert files.append(upload, 0, b"abc") == 3
    assert files.append(upload, 3, b"de") == 5
    for offset in (0, 3, 4, 6):
        with pytest.raises(Refused):
            files.append(upload, offset, b"X")

    assert files.received(upload) == 5
    assert files.part(upload).read_bytes() == b"abcde"


def test_an_upload_has_its_final_name_only_when_kept(files: Files) -> None:
    upload = new_id()
    files.begin_upload(upload)
    files.append(upload, 0, b"abc")
    assert not files.upload(upload).exists()

    assert files.keep_upload(upload) == hashlib.sha256(b"abc").hexdigest()

    assert files.upload(upload).read_bytes() == b"abc"
    assert not files.part(upload).exists()
    assert files.received(upload) == 3


def test_keeping_twice_gives_the_same_hash(files: Files) -> None:
    upload = new_id()
    files.begin_upload(upload)
    files.append(upload, 0, b"abc")

    assert files.keep_upload(upload) == files.keep_upload(upload)


def test_a_hash_goes_on_after_a_restart(files: Files) -> None:
    upload = new_id()
    files.begin_upload(upload)
    files.append(upload, 0, b"before ")

    restarted = Files(files.root)
    restarted.append(upload, 7, b"after")

    assert restarted.keep_upload(upload) == hashlib.sha256(b"before after").hexdigest()


def test_a_hash_is_of_the_bytes_on_disk_when_another_process_wrote_some(files: Files) -> None:
    upload = new_id()
    files.begin_upload(upload)
    files.append(upload, 0, b"one")
    Files(files.root).append(upload, 3, b"two")
    files.append(upload, 6, b"three")

    assert files.keep_upload(upload) == hashlib.sha256(b"onetwothree").hexdigest()


def test_nothing_is_appended_to_what_is_kept_or_dropped(files: Files) -> None:
    kept, dropped = new_id(), new_id()
    for upload in (kept, dropped):
        files.begin_upload(upload)
    files.keep_upload(kept)
    files.drop_upload(dropped)

    for upload in (kept, dropped):
        with pytest.raises(NotFound):
            files.append(upload, 0, b"x")
    with pytest.raises(NotFound):
        files.received(dropped)
    with pytest.raises(NotFound):
        files.keep_upload(dropped)
    assert everything(files) == [files.upload(kept)]


def test_dropping_an_upload_takes_its_prepared_copies_along(files: Files) -> None:
    upload, other = new_id(), new_id()
    for each in (upload, other):
        files.begin_upload(each)
        files.keep_upload(each)
        for way in (".first", ".second", ".second.half.part"):
            copy = files.prepared(each)
            copy.with_name(copy.name + way).write_bytes(b"as UTF-8")

    files.drop_upload(upload)

    assert {path.name.split(".")[0] for path in everything(files)} == {str(other)}
    assert len(everything(files)) == 4


def test_a_full_disk_is_said_and_what_fitted_is_kept(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = new_id()
    files.begin_upload(upload)
    write = os.pwrite

    def write_three_bytes_then_no_more(descriptor: int, data: memoryview, offset: int) -> int:
        if offset >= 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[:3], offset)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", write_three_bytes_then_no_more)
        with pytest.raises(NoSpace):
            files.append(upload, 0, b"abcdef")

    assert files.received(upload) == 3
    files.append(upload, 3, b"def")
    assert files.keep_upload(upload) == hashlib.sha256(b"abcdef").hexdigest()


def test_a_result_is_counted_and_hashed_on_the_way(files: Files) -> None:
    job, name = new_id(), new_id()
    with files.write_result(job, name) as file:
        file.write(b"a,b\n")
        file.write(memoryview(b"1,2\n"))
        assert not files.result(job, name).exists()

    assert (file.bytes, file.sha256) == (8, hashlib.sha256(b"a,b\n1,2\n").hexdigest())
    assert files.result(job, name).read_bytes() == b"a,b\n1,2\n"


def test_a_result_that_failed_is_absent(files: Files) -> None:
    def write_half() -> NoReturn:
        with files.write_result(new_id(), new_id()) as file:
            file.write(b"half a fi")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()

    assert everything(files) == []


def test_a_result_that_could_not_be_made_durable_is_absent(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write_all() -> None:
        with files.write_result(new_id(), new_id()) as file:
            file.write(b"all of it")
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(NoSpace):
        write_all()

    assert everything(files) == []


def test_text_and_archives_can_be_written_into_a_result(files: Files) -> None:
    job, table, archive = new_id(), new_id(), new_id()
    with files.write_result(job, table) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
        csv.writer(text).writerow(["Zoë", 1])
    with files.write_result(job, archive) as file, zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("a.txt", "hello")

    assert files.result(job, table).read_text("utf-8") == "Zoë,1\n"
    with zipfile.ZipFile(files.result(job, archive)) as zipped:
        assert zipped.read("a.txt") == b"hello"
    assert file.sha256 == hashlib.sha256(files.result(job, archive).read_bytes()).hexdigest()


def test_the_reserve_of_the_disk_stays_free(files: Files) -> None:
    free = files.free()
    assert free > 0
    files.require_space(1, reserve=0)
    with pytest.raises(NoSpace):
        files.require_space(1, reserve=free * 2)


def test_scratch_is_a_claims_own_and_goes_at_once_with_that_of_earlier_claims(files: Files) -> None:
    job, other = new_id(), new_id()
    for job_id, fence in ((job, 9), (job, 10), (job, 11), (other, 1)):
        (files.scratch(job_id, fence) / f"x{fence}").write_text("x")

    files.clear_scratch(job, 10)
    files.clear_scratch(job, 10)

    assert sorted(path.name for path in everything(files)) == ["x1", "x11"]


def test_the_sweep_takes_old_orphans_and_nothing_else(files: Files) -> None:
    known, orphan, fresh, job, result, lost, running, over = (new_id() for _ in range(8))
    for upload in (known, orphan, fresh):
        files.begin_upload(upload)
    files.prepared(orphan).with_name(files.prepared(orphan).name + ".first").touch()
    for name in (result, lost):
        with files.write_result(job, name) as file:
            file.write(b"x")
    for name in (running, over):
        files.scratch(name, 1)
    for path in [*files.root.glob("*/*"), *files.root.glob("results/*/*")]:
        if path != files.part(fresh):
            make_old(path)

    removed = files.sweep(uploads={known}, results={result}, jobs={running})

    assert removed == 4
    assert set(everything(files)) == {files.part(known), files.part(fresh), files.result(job, result)}
    assert [path.name for path in (files.root / "scratch").iterdir()] == [f"{running}.1"]


def test_dropping_a_result_leaves_the_others(files: Files) -> None:
    job, one, other = new_id(), new_id(), new_id()
    for file_id in (one, other):
        with files.write_result(job, file_id) as file:
            file.write(b"x")

    files.drop_result(job, one)
    files.drop_result(job, one)

    assert everything(files) == [files.result(job, other)]
