"""list[Enum] and list[Literal]: some of a few values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webapp.authoring.kind import Form, FormField, Kind, Option, texts
from webapp.authoring.kinds.choice import as_text, choices, typed_choice
from webapp.authoring.kinds.lines import blank_list, is_several
from webapp.authoring.spec import Spec, element_of


class Choices(Kind):
    """Boxes to tick. The page sends an empty value with them, so that none differs from not asked."""

    priority = 40
    widget = "checkboxes"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        element = element_of(spec)
        return element is not None and bool(choices(element))

    @property
    def required(self) -> bool:
        return self.spec.required and not self.spec.nullable

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        chosen = [typed_choice(text, self._element) for text in texts(form, self.spec.form_name) if text]
        return chosen or blank_list(self.spec)

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        chosen = {as_text(item) for item in value} if is_several(value) else set()
        options = (Option(as_text(choice), label, as_text(choice) in chosen) for choice, label in self._labels())
        return replace(super().field(None, errors, columns), options=tuple(options))

    @property
    def _element(self) -> Spec:
        return element_of(self.spec) or self.spec

    def _labels(self) -> list[tuple[object, str]]:
        labels = self.spec.hints.get("labels", {})
        return [(choice, str(labels.get(choice, label))) for choice, label in choices(self._element).items()]
