"""A small table for a job's page, as it is kept: of a large one its beginning."""

from collections.abc import Sequence
from typing import Any, Final

from webapp.jobs.batch import storable

MOST_ROWS: Final = 50
MOST_COLUMNS: Final = 40
LONGEST_TEXT: Final = 200


def shown_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """The table as JSON values of bounded size."""
    names, *cells = [
        [storable(cell, LONGEST_TEXT) for cell in row[:MOST_COLUMNS]] for row in (columns, *rows[:MOST_ROWS])
    ]
    return {"title": storable(title), "columns": names, "rows": cells}
