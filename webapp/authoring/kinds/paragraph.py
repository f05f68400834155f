"""str that may be long: several lines of text."""

from collections.abc import Sequence

from webapp.authoring.kind import Form, Kind, last_text
from webapp.authoring.kinds.text import blank_text, length_attributes, text_complaint
from webapp.authoring.spec import Spec

_LONG = 200


class Paragraph(Kind):
    """Asked for by json_schema_extra={"widget": "textarea"}, or by a max_length above 200."""

    priority = 70
    widget = "textarea"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        asked = spec.hints.get("widget") == "textarea" or spec.limits.get("max_length", 0) > _LONG
        return spec.annotation is str and asked

    @property
    def required(self) -> bool:
        return super().required and self.spec.default != ""

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        text = last_text(form, self.spec.form_name).replace("\r\n", "\n")
        return text if text.strip() else blank_text(self.spec)

    def complaint(self, raw: object) -> str | None:
        return text_complaint(raw, self.spec)

    def attributes(self) -> dict[str, str]:
        hint = self.spec.hints.get("placeholder")
        return {"rows": "5"} | ({"placeholder": str(hint)} if hint else {}) | length_attributes(self.spec)
