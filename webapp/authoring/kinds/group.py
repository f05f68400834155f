"""A nested model: its fields in a frame of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel

from webapp.authoring.kind import Form, FormField, Kind
from webapp.authoring.spec import Spec

_LEAVE_OUT = "Leave all of it blank if there is none."


class Group(Kind):
    """The fields of a model. One that may be left out is None when nothing in it was filled in."""

    widget = "fieldset"

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        from webapp.authoring.inputs import inputs_of  # noqa: PLC0415 - inputs are made of kinds, this kind of inputs

        self.inputs = inputs_of(spec.annotation, spec.path)

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return isinstance(spec.annotation, type) and issubclass(spec.annotation, BaseModel)

    @property
    def required(self) -> bool:
        return False  # its fields say so themselves

    def present(self, form: Form) -> bool:
        return any(kind.present(form) for kind in self.inputs)

    def read(self, form: Form, columns: Sequence[str]) -> object:
        raw = {kind.spec.name: kind.read(form, columns) for kind in self.inputs if kind.present(form)}
        return None if self.spec.nullable and self._untouched(raw) else raw

    def complaints(self, raw: object) -> dict[str, str]:
        if not isinstance(raw, Mapping):
            return super().complaints(raw)
        given = [kind.complaints(raw[kind.spec.name]) for kind in self.inputs if kind.spec.name in raw]
        return {path: complaint for complaints in given for path, complaint in complaints.items()}

    def secret_paths(self) -> tuple[str, ...]:
        return tuple(path for kind in self.inputs for path in kind.secret_paths())

    def file_paths(self) -> tuple[str, ...]:
        return tuple(path for kind in self.inputs for path in kind.file_paths())

    def find(self, location: Sequence[str | int]) -> tuple[Kind, Sequence[str | int]]:
        for kind in self.inputs:
            if location and location[0] in (kind.spec.name, kind.spec.alias):
                return kind.find(location[1:])
        return self, location

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        values = {**value.__dict__} if isinstance(value, BaseModel) else value
        given = values if isinstance(values, Mapping) else {}
        children = tuple(
            kind.field(given.get(kind.spec.name, kind.spec.default), errors, columns) for kind in self.inputs
        )
        field = super().field(None, errors, columns)
        if not self.spec.nullable:
            return replace(field, children=children)
        # None of its fields is required: a browser would insist on them even where the whole is left out.
        words = " ".join(filter(None, (field.help, _LEAVE_OUT)))
        return replace(field, help=words, children=tuple(_not_required(child) for child in children))

    def _untouched(self, raw: Mapping[str, object]) -> bool:
        kinds = {kind.spec.name: kind for kind in self.inputs}
        return all(not value or kinds[name].is_default(value) for name, value in raw.items())


def _not_required(field: FormField) -> FormField:
    return replace(field, required=False, children=tuple(_not_required(child) for child in field.children))
