"""str: one line of text."""

import re
from collections.abc import Sequence

from webapp.authoring.kind import EMPTY, Form, SingleLine, last_text
from webapp.authoring.spec import Spec

# What Python's and the browser's expressions read alike; any other pattern is left to the server.
_PORTABLE = re.compile(r"\^((?:[\w ]|\\d|\[(?:\w-\w|\w|[ .])+\]|\{\d+(?:,\d*)?\}|[+*?])+)\$")
UNSTORABLE = "holds a character that cannot be kept (number 0)"


class Text(SingleLine):
    """One line; spaces around it are cut off, unless json_schema_extra={"strip": False}."""

    priority = 80

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation is str

    @property
    def required(self) -> bool:
        return super().required and self.spec.default != ""

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        text = last_text(form, self.spec.form_name)
        text = text if self.spec.hints.get("strip") is False else text.strip()
        return text or blank_text(self.spec)

    def complaint(self, raw: object) -> str | None:
        return text_complaint(raw, self.spec)

    def attributes(self) -> dict[str, str]:
        return super().attributes() | length_attributes(self.spec) | self._pattern()

    def _pattern(self) -> dict[str, str]:
        portable = _PORTABLE.fullmatch(str(self.spec.limits.get("pattern", "")))
        if not portable:
            return {}
        return {"pattern": portable[1]} | ({"title": self.spec.help} if self.spec.help else {})


def blank_text(spec: Spec) -> str | None:
    """What a blank text field means: nothing, unless its default is the empty text."""
    return "" if spec.default == "" else None


def text_complaint(raw: object, spec: Spec) -> str | None:
    """A complaint about a text that is missing, or that no database would keep."""
    if raw is None and not spec.nullable:
        return EMPTY
    return UNSTORABLE if isinstance(raw, str) and "\x00" in raw else None


def length_attributes(spec: Spec) -> dict[str, str]:
    """The limits of a text's length as HTML says them."""
    names = {"min_length": "minlength", "max_length": "maxlength"}
    return {names[limit]: str(spec.limits[limit]) for limit in names if limit in spec.limits}
