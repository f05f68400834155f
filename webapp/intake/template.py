"""A table for the operator to fill in: the columns that a row model wants, what each holds, and an example."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from webapp.intake.field_kind import kinds_of_field, types_of
from webapp.intake.match import names_of
from webapp.intake.output import BOM, csv_line
from webapp.intake.synonyms import meaning_of
from webapp.intake.values import ColumnType

_EXAMPLES: Final[Mapping[ColumnType, tuple[str, ...]]] = {
    ColumnType.BOOLEAN: ("yes",),
    ColumnType.INTEGER: ("12", "1", "0", "100", "2026", "-1"),
    ColumnType.DECIMAL: ("12.50", "12.5", "0.50", "0.5", "1", "0", "100", "-1"),
    ColumnType.DATE: ("2026-01-31", "1990-01-31", "2099-01-31"),
    ColumnType.DATETIME: ("2026-01-31 14:30", "2026-01-31 14:30+00:00", "1990-01-31 14:30", "2099-01-31 14:30"),
    ColumnType.TIME: ("14:30",),
    ColumnType.EMAIL: ("name@example.org",),
    ColumnType.URL: ("https://example.org",),
    ColumnType.CODE: ("123e4567-e89b-42d3-a456-426614174000",),
    ColumnType.TEXT: ("example",),
}
_EXAMPLES_BY_MEANING: Final[Mapping[tuple[str, ...], str]] = {
    ("email",): "name@example.org",
    ("url",): "https://example.org",
    ("website",): "https://example.org",
    ("first", "name"): "Anna",
    ("last", "name"): "Meier",
    ("name",): "Anna Meier",
    ("company",): "Example Ltd",
    ("phone",): "+49 30 1234567",
    ("mobile",): "+49 170 1234567",
    ("street",): "High Street 1",
    ("postcode",): "01234",
    ("city",): "Dresden",
    ("country",): "Germany",
    ("currency",): "EUR",
    ("number",): "00123",
    ("id",): "00123",
}


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column to fill in. `example` is what may stand in its cell, empty if none is known to be good.

    `allowed` has all texts that may stand there; none if there are too many to name.
    """

    name: str
    required: bool
    kind: ColumnType
    about: str
    allowed: tuple[str, ...]
    example: str

    @property
    def holds(self) -> str:
        """What goes into its cells, in an operator's words."""
        return "one of the allowed values" if self.allowed else self.kind.label


def template_columns(model: type[BaseModel]) -> list[TemplateColumn]:
    """The columns of a row model, under the names to ask for."""
    return [_column(model, name, field) for name, field in model.model_fields.items()]


def template_csv(model: type[BaseModel]) -> bytes:
    """The header alone, as CSV that a spreadsheet takes for UTF-8: an example in it would be handed in as a row."""
    return (BOM + csv_line(column.name for column in template_columns(model))).encode()


def _column(model: type[BaseModel], name: str, field: FieldInfo) -> TemplateColumn:
    (kind, *others) = kinds_of_field(field)
    kind = ColumnType.TEXT if others or kind is None else kind
    allowed = ("yes", "no") if kind is ColumnType.BOOLEAN else tuple(_allowed(types_of(field)))
    examples = [_written(example) for example in field.examples or ()]
    if not examples:
        examples = list(allowed[:1]) or [*_by_meaning(names_of(name, field)), *_EXAMPLES[kind]]
    return TemplateColumn(
        name=names_of(name, field)[-1],
        required=field.is_required(),
        kind=kind,
        about=field.description or field.title or "",
        allowed=allowed,
        example=next((text for text in examples if text in allowed or _fits(model, name, field, text)), ""),
    )


def _allowed(types: list[Any]) -> Iterator[str]:
    """The values of literals and enumerations; none if there is any other type beside them."""
    for kind in types:
        if get_origin(kind) is Literal:
            yield from map(str, get_args(kind))
        elif isinstance(kind, type) and issubclass(kind, Enum):
            yield from (str(member.value) for member in kind)
        else:
            return


def _by_meaning(names: list[str]) -> Iterator[str]:
    for name in names:
        meaning = meaning_of(name)
        found = _EXAMPLES_BY_MEANING.get(meaning[-2:]) or _EXAMPLES_BY_MEANING.get(meaning[-1:])
        if found:
            yield found


def _written(value: object) -> str:
    """As it would stand in a cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Enum) else value)


def _fits(model: type[BaseModel], name: str, field: FieldInfo, text: str) -> bool:
    """Whether the model takes the text for this field; what it says of the others does not matter."""
    own = {name, field.validation_alias or field.alias}
    try:
        model.model_validate({name: text}, by_alias=False, by_name=True)
    except ValidationError as error:
        return not any(details["loc"][:1] and details["loc"][0] in own for details in error.errors(include_url=False))
    except Exception:  # noqa: BLE001 (a validator is a job author's code)
        return False
    return True
