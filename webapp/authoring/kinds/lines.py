"""list[X] and tuple[X, ...] of what fits on a line: one to a line."""

from collections.abc import Sequence
from typing import TypeGuard

from webapp.authoring.kind import Form, Kind, SingleLine, last_text
from webapp.authoring.kinds import kind_for
from webapp.authoring.kinds.secret import Secret
from webapp.authoring.spec import Spec, element_of


class Lines(Kind):
    """Each line that is not blank is one element."""

    widget = "textarea"
    note = "One to a line."

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        element = _element_kind(spec)
        assert element is not None  # noqa: S101 - what `matches` made sure of
        self.element = element

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return _element_kind(spec) is not None

    @property
    def required(self) -> bool:
        return self.spec.required and not self.spec.nullable

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        lines = last_text(form, self.spec.form_name).splitlines()
        found = [self.element.from_text(line.strip()) for line in lines if line.strip()]
        return found or blank_list(self.spec)

    def complaint(self, raw: object) -> str | None:
        if not is_several(raw):
            return super().complaint(raw)
        complaints = ((item, self.element.complaint(item)) for item in raw)
        return next((f"has “{item!s:.40}”, which {said}" for item, said in complaints if said), None)

    def show(self, value: object) -> str:
        if not is_several(value):
            return "" if value is None else str(value)
        return "\n".join(str(self.element.show(item)) for item in value)

    def attributes(self) -> dict[str, str]:
        return {"rows": "4"}


def _element_kind(spec: Spec) -> SingleLine | None:
    element = element_of(spec)
    kind = kind_for(element) if element else None
    return kind if isinstance(kind, SingleLine) and not isinstance(kind, Secret) else None


def blank_list(spec: Spec) -> list[object] | None:
    """What nothing chosen or typed means: no value where one is needed, or where None says so; else an empty list."""
    return None if spec.required or spec.nullable else []


def is_several(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a value is a list of things (a text is one thing)."""
    return isinstance(value, Sequence) and not isinstance(value, str)
