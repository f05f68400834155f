"""How a job's file is read, as its page shows it before the start and lets it be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.authoring import FormField
from webapp.intake import Reading
from webapp.jobs.preview import choices_for
from webapp.web.reading_form import entered_form, reading_fields
from webapp.web.reading_words import delimiter_words, lines_above, read_as

MOST_SHOWN = 12  # lines above the table
MOST_PICKED = 12  # lines to choose the header from


@dataclass(frozen=True, slots=True)
class RawLine:
    """A physical line of the file as it stands."""

    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """How the file is read: in a sentence, as a form, and the lines that are no rows."""

    sentence: str
    line: str
    header_line: int
    fields: Sequence[FormField]
    errors: Sequence[tuple[str, str]]
    above: Sequence[RawLine]
    more_above: int
    below: Sequence[RawLine]
    more_below: int
    picks: Sequence[RawLine]
    settled: bool
    opened: bool
    words: str
    total_line: int
    own: Mapping[str, str]
    other: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ReadingForm:
    """The form as it was typed, if it was refused, with what is wrong by the names of its fields."""

    typed: Mapping[str, str] | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    opened: bool = False


def view_reading(
    reading: Mapping[str, Any], preview: Mapping[str, Any], choices: Mapping[str, Any], form: ReadingForm
) -> ReadingView:
    """What a page shows of how a file is read."""
    settled = choices.get("file", {})
    fields = reading_fields(reading, preview.get("sheets", ()), form.typed or entered_form(settled), form.problems)
    first = [RawLine(number, text) for number, text in enumerate(preview.get("first", ()), start=1)]
    above, below = lines_above(reading), _below(preview)
    shown_above = [line for line in first if line.number is not None and line.number <= above][-MOST_SHOWN:]
    return ReadingView(
        sentence=read_as(reading, preview),
        line="row" if reading.get("container") == "workbook" else "line",
        header_line=reading["header_line"],
        fields=fields,
        errors=[(field.id, field.error) for field in fields if field.error],
        above=shown_above,
        more_above=above - len(shown_above),
        below=below,
        more_below=max(reading.get("footer_lines", 0) - len(below), 0),
        picks=first[:MOST_PICKED],
        settled=bool(settled),
        opened=form.opened,
        words=delimiter_words(reading["delimiter"]),
        total_line=preview.get("total_line", 0),
        own=_dialect_form(choices_for(Reading.from_json(reading))),
        other=_other(preview.get("other")),
    )


def _below(preview: Mapping[str, Any]) -> list[RawLine]:
    """The lines below the table, with their numbers where the file was counted."""
    last = preview.get("last_line")
    return [
        RawLine(None if last is None else last + place, text)
        for place, text in enumerate(preview.get("below", ()), start=1)
    ]


def _other(other: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if other is None:
        return None
    words = delimiter_words(other["choices"]["delimiter"])
    return {**other, "words": words, "form": _dialect_form(other["choices"])}


def _dialect_form(choices: Mapping[str, Any]) -> dict[str, str]:
    """The hidden fields that settle a dialect."""
    return {name: text for name, text in entered_form(choices).items() if text}
