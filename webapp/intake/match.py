"""Which column of a file feeds which field of a row model."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo


class How(StrEnum):
    """How a field's column was found."""

    EXACT = "exact"
    NORMALISED = "normalised"
    SYNONYM = "synonym"
    SIMILAR = "similar"
    CHOSEN = "chosen"
    REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Match:
    """`pairs` gives each field its column, or None. `missing` names the columns that must be there and are not.

    `how` tells how each pair came about, `score` how sure it is, up to 1.0; both leave out a field that nothing was
    found for. A field that is deliberately not fed has its `how` and no column.
    """

    pairs: dict[str, str | None]
    missing: tuple[str, ...]
    unused: tuple[str, ...]
    how: dict[str, How] = field(default_factory=dict)
    score: dict[str, float] = field(default_factory=dict)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The fields whose column is only similar in name: somebody should look at them."""
        return tuple(name for name, score in self.score.items() if score < 1)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "missing": list(self.missing), "unused": list(self.unused)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The match as stored."""
        how = {name: How(word) for name, word in data["how"].items()}
        return cls(data["pairs"], tuple(data["missing"]), tuple(data["unused"]), how, data["score"])


class MatchError(ValueError):
    """Some columns cannot feed the fields they were chosen for; `problems` has a sentence for each, by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def match_columns(columns: Sequence[str], model: type[BaseModel]) -> Match:
    """Find each field's column by its name, alias or title, and guess nothing; see `settle_match` for all the rest.

    Letter for letter first, then whatever the case, then without spaces, punctuation and accents. A column feeds
    one field.
    """
    pairs: dict[str, str | None] = dict.fromkeys(model.model_fields)
    how = add_named(pairs, columns, {name: names_of(name, each) for name, each in model.model_fields.items()})
    return match_of_pairs(pairs, columns, model, how, dict.fromkeys(how, 1.0))


def match_of_pairs(
    pairs: dict[str, str | None],
    columns: Sequence[str],
    model: type[BaseModel],
    how: dict[str, How],
    score: dict[str, float],
) -> Match:
    """The match that these pairs are, with what is missing and unused."""
    missing = tuple(
        names_of(name, each)[-1]
        for name, each in model.model_fields.items()
        if each.is_required() and pairs[name] is None
    )
    fed = set(pairs.values())
    return Match(pairs, missing, tuple(column for column in columns if column not in fed), how, score)


def kept_match(settled: Match, columns: Sequence[str], model: type[BaseModel]) -> Match:
    """A match as it was settled, for a model that may have changed since: nothing is found anew."""
    there = {None, *columns}
    pairs = {name: column if (column := settled.pairs.get(name)) in there else None for name in model.model_fields}
    how = {name: word for name, word in settled.how.items() if name in pairs}
    return match_of_pairs(pairs, columns, model, how, {name: settled.score[name] for name in how})


def add_named(
    pairs: dict[str, str | None], columns: Sequence[str], names: Mapping[str, Sequence[str]]
) -> dict[str, How]:
    """Fill in the columns that bear one of the names that a field goes by; `names` has the fields still to be fed.

    Returns:
        How each of them was found.
    """
    how: dict[str, How] = {}
    for fold, kind in _FOLDS:
        taken = set(pairs.values())
        places: dict[str, list[int]] = {}
        for place, column in enumerate(columns):
            if column not in taken:
                places.setdefault(fold(column), []).append(place)
        for name in [name for name in names if name not in how]:
            wanted = {fold(each) for each in names[name]} - {""}
            found = min((spelling for spelling in wanted if places.get(spelling)), key=places.__getitem__, default=None)
            if found is not None:
                pairs[name], how[name] = columns[places[found].pop(0)], kind
    return how


def normalised(name: str) -> str:
    """The name without case, spaces, punctuation and accents; a # behind a word is read as "number"."""
    letters = unicodedata.normalize("NFKD", NUMBER_SIGN.sub(" number ", name).casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def names_of(name: str, field: FieldInfo) -> list[str]:
    """All names that a column for the field may have; the last is the one to ask for."""
    alias = field.validation_alias or field.alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    aliases = [choice for choice in choices if isinstance(choice, str)]
    paths = [str(choice.path[0]) for choice in choices if isinstance(choice, AliasPath)]
    return [*([field.title] if field.title else []), *paths, *([name] if aliases else []), *reversed(aliases or [name])]


def synonyms_of(field: FieldInfo) -> list[str]:
    """The further names that the author has declared: `json_schema_extra={"synonyms": ["Cust. No"]}`."""
    extra = field.json_schema_extra
    declared = extra.get("synonyms") if isinstance(extra, dict) else None
    names = declared if isinstance(declared, list | tuple) else [declared]
    return [name for name in names if isinstance(name, str)]


NUMBER_SIGN: Final = re.compile(r"(?<=[^\W_])\s*#(?!\w)|(?<=[^\W_])[\s_-]+#(?=\s|$)")
_FOLDS: Final[tuple[tuple[Callable[[str], str], How], ...]] = (
    (str, How.EXACT),
    (str.casefold, How.NORMALISED),
    (normalised, How.NORMALISED),
)
