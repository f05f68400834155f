"""What a job can show before its start: what a row, or a table, will come to; and a try with one row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One thing that will happen to a table.

    Attributes:
        name: What does it, such as the title of a field, or what it happens to.
        says: How much, or what, in words.
        examples: Pairs of a cell as it is and as it will be.
    """

    name: str
    says: str
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table, or all of it.

    Attributes:
        columns: The names of the columns.
        rows: Numbers and cells.
        whole: Whether these are all rows.
        path: The bytes that rows are read from.
        reading: How they are read.
        sha256: Of the file as it was handed in.
    """

    columns: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]
    whole: bool
    path: Path
    reading: Any
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one row will come to.

    Attributes:
        facts: Pairs of a name and a text, such as To and an address.
        text: What it will be, as text.
        html: The same as HTML; it is shown where nothing of it can run or be fetched.
    """

    facts: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str | None = None


Preview = Callable[..., Sight]
"""Called with `row`, `given` (the parameters by name) and `settings`; may raise `Rejected` or `Skipped`."""

Foresee = Callable[..., Sequence[Foreseen]]
"""Called with `sample`, `given` and `settings` by name."""

Trial = Callable[..., str]
"""Called with `to` (where the operator wants it) besides; does it, and returns a sentence that says what was done."""
