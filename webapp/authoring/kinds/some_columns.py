"""list[ColumnName]: some of the columns of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webapp.authoring.columns import matching_column
from webapp.authoring.kind import Form, FormField, Kind, Option, texts
from webapp.authoring.kinds.column import is_column
from webapp.authoring.kinds.lines import blank_list, is_several
from webapp.authoring.spec import Spec, element_of

MOST_BOXES = 300
"""Nobody looks through more of them, and ten thousand in each of several fields are a page of megabytes."""
ONE_TO_A_LINE = "Write one column to a line."


class SomeColumns(Kind):
    """Boxes to tick, one for each column; lines of text where there are too many, or as long as they are not known."""

    priority = 30
    widget = "checkboxes"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        element = element_of(spec)
        return element is not None and is_column(element)

    @property
    def required(self) -> bool:
        return self.spec.required and not self.spec.nullable

    def read(self, form: Form, columns: Sequence[str]) -> object:
        given = texts(form, self.spec.form_name)
        if not _fit_in_boxes(columns):
            given = [line.strip() for text in given for line in text.splitlines()]
        return [matching_column(text, tuple(columns)) for text in given if text] or blank_list(self.spec)

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        chosen = [str(item) for item in value] if is_several(value) else []
        field = super().field(None, errors, columns)
        if not _fit_in_boxes(columns):
            words = f"{field.help} {ONE_TO_A_LINE}".strip() if columns else field.help
            return replace(field, widget="textarea", value="\n".join(chosen), help=words, attributes={"rows": "4"})
        return replace(field, options=tuple(Option(name, name, name in chosen) for name in columns))


def _fit_in_boxes(columns: Sequence[str]) -> bool:
    return 0 < len(columns) <= MOST_BOXES
