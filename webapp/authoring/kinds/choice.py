"""Enum and Literal, and bool that may be left open: one of a few values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from webapp.authoring.kind import Form, FormField, Kind, Option, last_text
from webapp.authoring.spec import Spec
from webapp.authoring.words import title_of

CHOOSE = "Choose…"
NOTHING = "Not set"


class Choice(Kind):
    """One of the declared values; json_schema_extra={"labels": {value: words}} names them for the operator."""

    priority = 40
    widget = "select"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return bool(choices(spec))

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        text = last_text(form, self.spec.form_name)
        return typed_choice(text, self.spec) if text else None

    def show(self, value: object) -> str:
        return "" if value is None else as_text(value)

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        shown = self.show(value)
        options = tuple(
            Option(as_text(choice), label, as_text(choice) == shown) for choice, label in choices(self.spec).items()
        )
        return replace(super().field(value, errors, columns), options=(*self._blank(shown), *options))

    def _blank(self, shown: str) -> tuple[Option, ...]:
        if self.spec.nullable:
            return (Option("", NOTHING, not shown),)
        return (Option("", CHOOSE, not shown),) if self.spec.required else ()


def choices(spec: Spec) -> dict[Any, str]:
    """The values to choose from with their labels; empty if the spec is not a choice."""
    annotation = spec.annotation
    if get_origin(annotation) is Literal:
        found = {value: str(value) for value in get_args(annotation)}
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        found = {member.value: title_of(member.name) for member in annotation}
    elif annotation is bool and spec.nullable:
        found = {True: "Yes", False: "No"}
    else:
        return {}
    if not all(isinstance(value, str | int) for value in found):
        return {}
    labels = spec.hints.get("labels", {})
    return {value: str(labels.get(value, label)) for value, label in found.items()}


def typed_choice(text: str, spec: Spec) -> object:
    """The value a submitted text stands for; a text that stands for none is given back as it is."""
    return next((value for value in choices(spec) if as_text(value) == text), text)


def as_text(value: object) -> str:
    """A choice as HTML carries it."""
    return str(value.value if isinstance(value, Enum) else value)
