"""Which column of a file feeds which field of a row model."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Match:
    """`pairs` gives each field its column, or None. `missing` names the columns that must be there and are not."""

    pairs: dict[str, str | None]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def match_columns(columns: Sequence[str], model: type[BaseModel]) -> Match:
    """Find each field's column by its name, alias or title.

    Letter for letter first, then whatever the case, then without spaces, punctuation and accents. A column feeds
    one field.
    """
    free = list(columns)
    pairs: dict[str, str | None] = dict.fromkeys(model.model_fields)
    for fold in _FOLDS:
        for name, field in model.model_fields.items():
            if pairs[name] is None and (column := _find(free, _names(name, field), fold)) is not None:
                pairs[name] = column
                free.remove(column)
    missing = tuple(
        _names(name, field)[-1]
        for name, field in model.model_fields.items()
        if pairs[name] is None and field.is_required()
    )
    return Match(pairs, missing, tuple(free))


def normalised(name: str) -> str:
    """The name without case, spaces, punctuation and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _find(columns: Sequence[str], names: Sequence[str], fold: Callable[[str], str]) -> str | None:
    wanted = {fold(name) for name in names} - {""}
    return next((column for column in columns if fold(column) in wanted), None)


def _names(name: str, field: FieldInfo) -> list[str]:
    """All names that a column for the field may have; the last is the one to ask for."""
    alias = field.validation_alias or field.alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    aliases = [choice for choice in choices if isinstance(choice, str)]
    paths = [str(choice.path[0]) for choice in choices if isinstance(choice, AliasPath)]
    return [*([field.title] if field.title else []), *paths, *([name] if aliases else []), *reversed(aliases or [name])]


_FOLDS: tuple[Callable[[str], str], ...] = (str, str.casefold, normalised)
