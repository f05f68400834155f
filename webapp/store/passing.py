"""Telling what passes from what is wrong with a job: a full disk, or storage that does not answer."""

from collections.abc import Iterator

import pysqlite3

from webapp.errors import NoSpace, StorageTrouble
from webapp.store.hashing import NO_SPACE_LEFT

SQLITE_FULL = "database or disk is full"  # the text stands in every error of SQLite's, the code does not
POSTGRES_FULL = "53100"


def is_full(error: BaseException) -> bool:
    """Whether an error comes from a disk without room: said by the system, a database or ourselves."""
    return any(_says_full(each) for each in causes(error))


def passes(error: BaseException) -> str | None:
    """What to tell the operator if an error is no fault of the job and its work can go on later; else None."""
    if is_full(error):
        return (
            "The desk's disk is full. Nothing is lost, and the job goes on by itself when there is room: "
            "ask your administrator to make some."
        )
    if any(isinstance(each, StorageTrouble) for each in causes(error)):
        return (
            "The place where the desk keeps its files does not answer. Nothing is lost, and the job goes on by itself "
            "when it does. Tell an administrator if it takes long."
        )
    return None


def _says_full(error: BaseException) -> bool:
    return (
        isinstance(error, NoSpace)
        or (isinstance(error, OSError) and error.errno in NO_SPACE_LEFT)
        or (isinstance(error, pysqlite3.Error) and SQLITE_FULL in str(error))
        or getattr(error, "sqlstate", None) == POSTGRES_FULL
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__
