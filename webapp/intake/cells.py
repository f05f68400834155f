"""The cells of a row as the values that a row model is made from."""

import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from operator import itemgetter
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from webapp.intake.converter import converter_of
from webapp.intake.guess import Guess
from webapp.intake.match import Match


class CellPicker:
    """Takes the matched columns out of a row's cells, under the names of their fields.

    `styles` are the ways of writing of columns, by name. A cell of a field that is no text becomes its value, if it
    fits its column's style; any other is left to the model as it stands.
    """

    def __init__(
        self,
        model: type[BaseModel],
        columns: Sequence[str],
        match: Match,
        styles: Mapping[str, Guess] | None = None,
    ) -> None:
        place = {name: index for index, name in enumerate(columns)}
        pairs = {field: column for field, column in match.pairs.items() if column is not None}
        fields = model.model_fields
        self._places = {field: place[column] for field, column in pairs.items()}
        self._columns = dict(pairs)
        known = styles or {}
        self._fields = [_Field(name, at, fields[name], known.get(columns[at])) for name, at in self._places.items()]
        self._choices = [field for field in self._fields if field.choices]
        self._dates = [field for field in self._fields if field.is_date]
        converters = {field.name: field.converter for field in self._fields}
        self._converters = {name: one for name, one in converters.items() if one is not None and not one.is_plain}
        self._aliases = {str(fields[name].validation_alias): name for name in fields if fields[name].validation_alias}
        self._names = tuple(self._places)
        self._pick = _picker(tuple(self._places.values()))

    def values_of(self, rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
        """The values of each row by field name; a blank cell is left out where the field has a default."""
        names, pick = self._names, self._pick
        values: list[dict[str, Any]] = [dict(zip(names, pick(cells), strict=False)) for cells in rows]
        for name, value_of in self._converters.items():
            for named in values:
                named[name] = value_of[named[name]]
        for cells, named in zip(rows, values, strict=True):
            if "" in cells:
                self._settle_blanks(named)
        for field in self._choices:
            for named in values:
                if field.name in named:
                    named[field.name] = field.choices.get(named[field.name], named[field.name])
        return values

    def trimmed(self, cells: Sequence[str]) -> dict[str, Any]:
        """As `values_of` one row, without the spaces around what is not text, and with numbers refused as dates."""
        plain = list(cells)
        for field in self._fields:
            if not field.is_text:
                plain[field.place] = cells[field.place].strip()
        values = self.values_of([plain])[0]
        for field in self._fields:
            text = values.get(field.name)
            if not isinstance(text, str):
                continue
            if field.converter is not None:
                text = values[field.name] = field.converter[text]
            if field.is_date and isinstance(text, str) and not _looks_like_date(text):
                values[field.name] = "no date"
        return values

    def doubtful(self, rows: Sequence[Sequence[str]]) -> set[int]:
        """The rows with a bare number for a date, which would count as seconds since 1970."""
        found: set[int] = set()
        for field in self._dates:
            place = field.place
            odd = [index for index, cells in enumerate(rows) if cells[place][4:5] != "-" and cells[place]]
            if (value_of := self._converters.get(field.name)) is not None:
                odd = [index for index in odd if isinstance(value_of[rows[index][place]], str)]
            found.update(odd)
        return found

    def column_of(self, location: Sequence[str | int]) -> tuple[str | None, int | None]:
        """The column that an error's location means, and its place in the row."""
        if not location:
            return None, None
        name = self._aliases.get(str(location[0]), str(location[0]))
        return self._columns.get(name, name), self._places.get(name)

    def _settle_blanks(self, values: dict[str, Any]) -> None:
        for field in self._fields:
            if values[field.name] == "":
                if field.has_default or not (field.is_text or field.may_be_none):
                    del values[field.name]
                elif field.may_be_none:
                    values[field.name] = None


class _Field:
    """What matters of a model's field when its cell is read."""

    def __init__(self, name: str, place: int, field: FieldInfo, guess: Guess | None) -> None:
        kinds = set(kinds_of(field.annotation))
        self.name = name
        self.place = place
        self.has_default = not field.is_required()
        self.may_be_none = type(None) in kinds
        self.is_text = str in kinds
        self.is_date = bool(kinds & {date, datetime}) and not kinds & {int, float, str}
        self.converter = converter_of(guess, kinds)
        self.choices: dict[str, Any] = {}
        for kind in kinds:
            self.choices.update(_choices(kind))


def _picker(places: tuple[int, ...]) -> Callable[[Sequence[str]], Sequence[str]]:
    """What takes the cells at these places; itemgetter gives no sequence for a single one."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: [cells[place] for place in places]


def _looks_like_date(text: str) -> bool:
    return text[4:5] == "-" or not text


def kinds_of(annotation: Any) -> list[Any]:  # noqa: ANN401 - any annotation
    """The types an annotation allows, one by one."""
    if hasattr(annotation, "__value__"):  # `type X = …`
        return kinds_of(annotation.__value__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return kinds_of(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [kind for part in get_args(annotation) for kind in kinds_of(part)]
    return [annotation]


def _choices(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any annotation
    """The values of a literal or an enumeration that are not text themselves, by how they are written."""
    if get_origin(kind) is Literal:
        return {str(value): value for value in get_args(kind) if not isinstance(value, str)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {str(member.value): member for member in kind if not isinstance(member.value, str)}
    return {}
