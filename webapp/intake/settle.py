"""Which column feeds which field, by all that is known: what was chosen, what is remembered, names, words, kinds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from webapp.intake.guess_columns import guess_columns
from webapp.intake.match import How, Match, MatchError, add_named, match_of_pairs, names_of, normalised, synonyms_of

Pairs = Mapping[str, str | None]
"""The column of each field; None for a field that is to have none."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was decided for a file like this one, in the names of this file's columns.

    `renamed` gives the fields whose column has another name by now, each with how alike the two names are.
    """

    pairs: Pairs
    renamed: Mapping[str, float]


NOTHING_REMEMBERED: Final = Remembered({}, {})


def settle_match(
    columns: Sequence[str],
    types: Mapping[str, str],
    model: type[BaseModel],
    remembered: Remembered = NOTHING_REMEMBERED,
    chosen: Pairs | None = None,
) -> Match:
    """Find each field's column: as chosen, else as remembered, else by its names, else by what the names mean.

    A column feeds one field. A guess that is not clear, or against the kind of the column, is not made: the field
    stays without a column, and is `missing` if it needs one. A choice that says what is found anyway leaves `how` and
    `score` as they were.

    Args:
        columns: the names of the file's columns.
        types: the kind of each column (a `ColumnType`), as far as it is known.
        model: the row model.
        remembered: what was decided for a file like this one. What does not fit any more is passed over.
        chosen: what the operator has chosen, by field.

    Raises:
        MatchError: some of what was chosen cannot be.
    """
    chosen = dict(chosen or {})
    require_possible(chosen, columns, model)
    decided = dict(_usable(remembered.pairs, columns, model))
    found = _settle(decided, columns, types, model, remembered.renamed)
    if all(found.pairs[name] == column and name in found.how for name, column in chosen.items()):
        return found
    fed = {column for column in chosen.values() if column is not None}
    kept = {name: column for name, column in decided.items() if name not in chosen and column not in fed}
    settled = _settle({**kept, **chosen}, columns, types, model, remembered.renamed)
    for name, column in chosen.items():
        same = name in found.how and found.pairs[name] == column
        settled.how[name] = found.how[name] if same else How.CHOSEN
        settled.score[name] = found.score[name] if same else 1.0
    return settled


def require_possible(chosen: Pairs, columns: Sequence[str], model: type[BaseModel]) -> None:
    """Refuse what cannot be: no such field or column, a column for two fields, none for a field that needs one.

    Raises:
        MatchError: with a sentence for each field.
    """
    there = set(columns)
    often = Counter(column for column in chosen.values() if column is not None)
    problems: dict[str, str] = {}
    for name, column in chosen.items():
        if name not in model.model_fields:
            problems[name] = f"This job has no field “{name[:60]}”."
        elif column is None and model.model_fields[name].is_required():
            problems[name] = f"“{names_of(name, model.model_fields[name])[-1]}” is needed: choose its column."
        elif column is not None and column not in there:
            problems[name] = f"The file has no column “{column[:60]}”."
        elif column is not None and often[column] > 1:
            problems[name] = f"“{column[:60]}” can feed one field only: choose another column for the others."
    if problems:
        raise MatchError(problems)


def _settle(
    decided: Pairs, columns: Sequence[str], types: Mapping[str, str], model: type[BaseModel], sure: Mapping[str, float]
) -> Match:
    """Give away the columns: first as decided, then as they are found."""
    fields = model.model_fields
    pairs: dict[str, str | None] = {**dict.fromkeys(fields), **decided}
    how = {name: _how_named(name, column, model) or How.REMEMBERED for name, column in decided.items()}
    score = {name: sure.get(name, 1.0) if how[name] is How.REMEMBERED else 1.0 for name in how}

    how |= add_named(pairs, columns, {name: names_of(name, fields[name]) for name in fields if name not in how})
    declared = {name: synonyms_of(fields[name]) for name in fields if name not in how}
    how |= dict.fromkeys(add_named(pairs, columns, declared), How.SYNONYM)
    score |= {name: 1.0 for name in how if name not in score}

    taken = set(pairs.values())
    free = [column for column in columns if column not in taken]
    guesses = guess_columns({name: fields[name] for name in fields if name not in how}, free, types)
    for name, (column, likeness) in guesses.items():
        pairs[name], score[name] = column, likeness
        how[name] = How.SYNONYM if likeness == 1 else How.SIMILAR
    return match_of_pairs(pairs, columns, model, how, score)


def _usable(pairs: Pairs, columns: Sequence[str], model: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    """What is still possible of what is remembered: the job may have changed since."""
    free = set(columns)
    for name, column in pairs.items():
        field = model.model_fields.get(name)
        if field is None or (column is None and field.is_required()) or (column is not None and column not in free):
            continue
        free.discard(column or "")
        yield name, column


def _how_named(name: str, column: str | None, model: type[BaseModel]) -> How | None:
    """How this very column would be found by the field's names, if it would."""
    if column is None:
        return None
    field = model.model_fields[name]
    found = add_named({name: None}, [column], {name: names_of(name, field)})
    is_synonym = normalised(column) in map(normalised, synonyms_of(field))
    return found.get(name) or (How.SYNONYM if is_synonym else None)
