"""What goes wrong with a database of somebody else's, in words for an operator and a hint for the administrator."""

from collections.abc import Iterator
from contextlib import contextmanager

import pysqlite3
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from webapp.authoring import ComeBackLater, JobError
from webapp.services.targets.setting import Target
from webapp.store.database import DATABASE_TROUBLE
from webapp.store.postgres import POOLER, is_pooler

LOOK_AGAIN_S = 15.0
MAY_NOT = "42501"
FILLED = "428C9"
"""PostgreSQL's code for a value in a column that it fills itself."""
NO_SENSE = 1
"""SQLite's code for a statement that makes no sense, which is an operational error for its driver."""
FOR_GOOD = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "not permitted to log in",
    "permission denied for database",
    "unable to open database file",
    "file is not a database",
    "readonly database",
    "read-only transaction",
    POOLER.lower(),
)
"""How errors go on until somebody mends something; in another language than English they are taken for passing."""


class TargetTrouble(OperationalError):  # noqa: N818 (as DATABASE_TROUBLE)
    """A named database does not do what is asked of it now; what was asked may be all right."""

    reason: str = ""


@contextmanager
def told(target: Target | None) -> Iterator[None]:
    """Around what is asked of a named database: its errors are said in words. The desk's own has no name.

    Raises:
        TargetTrouble: it does not do it now.
        JobError: the desk may not do that there, or it can't be done.
    """
    try:
        yield
    except TargetTrouble:
        raise
    except (DBAPIError, pysqlite3.DatabaseError, *DATABASE_TROUBLE) as error:
        if target is None:
            raise
        if getattr(getattr(error, "orig", None), "sqlstate", None) == MAY_NOT:
            raise JobError(may_not(target, _said(error))) from error
        if _is_trouble(error):
            raise _trouble(target, error) from error
        if isinstance(error, ProgrammingError | OperationalError):
            raise JobError(_refused(target, error)) from error
        raise


def or_wait(error: TargetTrouble) -> ComeBackLater | JobError:
    """What to raise where nothing was written yet: the job waits, or ends if waiting does not help."""
    if is_for_good(error):
        return JobError(error.reason)
    return ComeBackLater(waits(error), LOOK_AGAIN_S)


def is_for_good(error: OperationalError) -> bool:
    """Whether an error stays until somebody mends something."""
    return any(words in _said(error).lower() for words in FOR_GOOD)


def waits(error: TargetTrouble) -> str:
    """What a job's page says while it waits for such a database."""
    return f"{error.reason} Nothing is lost, and the job goes on by itself when it does."


def _trouble(target: Target, error: Exception) -> TargetTrouble:
    found = TargetTrouble(None, None, getattr(error, "orig", None) or error, hide_parameters=True)
    found.reason = f"The database “{target.name}” {_what(_said(error))}"
    return found


def _is_trouble(error: Exception) -> bool:
    cause = getattr(error, "orig", None) or error
    if getattr(cause, "sqlite_errorcode", None) == NO_SENSE:
        return False
    return isinstance(error, DATABASE_TROUBLE) or "not a database" in str(cause)


def may_not(target: Target, said: str) -> str:
    """That the desk lacks a right, and which ones it needs."""
    user = make_url(target.url).username
    schema = target.schema or "public"
    return (
        f"The database “{target.name}” does not let the desk do that: {said}. Tell an administrator: loading needs "
        f"GRANT USAGE, CREATE ON SCHEMA {schema} (the desk keeps its marker tables there), and GRANT SELECT, INSERT, "
        f"UPDATE, DELETE ON the table, TO {user or 'its user'}. Only the owner of a table can give it new columns."
    )


def _refused(target: Target, error: Exception) -> str:
    said = f"The database “{target.name}” does not take what the job writes: {_said(error)}."
    if getattr(getattr(error, "orig", None), "sqlstate", None) == FILLED or "generated column" in said:
        return f"{said} It fills that column itself: leave it out of the file."
    return said


def _said(error: Exception) -> str:
    lines = [line.strip() for line in str(getattr(error, "orig", None) or error).splitlines() if line.strip()]
    fatal = next((line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line), None)
    said = (fatal or next(iter(lines), type(error).__name__)).rstrip(".")
    return POOLER if is_pooler(said) else said


def _what(said: str) -> str:
    low = said.lower()
    if any(word in low for word in ("password", "authentication", "pg_hba", "log in")):
        return f"does not let the desk in ({said}). Tell an administrator: its user or password is not right."
    if "lock" in low:
        return f"is locked by another program ({said})."
    if "unable to open" in low:
        return "can’t be opened: its file is not there, or the desk may not read it. Tell an administrator."
    if "readonly" in low or "read-only" in low:
        return f"may only be read ({said}). Tell an administrator."
    if "does not exist" in low or "not a database" in low or said == POOLER:
        return f"can’t be used ({said}). Tell an administrator."
    return f"does not answer ({said})."
