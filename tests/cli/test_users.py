"""`batchdesk user` and `batchdesk token`: each refusal is one sentence and an exit status."""

from pathlib import Path

import pytest

from tests.cli.commands import PASSWORD, Run, add
from webapp.accounts import Throttle, authenticate, find_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Role


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


def test_a_lost_password_is_replaced(run: Run, data: Path) -> None:
    add(run)
    status, out, _ = run("user", "password", "Ann", "--password-stdin", stdin=b"eight large ships")
    assert (status, out) == (0, "Ann has a new password.\n")
    database = Database(Settings(data=data).database)
    assert authenticate(database, Throttle(), "Ann", "eight large ships", "127.0.0.1")
    assert authenticate(database, Throttle(), "Ann", PASSWORD, "127.0.0.1") is None
    database.close()
    assert run("user", "password", "Bob", "--password-stdin", stdin=b"eight large ships")[0] == 1
