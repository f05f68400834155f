"""Texts with {placeholders}, which operators write: a name in braces stands for a row's cell, and nothing is computed.

Cells are put in as they stand and are never looked at for placeholders themselves, so whoever fills in the file cannot
write a template. There are no filters, no attributes, no formats: `{name}`, and `{{` and `}}` for braces.
"""

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import with_info_after_validator_function

LONGEST_NAME = 500
MOST_SHOWN = 60
MOST_CHARACTERS = 10_000_000
"""Of a filled text: a short template can name a long cell very often."""

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class PlaceholderError(ValueError):
    """A text's placeholders are not well-formed, or name what is not there; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Name:
    """A place in a text where a row's cell goes."""

    column: str


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: what stands in it, and the names of columns between."""

    parts: tuple[str | Name, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text.

        Raises:
            PlaceholderError: a brace is never closed or opened, or holds no name; says in which line.
        """
        parts: list[str | Name] = []
        end = 0
        for token in _TOKEN.finditer(text):
            parts += [text[end : token.start()], _part(text, token)]
            end = token.end()
        return cls(tuple(part for part in (*parts, text[end:]) if part))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it names, each once, in the order of the text."""
        return tuple(dict.fromkeys(part.column for part in self.parts if isinstance(part, Name)))

    def require(self, columns: Collection[str]) -> None:
        """See that it names nothing but these.

        Raises:
            PlaceholderError: it does; says what, and which columns look alike.
        """
        for name in self.names:
            if name not in columns:
                raise PlaceholderError(_no_such(name, columns))

    def fill(self, row: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
        """The text for a row, each cell as `escape` gives it.

        Raises:
            PlaceholderError: it names a column that the row does not have, or becomes far too long.
        """
        self.require(row.keys())
        cells = {name: escape(row[name]) for name in self.names}
        filled = [cells[part.column] if isinstance(part, Name) else part for part in self.parts]
        if sum(map(len, filled)) > MOST_CHARACTERS:
            raise PlaceholderError(f"becomes longer than {MOST_CHARACTERS:,} characters with this row’s cells")
        return "".join(filled)


@lru_cache(maxsize=64)
def parsed(text: str) -> Template:
    """The template of a text, read once for all rows.

    Raises:
        PlaceholderError: see `Template.parse`.
    """
    return Template.parse(text)


@dataclass(frozen=True, slots=True)
class _Placeholders:
    """Marks a text as a template; its names are checked when the columns are given with the validation."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - pydantic's protocol
        return with_info_after_validator_function(_known_names, handler(source))


TemplateText = Annotated[str, _Placeholders()]
"""A parameter that is a text with placeholders for the columns of the operator's file."""


def _known_names(text: str, info: ValidationInfo) -> str:
    columns = (info.context or {}).get("columns")
    try:
        template = Template.parse(text)
        if columns is not None:
            template.require(columns)
    except PlaceholderError as error:
        raise PydanticCustomError("placeholders", "{reason}", {"reason": str(error)}) from None
    return text


def _part(text: str, token: re.Match[str]) -> str | Name:
    """What a brace, two of them, or a name in braces stands for."""
    found = token[0]
    if found in ("{{", "}}"):
        return found[0]
    line = text.count("\n", 0, token.start()) + 1
    if found in ("{", "}"):
        what = "“{” is never closed" if found == "{" else "“}” was never opened"
        how = f"Write a column’s name as {{name}}, and a brace that is meant as one twice: {found * 2}"
        raise PlaceholderError(f"line {line}: {what}. {how}")
    name = " ".join(token[1].split())
    if not name or len(name) > LONGEST_NAME:
        raise PlaceholderError(f"line {line}: “{_short(found)}” names no column. Write a column’s name as {{name}}")
    return Name(name)


def _no_such(name: str, columns: Collection[str]) -> str:
    """The sentence about a name that is no column."""
    folded = {column.casefold(): column for column in columns}
    near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
    if near:
        hint = f"Did you mean {' or '.join(f'{{{_short(folded[each])}}}' for each in near)}?"
    else:
        some = [f"{{{_short(column)}}}" for column in columns][:10]
        more = " and others" if len(columns) > len(some) else ""
        hint = f"There are {', '.join(some)}{more}." if some else "There are none."
    return f"names {{{_short(name)}}}, which is not a column of this file. {hint}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
