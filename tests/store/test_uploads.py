"""Receiving a file piece by piece, with the disk telling the truth."""

import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

import webapp.store.files
from tests.schema import bring_schema
from webapp.errors import DeskError, NoSpace, NotFound, Refused, TooLarge, TooMany
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.tables import Job, Role, State, Upload, User
from webapp.store.uploads import MOST_INCOMPLETE, Received, Uploads, clean_name

CONTENT = b"name,age\nAda,36\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class KilledError(BaseException):
    """Stands for the moment at which a process dies."""


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    bring_schema(database)
    yield Uploads(database, Files(tmp_path / "data"), largest=1_000_000, reserve=0)
    database.close()


@pytest.fixture
def owner(uploads: Uploads) -> UUID:
    return add_user(uploads, "ada")


def add_user(uploads: Uploads, name: str) -> UUID:
    with uploads.database.write() as session:
        user = User(name=name, role=Role.operator)
        session.add(user)
    return user.id


def rows(uploads: Uploads) -> list[Upload]:
    with uploads.database.read() as session:
        return list(session.exec(select(Upload)).all())


def paths(uploads: Uploads) -> list[str]:
    return sorted(path.name for path in (uploads.files.root / "uploads").iterdir())


def let_a_day_pass(uploads: Uploads) -> None:
    before = time.time() - 25 * 3600
    for path in (uploads.files.root / "uploads").iterdir():
        os.utime(path, (before, before))
    with uploads.database.write() as session:
        for row in session.exec(select(Upload)):
            row.created_at = now() - timedelta(hours=25)


def test_a_file_in_three_pieces_is_complete_after_the_last(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "contacts.csv", len(CONTENT))
    for start in range(0, len(CONTENT), 6000):
        assert uploads.received(upload) == start
        uploads.append(upload, start, CONTENT[start : start + 6000])

    complete = uploads.complete(upload)

    assert (complete.sha256, complete.size, complete.name) == (SHA256, len(CONTENT), "contacts.csv")
    assert rows(uploads) == [complete]
    assert uploads.files.upload(upload.id).read_bytes() == CONTENT


