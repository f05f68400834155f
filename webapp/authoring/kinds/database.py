"""DatabaseName: one of the databases that the administrator has named, or the desk's data database."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from webapp.authoring.databases import OWN, Database
from webapp.authoring.kind import Form, FormField, Kind, Option, last_text
from webapp.authoring.spec import Spec

OWN_LABEL = "The desk’s data database"


class OneDatabase(Kind):
    """A list of the names; not asked for where there is only one database."""

    priority = 30
    widget = "select"

    def __init__(self, spec: Spec, names: Sequence[str] = ()) -> None:
        super().__init__(spec)
        self.names = tuple(names)

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is str and any(isinstance(marker, Database) for marker in spec.markers)

    def offering(self, names: Sequence[str]) -> Self:
        """The same with these names to choose from."""
        return type(self)(self.spec, names)

    @property
    def offered(self) -> bool:
        return bool(self.names) or self.spec.default != OWN

    @property
    def required(self) -> bool:
        return self.spec.required

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        return last_text(form, self.spec.form_name)

    def complaint(self, raw: object) -> str | None:
        if raw is None or raw in (OWN, *self.names):
            return super().complaint(raw)
        return f"has “{raw!s:.60}”, which is no database that the administrator has named. Choose another"

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        shown = OWN if value is None else value
        options = [Option(OWN, OWN_LABEL, shown == OWN), *(Option(name, name, name == shown) for name in self.names)]
        return replace(super().field(value, errors, columns), options=tuple(options))
