"""A table with the file that it is read from, for jobs that look through it before they work on its rows."""

from pathlib import Path
from typing import Protocol

from webapp.authoring import Table
from webapp.intake import Reading


class ReadTable(Table, Protocol):
    """The table as the desk hands it in."""

    @property
    def path(self) -> Path:
        """The bytes the records are read from."""
        ...

    @property
    def reading(self) -> Reading:
        """How they are read."""
        ...
