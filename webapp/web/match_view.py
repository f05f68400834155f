"""Which column of a file feeds which field, as the page shows it before the start and lets it be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from webapp.authoring import Option
from webapp.intake import ColumnType, How, Match

KIND_WORDS: Final = {kind.value: kind.label for kind in ColumnType}
"""The kinds of columns in an operator's words, by the name a preview keeps."""

PREFIX: Final = "field."
_HOW_WORDS: Final = {
    How.EXACT: "same name",
    How.NORMALISED: "same name",
    How.SYNONYM: "same meaning",
    How.SIMILAR: "similar name",
    How.REMEMBERED: "as last time",
    How.CHOSEN: "chosen",
}


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One field of the job's rows. `how` says how its column was found; `missing` that it needs one and has none."""

    name: str
    id: str
    title: str
    required: bool
    missing: bool
    doubtful: bool
    column: str | None
    how: str
    error: str | None
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MatchView:
    """How a file's columns meet what a job's rows are made of: what is missing first, then what is doubtful."""

    lines: Sequence[MatchLine]
    unused: Sequence[str]

    @property
    def missing(self) -> Sequence[MatchLine]:
        """The fields that need a column and have none."""
        return [line for line in self.lines if line.missing]

    @property
    def feeds(self) -> Mapping[str, str]:
        """The field's title for each column that feeds one."""
        return {line.column: line.title for line in self.lines if line.column is not None}


def view_match(
    match: Match, columns: Sequence[str], model: type[BaseModel], problems: Mapping[str, str], form: Mapping[str, str]
) -> MatchView:
    """The fields of a row model with their columns, as matched or as filled in."""
    fill = _Fill(match, columns, problems, form)
    lines = [fill.line(name, field) for name, field in model.model_fields.items()]
    lines.sort(key=lambda line: (not line.error, not line.missing, not line.doubtful))
    return MatchView(lines, match.unused)


def entered_match(form: Mapping[str, str], match: Match, chosen: Mapping[str, str | None]) -> dict[str, str | None]:
    """What is chosen once this form is sent: what was changed in it counts, and takes its column from other fields."""
    entered = {name.removeprefix(PREFIX): column or None for name, column in form.items() if name.startswith(PREFIX)}
    changed = {name: column for name, column in entered.items() if column != match.pairs.get(name)}
    taken = {column for column in changed.values() if column is not None}
    kept = {name: column for name, column in chosen.items() if name not in changed and column not in taken}
    return {**kept, **changed}


@dataclass(frozen=True, slots=True)
class _Fill:
    match: Match
    columns: Sequence[str]
    problems: Mapping[str, str]
    form: Mapping[str, str]

    def line(self, name: str, field: FieldInfo) -> MatchLine:
        """One field, as matched or as filled in."""
        column, required = self.match.pairs.get(name), field.is_required()
        shown = self.form.get(f"{PREFIX}{name}", column or "")
        missing = required and column is None
        blank = "Choose a column" if required else "No column: left empty"
        return MatchLine(
            name=f"{PREFIX}{name}",
            id=f"match-{name}",
            title=field.title or name,
            required=required,
            missing=missing,
            doubtful=name in self.match.doubtful,
            column=column,
            how=_how_words(self.match, name),
            error=self.problems.get(f"match.{name}") or ("The job needs this. Choose its column." if missing else None),
            options=tuple(Option(each, each or blank, each == shown) for each in ("", *self.columns)),
        )


def _how_words(match: Match, name: str) -> str:
    how, score = match.how.get(name), match.score.get(name, 1.0)
    if how is None or (match.pairs.get(name) is None and how is not How.CHOSEN):
        return ""
    return _HOW_WORDS[how] if score >= 1 else f"{_HOW_WORDS[how]}, {score:.0%}".replace("%", " %")
