"""The box of secrets: nothing in the clear, one key however many make it, and words when it is gone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from webapp.errors import Refused
from webapp.store.secrets import SecretBox

SECRETS = {"password": "correct horse", "nested.token": "naïve \u2603"}


def test_what_is_locked_comes_out_again_and_cannot_be_read_before(tmp_path: Path) -> None:
    box = SecretBox(tmp_path / "secret.key")
    locked = box.lock(SECRETS)
    assert locked is not None
    assert not any(word in locked for word in ("correct", "password", "nested"))
    assert SecretBox(tmp_path / "secret.key").unlock(locked) == SECRETS
    assert locked != box.lock(SECRETS), "the same secret twice looks different"


def test_no_secrets_need_no_key(tmp_path: Path) -> None:
    box = SecretBox(tmp_path / "secret.key")
    assert box.lock({}) is None
    assert box.unlock(None) == {}
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_its_owners_only_and_nothing_else_is_left(tmp_path: Path) -> None:
    SecretBox(tmp_path / "secret.key").lock(SECRETS)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_many_that_make_the_key_at_once_make_one(tmp_path: Path) -> None:
    for attempt in range(20):
        path = tmp_path / f"{attempt}.key"
        gate = threading.Barrier(8)

        def lock(number: int, path: Path = path, gate: threading.Barrier = gate) -> str | None:
            box = SecretBox(path)
            gate.wait()
            return box.lock({"number": str(number)})

        with ThreadPoolExecutor(8) as pool:
            locked = list(pool.map(lock, range(8)))
        assert [SecretBox(path).unlock(each)["number"] for each in locked] == [str(number) for number in range(8)]


@pytest.mark.parametrize("harm", ["gone", "another", "damaged"])
def test_a_key_that_is_not_the_same_any_more_is_said_in_words(harm: str, tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    locked = SecretBox(path).lock(SECRETS)
    path.unlink()
    if harm == "another":
        SecretBox(path).lock(SECRETS)
    elif harm == "damaged":
        path.write_bytes(b"not a key")
    with pytest.raises(Refused, match="key has changed"):
        SecretBox(path).unlock(locked)
    assert path.exists() == (harm != "gone"), "reading makes no key"
