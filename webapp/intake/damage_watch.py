"""What a finder of damage sees and keeps of one column: some of its cells at a time, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from webapp.intake.damage import EXAMPLE_CHARACTERS, MOST_EXAMPLES, Damage, DamageKind, Example
from webapp.intake.values import ColumnType

_SHORT = 20
_MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells of one column. `joined` has a line feed before and behind each of them."""

    lines: Sequence[int]
    texts: Sequence[str]
    joined: str


@dataclass(slots=True)
class Tally:
    """How many cells there were of a kind, and the first few of them."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        self.count += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(Example(line, text[:EXAMPLE_CHARACTERS]))

    def damage(self, kind: DamageKind, column: str | None = None, offer: str | None = None) -> Damage:
        return Damage(kind, column, self.count, tuple(self.examples), offer)


class Watch(Protocol):
    """Looks out for one kind of damage in one column."""

    def look(self, cells: Cells) -> None:
        """See some cells more, in the order of the file."""

    def found(self) -> Iterator[Damage]:
        """The damage in all cells seen."""
        ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is known of a column before it is watched: its name, its type, and whether its cells look like codes."""

    name: str
    kind: ColumnType
    style: str
    has_codes: bool


def look_like_codes(texts: Iterable[str]) -> bool:
    """Whether most cells are short, in one piece, and have digits or are written in capitals."""
    filled = [text for text in islice(texts, 2_000) if text and not text.isspace()]
    codes = sum(len(text) <= _SHORT and " " not in text and (text.isupper() or not text.isalpha()) for text in filled)
    return bool(filled) and codes >= _MOSTLY * len(filled)
