"""bool: a box to tick."""

from collections.abc import Sequence

from webapp.authoring.kind import Form, Kind, texts
from webapp.authoring.spec import Spec


class Boolean(Kind):
    """Ticked is yes. The page sends an empty value with it, so that unticked differs from not asked."""

    widget = "checkbox"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is bool and not spec.nullable

    @property
    def required(self) -> bool:
        return False

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        return any(texts(form, self.spec.form_name))

    def show(self, value: object) -> bool:
        return bool(value)
