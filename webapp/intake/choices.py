"""What an operator has settled about how a file is read; the rest is found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from webapp.intake.errors import UnknownReadingError


@dataclass(frozen=True, slots=True)
class Choices:
    """None leaves it to the desk. An empty `delimiter` or `quote` means that the file has none.

    `header_line` is the physical line of the header, counted from 1, or 0 for no header; `header_rows` how many
    records it takes; `last_line` the last physical line of the table, or 0 for the end of the file. A sheet is
    chosen by its name.
    """

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header_line: int | None = None
    header_rows: int | None = None
    last_line: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Those that are settled."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The choices as stored.

        Raises:
            UnknownReadingError: they were stored by a version that reads otherwise.
        """
        if not {field.name for field in fields(cls)}.issuperset(data):
            raise UnknownReadingError
        return cls(**data)


NO_CHOICES = Choices()
