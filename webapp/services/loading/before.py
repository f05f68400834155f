"""Whether a file went into a table before, found out before the start."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from webapp.authoring import JobError
from webapp.services.data import table_name
from webapp.services.databases import Databases
from webapp.services.targets.trouble import TargetTrouble
from webapp.settings import Settings

PATIENCE_S = 1.0


def loaded_before(sha256: str, given: Mapping[str, Any], settings: Settings) -> str:
    """The sentence with which the load would fail; nothing if it would not, or nobody can say now."""
    if not sha256 or not given["table"] or given["mode"] != "insert" or given["load_again"] or given["dry_run"]:
        return ""
    try:
        with closing(Databases(settings, patience_s=PATIENCE_S)) as databases:
            database = databases.of(given["database"] or None)
            table = table_name(given["table"])
            try:
                database.require_not_loaded(table, sha256)
            except JobError as error:
                return str(error)
    except (JobError, SQLAlchemyError, TargetTrouble, OSError):
        return ""  # the load says what is wrong with the database
    return ""
