"""OtherFile: a file beside the one with the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from webapp.authoring.kind import Form, FormField, Kind, last_text
from webapp.authoring.other_file import OtherFile
from webapp.authoring.spec import Spec


class OneFile(Kind):
    """A file to choose; one that was chosen before stays until it is taken out or another is chosen."""

    widget = "file"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is OtherFile

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        return last_text(form, self.spec.form_name).strip() or None

    def file_paths(self) -> tuple[str, ...]:
        return (self.spec.path,)

    def show(self, value: object) -> str:
        """Its name."""
        return "" if value is None else str(value).partition(" ")[2] or "file"

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        field = super().field(value, errors, columns)
        accept = self.spec.hints.get("accept")
        attributes = {"kept": "" if value is None else str(value)} | ({"accept": str(accept)} if accept else {})
        return replace(field, attributes=attributes)
