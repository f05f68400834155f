"""All machines of a desk have its key and its files: one that has not is told so at its start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.s3 import S3Server
from tests.schema import bring_schema
from webapp.errors import StorageTrouble
from webapp.store.database import Database
from webapp.store.shared import KEY, MARK, NotSharedError, Place, begin_here, require_shared
from webapp.store.tables import Activity


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'desk.sqlite3'}")
    bring_schema(made)
    yield made
    made.close()


@pytest.fixture
def first(tmp_path: Path, database: Database) -> Place:
    """The machine where the desk was begun."""
    place = machine(tmp_path / "first")
    require_shared(database, place)
    return place


def machine(folder: Path, address: str | None = None, key: bytes | None = None) -> Place:
    folder.mkdir()
    if key:
        (folder / KEY).write_bytes(key)
    return Place(folder, address)


def key_of(place: Place) -> bytes:
    return (place.folder / KEY).read_bytes()


def test_the_first_start_makes_both_and_each_later_one_finds_them(database: Database, first: Place) -> None:
    assert {path.stat().st_mode & 0o777 for path in (first.folder / KEY, first.folder / MARK)} == {0o600}
    require_shared(database, first)


@pytest.mark.parametrize(
    ("key", "said"), [(None, "is not there"), (Fernet.generate_key(), "is another one than")], ids=["none", "another"]
)
def test_a_machine_with_another_key_or_none_does_not_start_and_makes_none(
    key: bytes | None, said: str, tmp_path: Path, database: Database, first: Place
) -> None:
    second = machine(tmp_path / "second", key=key)
    with pytest.raises(NotSharedError, match=rf"second/secret\.key {said}.*Copy it there from the machine where"):
        require_shared(database, second)
    assert second.key() is None or key_of(second) == key
    assert key_of(first) != key


def test_a_machine_with_files_of_its_own_does_not_start(tmp_path: Path, database: Database, first: Place) -> None:
    second = machine(tmp_path / "second", key=key_of(first))
    with pytest.raises(NotSharedError, match=r"files are not in .*second.*the same BATCHDESK_DATA folder, or the same"):
        require_shared(database, second)


def test_machines_with_one_storage_share_the_files_wherever_their_folders_are(
    tmp_path: Path, database: Database, s3_place: str, s3_server: S3Server
) -> None:
    one = machine(tmp_path / "one", s3_place)
    require_shared(database, one)
    two = machine(tmp_path / "two", s3_place, key_of(one))
    require_shared(database, two)
    assert two.files() == one.files()
    other = machine(tmp_path / "other", s3_server.new_place(), key_of(one))
    with pytest.raises(NotSharedError, match="files are not in s3://"):
        require_shared(database, other)


def test_a_desk_that_moves_its_files_into_a_storage_is_the_same_desk(
    tmp_path: Path, database: Database, first: Place, s3_place: str
) -> None:
    early = machine(tmp_path / "early", s3_place, key_of(first))
    with pytest.raises(NotSharedError, match="files are not in"):
        require_shared(database, early)
    moved = Place(first.folder, s3_place)
    require_shared(database, moved)
    require_shared(database, early)
    with pytest.raises(NotSharedError, match="files are not in"):
        require_shared(database, first)  # its files are elsewhere now


def test_a_start_with_a_wrong_storage_is_forgotten(
    tmp_path: Path, database: Database, first: Place, s3_place: str
) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    bring_schema(other)
    require_shared(other, machine(tmp_path / "other", s3_place))
    other.close()
    with pytest.raises(NotSharedError):
        require_shared(database, Place(first.folder, s3_place))
    require_shared(database, first)


def test_a_bucket_that_is_not_there_is_said(tmp_path: Path, database: Database, s3_place: str) -> None:
    assert s3_place
    with pytest.raises(StorageTrouble, match=r"The bucket of BATCHDESK_FILES is not there\. Make it"):
        require_shared(database, machine(tmp_path / "one", "s3://nobody-made-this/desk"))


def test_an_administrator_may_begin_anew_where_the_key_or_the_files_are_lost(
    tmp_path: Path, database: Database, first: Place
) -> None:
    second = machine(tmp_path / "second")
    begin_here(database, second)
    require_shared(database, second)
    with pytest.raises(NotSharedError):
        require_shared(database, first)


def test_a_restored_desk_begins_where_it_is_started(tmp_path: Path, database: Database, first: Place) -> None:
    assert first.key()
    with database.write() as session:
        session.add(Activity(action="desk_restored", detail={"taken_at": "2026-03-01"}))
    require_shared(database, machine(tmp_path / "second"))
