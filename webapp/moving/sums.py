"""What tells whether a table holds the same rows in two databases, in whatever order they come."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hashlib import blake2b


@dataclass(slots=True)
class Sum:
    """How many rows there are, and the sum of their digests."""

    rows: int = 0
    digests: int = 0

    def add(self, values: Sequence[object]) -> None:
        """Count one row."""
        text = json.dumps([_plain(value) for value in values], sort_keys=True, ensure_ascii=True)
        self.rows += 1
        self.digests += int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")


def sum_of(rows: Iterable[Sequence[object]]) -> Sum:
    """The sum of all rows."""
    total = Sum()
    for values in rows:
        total.add(values)
    return total


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | dict | list):
        return value
    if isinstance(value, datetime) and value.tzinfo:
        return str(value.astimezone(UTC))
    return str(value.value if isinstance(value, Enum) else value)
