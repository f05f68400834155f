"""Telling a full disk from other trouble: what it stops is all right, and can be done once there is room."""

from collections.abc import Iterator

import pysqlite3

from webapp.errors import NoSpace
from webapp.store.hashing import NO_SPACE_LEFT

SQLITE_FULL = "database or disk is full"  # the text stands in every error of SQLite's, the code does not
POSTGRES_FULL = "53100"


def is_full(error: BaseException) -> bool:
    """Whether an error comes from a disk without room: said by the system, a database or ourselves."""
    return any(_says_full(each) for each in _chain(error))


def _says_full(error: BaseException) -> bool:
    return (
        isinstance(error, NoSpace)
        or (isinstance(error, OSError) and error.errno in NO_SPACE_LEFT)
        or (isinstance(error, pysqlite3.Error) and SQLITE_FULL in str(error))
        or getattr(error, "sqlstate", None) == POSTGRES_FULL
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__
