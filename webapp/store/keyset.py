"""Pages of a list, newest first, by keyset: as fast on the last page as on the first."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.orm import Mapped
from sqlmodel import Session

PAGE = 25
Id = TypeVar("Id")
Rows = Sequence[Row[*tuple[Any, ...]]]


def page_of(  # noqa: PLR0913 (which page is asked for)
    session: Session,
    query: Select[*tuple[Any, ...]],
    key: Mapped[Id],
    *,
    before: Id | None,
    after: Id | None,
    size: int = PAGE,
) -> tuple[Rows, Id | None, Id | None]:
    """The rows that stand behind `before` or end ahead of `after`, and whether there is more on either side.

    The first thing in each row is what `key` is the id of; the ids to go on from, to newer rows and to older ones, are
    None where there are none.
    """
    if after is not None:
        query = query.where(key > after).order_by(key)
    else:
        query = query.where(key < before) if before is not None else query
        query = query.order_by(key.desc())
    found = session.execute(query.limit(size + 1)).all()
    more, rows = len(found) > size, found[:size]
    if not rows:
        return [], None, None
    if after is not None:
        return rows[::-1], rows[-1][0].id if more else None, rows[0][0].id
    return rows, rows[0][0].id if before is not None else None, rows[-1][0].id if more else None
