"""The fields of a form, and what it says about itself: errors in a list that leads to them, answers in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from webapp.authoring import FormField

NOTHING = "–"


def field_of(form: str, name: str, title: str, widget: str, note: str = "", **more: Any) -> FormField:  # noqa: ANN401 (parts of a field)
    """A field of one of the desk's own forms, which may be left empty; `more` are further parts of a `FormField`."""
    return FormField(name, name, f"{form}-{name}", title, note, widget, required=False, **more)


def error_lines(fields: Sequence[FormField], problems: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of an element's id and a sentence, in the order of the form; what belongs to no field comes last.

    A sentence has its field's title in front unless it begins with it; without a field it stands alone, its id empty.
    """
    shown = {field.path: field for field in flat(fields)}
    told = [(field.id, _named(field.title, problems[path])) for path, field in shown.items() if path in problems]
    return told + [(_id_of(path), text) for path, text in problems.items() if path not in shown]


def _named(title: str, sentence: str) -> str:
    return sentence if sentence.startswith(title) else f"{title}: {sentence}"


def answers(fields: Sequence[FormField]) -> list[tuple[str, str]]:
    """Pairs of a field's title and what was answered, in words. Secrets are left out."""
    return [
        (field.title, _answer(field))
        for field in flat(fields)
        if field.is_asked and field.widget not in {"password", "fieldset"}
    ]


def flat(fields: Iterable[FormField]) -> Iterator[FormField]:
    """Every field, and those inside it."""
    for field in fields:
        yield field
        yield from flat(field.children)


def _answer(field: FormField) -> str:
    if field.widget == "checkbox":
        return "yes" if field.value else "no"
    if field.options:
        return ", ".join(option.label for option in field.options if option.selected) or NOTHING
    if field.pairs:
        return ", ".join(f"{name}: {value}" for name, value in field.pairs if name) or NOTHING
    return str(field.value) or NOTHING


def _id_of(path: str) -> str:
    return path if path == "file" else ""
