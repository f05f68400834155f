"""Passwords: which are good enough, and how one is kept."""

import threading
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import BadInput

SHORTEST = 10
LONGEST = 1000  # far beyond any passphrase; more would only be work for the server
HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)  # above OWASP's 19 MiB and 2 rounds
FEWEST_DIFFERENT = 4

_places = threading.BoundedSemaphore(4)  # each hash takes 32 MiB while it is computed


def check_password(password: str, name: str, field: str = "password") -> None:
    """Refuse a password that others would guess.

    Raises:
        BadInput: it is too short, too long, well known, or the user's own name.
    """
    if sentence := _fault(password, name):
        raise BadInput({field: sentence})


def hash_password(password: str) -> str:
    """What is kept of a password (argon2id)."""
    with _places:
        return HASHER.hash(_bytes(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Whether it is the password. Takes equally long if there is none to compare with."""
    if len(password) > LONGEST:
        return False
    nobodys = _nobodys_hash()
    with _places:
        try:
            return HASHER.verify(kept or nobodys, _bytes(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_new_hash(kept: str) -> bool:
    """Whether it was hashed more weakly than we do now."""
    return HASHER.check_needs_rehash(kept)


def _fault(password: str, name: str) -> str | None:
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four words make a good password."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST:,} characters."
    if password.casefold() in _common() or len(set(password)) < FEWEST_DIFFERENT:
        return "Many people use this password, so it is easily guessed. Choose another one."
    if _is_name(password, name):
        return "Your name is easily guessed. Choose another password."
    return None


def _is_name(password: str, name: str) -> bool:
    return bool(name) and not password.casefold().replace(name.casefold(), "").strip("0123456789!?.-_ ")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody signs in with this")


@cache
def _common() -> frozenset[str]:
    text = files("webapp.accounts").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
