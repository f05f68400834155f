"""ColumnName: one of the columns of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webapp.authoring.columns import Column, matching_column
from webapp.authoring.kind import Form, FormField, Kind, Option, last_text
from webapp.authoring.kinds.choice import CHOOSE, NOTHING
from webapp.authoring.spec import Spec


class OneColumn(Kind):
    """A list of the file's columns; a line of text as long as they are not known."""

    priority = 30
    widget = "select"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return is_column(spec)

    def read(self, form: Form, columns: Sequence[str]) -> object:
        text = last_text(form, self.spec.form_name)
        return matching_column(text, tuple(columns)) if text.strip() else None

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        field = super().field(value, errors, columns)
        if not columns:
            return replace(field, widget="input", attributes={"type": "text"})
        blank = Option("", NOTHING if self.spec.nullable else CHOOSE, value not in columns)
        return replace(field, options=(blank, *(Option(name, name, name == value) for name in columns)))


def is_column(spec: Spec) -> bool:
    """Whether a spec is marked as the name of a column."""
    return spec.annotation is str and any(isinstance(marker, Column) for marker in spec.markers)
