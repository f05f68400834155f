"""Whether a SQLite file is a desk's own, and as new as when the desk last used it.

What was committed last stands in the log beside the file (`-wal`). A file that is moved without it, or replaced by an
older copy, is sound and lacks what was promised. So a number grows in the file about once a minute, and is noted beside
it when it is durable: a file whose number is smaller than the note has lost something. What was lost within the last
minute, and a file that is moved without the note as well, can't be told.
"""

import os
from pathlib import Path

from sqlalchemy import make_url

from webapp.store.cache import OWNER_ONLY_FILE, PART
from webapp.store.database import Database
from webapp.store.files import sync_folder

APPLICATION = 0x42444B31  # "BDK1", where SQLite files say whose they are
NOTE = ".seen"


class WrongDatabaseError(Exception):
    """The database is another program's, or lacks what was committed last."""


def require_own(database: Database) -> None:
    """Check that the file is the desk's, and as new as it was; nothing to check on PostgreSQL.

    Raises:
        WrongDatabaseError: it is not.
    """
    file = _file(database)
    if file is None:
        return
    with database.engine.connect() as connection:
        application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if application not in {0, APPLICATION}:
        raise WrongDatabaseError(f"{file} is the database of another program. Check BATCHDESK_DATABASE_URL.")
    if number < _noted(file):
        raise WrongDatabaseError(
            f"{file} is older than when the desk last used it: what was committed last is missing. It was moved "
            f"without the file {file.name}-wal beside it, or an older copy was put in its place. Put the right one "
            f"back, or restore a back-up. If it is meant to be so, remove {file.name}{NOTE}."
        )


def note_use(database: Database) -> None:
    """Have the number grow in the file, and note it when it is durable there."""
    file = _file(database)
    if file is None:
        return
    with database.engine.connect().execution_options(write=True) as connection, connection.begin():
        number = connection.exec_driver_sql("PRAGMA user_version").scalar_one() + 1
        connection.exec_driver_sql(f"PRAGMA user_version = {number}")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
    _note(file, number)


def _file(database: Database) -> Path | None:
    return None if database.is_postgres else Path(make_url(database.url).database or "").absolute()


def _noted(file: Path) -> int:
    try:
        return int(file.with_name(file.name + NOTE).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def _note(file: Path, number: int) -> None:
    """Of two processes that note at once, either may be the last: a smaller number claims less, and nothing wrong."""
    part = file.with_name(f"{file.name}{NOTE}.{os.getpid()}{PART}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY_FILE), "w") as note:
        note.write(str(number))
        note.flush()
        os.fsync(note.fileno())
    part.rename(file.with_name(file.name + NOTE))
    sync_folder(file.parent)
