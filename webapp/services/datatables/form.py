"""What rows that are written alike have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.authoring import JobError
from webapp.services.datatables.names import safe_names, table_name

Values = Sequence[object]
"""The values of one row of a table."""


@dataclass(frozen=True, slots=True)
class Form:
    """Into which table and columns, and how rows are told apart. All names are safe ones."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    replace: bool


def make_form(table: str, columns: Sequence[str], key: str | Sequence[str] | None, *, replace: bool) -> Form:
    """The form of rows with these columns.

    Raises:
        JobError: the table's name is no good, or the key is not among the columns.
    """
    keys = (key,) if isinstance(key, str) else tuple(key or ())
    absent = [name for name in keys if name not in columns]
    if absent:
        raise JobError(f"{' and '.join(absent)} cannot be the key of table {table}: its rows have no such column.")
    if not columns:
        raise JobError(f"A row for table {table} has no columns.")
    if replace and not keys:
        raise JobError(f"To replace rows of table {table}, name the columns that tell them apart.")
    names = dict(zip(columns, safe_names(columns), strict=True))
    return Form(table_name(table), tuple(names.values()), tuple(names[name] for name in keys), replace)
