"""Fields that are asked only if another one has a value: `json_schema_extra={"shown_if": {"mode": "upsert"}}`."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from webapp.authoring.kind import Condition, Kind
from webapp.authoring.kinds.choice import choices
from webapp.authoring.place import Place

HINT = "shown_if"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions among some inputs."""

    inputs: tuple[Kind, ...]

    def hidden(self, raw: Mapping[str, object]) -> frozenset[str]:
        """The fields that are not asked for, given raw values; what depends on one of them is neither."""
        kinds = {kind.spec.name: kind for kind in self.inputs}
        hidden: set[str] = set()
        for kind in self.inputs:
            for name, wanted in wanted_by(kind).items():
                other = kinds[name]
                if name in hidden or _value(other, raw.get(name, other.spec.default)) not in wanted:
                    hidden.add(kind.spec.name)
        return frozenset(hidden)

    def of(self, kind: Kind, *, met: bool) -> Condition | None:
        """What a page has to know of a field's condition; None if it has none."""
        wanted = wanted_by(kind)
        if not wanted:
            return None
        kinds = {each.spec.name: each for each in self.inputs}
        watched = {kinds[name].spec.form_name: sorted(texts) for name, texts in wanted.items()}
        return Condition(watched, " and ".join(_words(kinds[name], texts) for name, texts in wanted.items()), met=met)


def wanted_by(kind: Kind) -> dict[str, frozenset[str]]:
    """By the name of another field, the texts of the values for which this one is shown."""
    declared = kind.spec.hints.get(HINT) or {}
    return {
        str(name): frozenset(map(_text, wanted if isinstance(wanted, list | tuple | set) else [wanted]))
        for name, wanted in declared.items()
    }


def check_conditions(inputs: Sequence[Kind], place: Place) -> None:
    """Refuse conditions that make no sense.

    Raises:
        AuthoringError: one waits for what never is, or its field has no default.
    """
    before: dict[str, Kind] = {}
    for kind in inputs:
        declared = kind.spec.hints.get(HINT)
        if declared is not None:
            _check(kind, declared, before, place)
        before[kind.spec.name] = kind


def _check(kind: Kind, declared: object, before: Mapping[str, Kind], place: Place) -> None:
    me = kind.spec.path
    if not isinstance(declared, Mapping) or not declared:
        raise place.mistake('has a "shown_if" that names no other parameter: write {"mode": "upsert"}', me)
    if kind.spec.required:
        raise place.mistake("is asked only sometimes, and has no default for when it is not: give it one", me)
    for name, wanted in wanted_by(kind).items():
        if name not in before:
            near = difflib.get_close_matches(name, before, n=1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            raise place.mistake(f"is shown by the value of '{name}', and no parameter before it is called so{hint}", me)
        for text in sorted(wanted):
            if not _can_be(before[name], text):
                raise place.mistake(f"is shown if '{name}' is {text!r}, which it never is", me)


def _can_be(kind: Kind, text: str) -> bool:
    if kind.spec.nullable and not text:
        return True
    there = choices(kind.spec)
    if there:
        return text in map(_text, there)
    try:
        return _text(_validated(kind, text)) == text
    except ValidationError:
        return False


def _value(kind: Kind, raw: object) -> str:
    """A raw value as a text that can be compared: what it is once validated, or else as it is."""
    if raw is None:
        return ""
    try:
        return _text(_validated(kind, raw))
    except ValidationError:
        return _text(raw)


def _validated(kind: Kind, raw: object) -> object:
    adapter: TypeAdapter[Any] = TypeAdapter(kind.spec.annotation)
    return adapter.validate_python(raw)


def _text(value: object) -> str:
    plain = value.value if isinstance(value, Enum) else value
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return "" if plain is None else str(plain)


def _words(kind: Kind, wanted: frozenset[str]) -> str:
    labels = {_text(value): label for value, label in choices(kind.spec).items()}
    if kind.spec.annotation is bool and not labels:
        labels = {"true": "ticked", "false": "not ticked"}
        return f"“{kind.spec.title}” is {' or '.join(labels[text] for text in sorted(wanted))}"
    return f"“{kind.spec.title}” is {' or '.join(f'“{labels.get(text, text)}”' for text in sorted(wanted))}"