def test_completing_twice_or_from_two_threads_is_harmless(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", len(CONTENT))
    uploads.append(upload, 0, CONTENT)

    with ThreadPoolExecutor(8) as pool:
        hashes = {row.sha256 for row in pool.map(uploads.complete, [upload] * 8)}

    assert hashes == {SHA256}
    assert uploads.complete(rows(uploads)[0]).sha256 == SHA256


def test_an_unfinished_file_cannot_be_completed(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 10)
    uploads.append(upload, 0, b"12345")

    with pytest.raises(Refused, match="5 of 10 bytes"):
        uploads.complete(upload)

    assert rows(uploads)[0].sha256 is None


def test_pieces_out_of_order_missing_or_twice_are_refused(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 10)
    uploads.append(upload, 0, b"12345")

    for offset in (0, 4, 6):
        with pytest.raises(Refused):
            uploads.append(upload, offset, b"X")

    assert uploads.files.part(upload.id).read_bytes() == b"12345"


def test_two_senders_of_the_same_upload_never_mix_their_bytes(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", len(CONTENT))

    def send(_: int) -> int:
        wins = 0
        for start in range(0, len(CONTENT), 100):
            try:
                uploads.append(upload, start, CONTENT[start : start + 100])
                wins += 1
            except Refused:
                continue
        return wins

    with ThreadPoolExecutor(4) as pool:
        wins = sum(pool.map(send, range(4)))

    received = uploads.received(upload)
    assert received == wins * 100
    assert uploads.files.part(upload.id).read_bytes() == CONTENT[:received]
    if received == len(CONTENT):
        assert uploads.complete(upload).sha256 == SHA256


def test_more_bytes_than_declared_are_never_stored(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 10)

    with pytest.raises(TooLarge):
        uploads.append(upload, 0, b"x" * 11)

    assert uploads.received(upload) == 0


def test_nothing_is_added_to_a_complete_file(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 0)

    with pytest.raises(DeskError):
        uploads.append(upload, 0, b"x")


def test_an_empty_file_is_complete_at_once(uploads: Uploads, owner: UUID) -> None:
    assert uploads.create(owner, "empty.csv", 0).sha256 == hashlib.sha256(b"").hexdigest()


def test_a_file_that_is_too_large_leaves_nothing(uploads: Uploads, owner: UUID) -> None:
    with pytest.raises(TooLarge, match=r"up to 1\.0 MB"):
        uploads.create(owner, "a.csv", 1_000_001)

    assert (rows(uploads), paths(uploads)) == ([], [])


def test_a_disk_without_room_refuses_before_and_during(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 10)
    full = Uploads(uploads.database, uploads.files, 1_000_000, reserve=uploads.files.free() * 2)

    with pytest.raises(NoSpace):
        full.create(owner, "b.csv", 10)
    with pytest.raises(NoSpace):
        full.append(upload, 0, b"x")

    assert paths(uploads) == [f"{upload.id}.part"]


def test_a_user_has_only_so_many_unfinished_uploads(uploads: Uploads, owner: UUID) -> None:
    for _ in range(MOST_INCOMPLETE):
        first = uploads.create(owner, "a.csv", 10)
    with pytest.raises(TooMany):
        uploads.create(owner, "b.csv", 10)
    assert len(paths(uploads)) == MOST_INCOMPLETE

    uploads.create(add_user(uploads, "bob"), "b.csv", 10)
    uploads.abandon(first)
    uploads.create(owner, "b.csv", 10)


def test_an_upload_of_somebody_else_is_not_there(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 10)

    assert uploads.find(owner, upload.id) == upload
    for asker, asked in ((add_user(uploads, "bob"), upload.id), (owner, new_id())):
        with pytest.raises(NotFound):
            uploads.find(asker, asked)


def test_an_abandoned_upload_leaves_nothing(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 10)
    uploads.append(upload, 0, b"12345")

    uploads.abandon(upload)
    uploads.abandon(upload)

    assert (rows(uploads), paths(uploads)) == ([], [])
    with pytest.raises(NotFound):
        uploads.append(upload, 5, b"6")
    with pytest.raises(NotFound):
        uploads.complete(upload)


def test_the_file_of_a_job_cannot_be_abandoned(uploads: Uploads, owner: UUID) -> None:
    upload = uploads.create(owner, "a.csv", 0)
    with uploads.database.write() as session:
        session.add(Job(number=1, owner_id=owner, job_type="clean_csv", state=State.draft, upload_id=upload.id))

    with pytest.raises(Refused):
        uploads.abandon(upload)

    assert paths(uploads) == [str(upload.id)]


def test_uploads_that_led_to_nothing_are_gone_after_a_day_of_silence(uploads: Uploads, owner: UUID) -> None:
    silent = uploads.create(owner, "silent.csv", 10)
    uploads.create(owner, "never used.csv", 0)
    used = uploads.create(owner, "used.csv", 0)
    with uploads.database.write() as session:
        session.add(Job(number=1, owner_id=owner, job_type="any", state=State.completed, upload_id=used.id))
    growing = uploads.create(owner, "growing.csv", 10)
    let_a_day_pass(uploads)
    uploads.append(growing, 0, b"slowly")
    young = uploads.create(owner, "young.csv", 10)

    assert uploads.expire() == 2

    assert {row.id for row in rows(uploads)} == {used.id, growing.id, young.id}
    assert f"{silent.id}.part" not in paths(uploads)


def test_a_kill_at_any_point_of_completing_leaves_what_can_be_completed(
    uploads: Uploads, owner: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KilledError

    for place, name in ((os, "fsync"), (Path, "rename"), (webapp.store.files, "sync_folder"), (Database, "write")):
        upload = uploads.create(owner, f"{name}.csv", len(CONTENT))
        uploads.append(upload, 0, CONTENT)
        with monkeypatch.context() as patch:
            patch.setattr(place, name, die)
            with pytest.raises(KilledError):
                uploads.complete(upload)

        restarted = Uploads(uploads.database, Files(uploads.files.root), 1_000_000, reserve=0)
        row = restarted.find(owner, upload.id)
        assert row.sha256 is None
        assert restarted.received(row) == len(CONTENT)
        assert restarted.complete(row).sha256 == SHA256


def test_files_received_in_one_go_are_recorded_together(uploads: Uploads, owner: UUID) -> None:
    whole = Received(new_id(), "a.csv", 3, "aa")
    with pytest.raises(IntegrityError):
        uploads.add(owner, [whole, Received(whole.id, "b.csv", 3, "bb")])
    assert rows(uploads) == []

    (row,) = uploads.add(owner, [Received(whole.id, "../../a.csv", 3, "aa")])
    assert (row.name, row.size, row.sha256) == ("a.csv", 3, "aa")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("contacts.csv", "contacts.csv"),
        ("../../etc/passwd", "passwd"),
        ("a/b", "b"),
        ("C:\\Users\\Ada\\list.csv", "list.csv"),
        ("folder/", "folder"),
        ("\0", "file"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie: x.csv"),
        ("", "file"),
        (".", "file"),
        ("..", "file"),
        (" ", "file"),
        ("/", "file"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ('";x="', '";x="'),
        ("👩‍🔬.csv", "👩‍🔬.csv"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("Zoe\u0308.csv", "Zoë.csv"),
        ("CON", "CON"),
        ("trailing.", "trailing."),
        ("half \ud800.csv", "half .csv"),
        ("x" * 5000 + ".csv", "x" * 251 + ".csv"),
        ("x" * 5000, "x" * 255),
    ],
)
def test_a_name_is_kept_as_text_only(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text())
def test_any_name_becomes_one_that_can_be_stored_and_shown(name: str) -> None:
    cleaned = clean_name(name)

    assert 0 < len(cleaned) <= 255
    assert cleaned == clean_name(cleaned)
    assert cleaned.encode()
    assert not set(cleaned) & {"/", "\\", "\0", "\n", "\r"}
