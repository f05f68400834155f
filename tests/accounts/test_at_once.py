"""What two people do in the same moment: on PostgreSQL nobody waits unless they are made to."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from webapp.accounts import add_user, create_token, first_link, redeem_link
from webapp.accounts.tokens import MOST
from webapp.errors import DeskError, Refused
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.tables import ApiToken, Job, Role, State, Upload, User
from webapp.store.uploads import MOST_INCOMPLETE, Uploads

PASSWORD = "seven small boats"
TOGETHER = 6


@pytest.fixture
def database(postgres_desk_url: str) -> Iterator[Database]:
    database = Database(postgres_desk_url)
    yield database
    database.close()


def at_once(deed: Callable[[int], object], times: int = TOGETHER) -> int:
    """Do something several times in the same moment; how often it was not refused."""
    gate = Barrier(times)

    def one(number: int) -> bool:
        gate.wait(60)
        try:
            deed(number)
        except DeskError:
            return False
        return True

    with ThreadPoolExecutor(times) as pool:
        return sum(pool.map(one, range(times)))


def count(database: Database, table: type[User | ApiToken | Upload]) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_a_name_is_given_to_one(database: Database) -> None:
    names = ["Ann", "ann", "ANN", "aNN", "anN", "AnN"]
    assert at_once(lambda number: add_user(database, names[number], Role.operator, PASSWORD)) == 1
    assert count(database, User) == 1


def test_a_link_lets_one_in(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    link = first_link(database)
    assert link is not None
    gate = Barrier(TOGETHER)
    monkeypatch.setattr("webapp.accounts.links.hash_password", lambda _: str(gate.wait(60)))
    assert at_once(lambda number: redeem_link(database, link, f"admin {number}", PASSWORD)) == 1
    assert count(database, User) == 1


def test_processes_that_start_together_make_one_first_administrator(database: Database) -> None:
    assert at_once(lambda _: first_link(database)) == TOGETHER
    assert count(database, User) == 1


def test_nobody_gets_more_tokens_than_they_may_have(database: Database) -> None:
    add_user(database, "Ann", Role.operator, PASSWORD)
    for _ in range(MOST - 2):
        create_token(database, "Ann")
    assert at_once(lambda _: create_token(database, "Ann")) == 2
    assert count(database, ApiToken) == MOST


def test_nobody_leaves_more_uploads_unfinished_than_they_may(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    user = add_user(database, "Ann", Role.operator, PASSWORD)
    uploads = Uploads(database, Files(tmp_path_factory.mktemp("data")), largest=1_000, reserve=0)
    for _ in range(MOST_INCOMPLETE - 2):
        uploads.create(user.id, "a.csv", 10)
    assert at_once(lambda _: uploads.create(user.id, "a.csv", 10)) == 2
    assert count(database, Upload) == MOST_INCOMPLETE


def test_a_file_that_a_job_is_being_made_from_is_kept(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    user = add_user(database, "Ann", Role.operator, PASSWORD)
    uploads = Uploads(database, Files(tmp_path_factory.mktemp("data")), largest=1_000, reserve=0)
    upload = uploads.create(user.id, "a.csv", 10)
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            session.add(Job(number=1, owner_id=user.id, job_type="x", state=State.checking, upload_id=upload.id))
            session.flush()
            abandoned = pool.submit(uploads.abandon, upload)
            wait_until_it_waits(database)
        with pytest.raises(Refused, match="belongs to a job"):
            abandoned.result(60)
    assert count(database, Upload) == 1


def wait_until_it_waits(database: Database) -> None:
    """Until another session waits for a lock."""
    deadline = time.monotonic() + 60
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while time.monotonic() < deadline:
        with database.engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
