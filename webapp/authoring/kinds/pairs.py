"""dict[str, str]: names and values of the operator's own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import get_args, get_origin

from webapp.authoring.kind import Form, FormField, Kind, texts
from webapp.authoring.kinds.lines import is_several
from webapp.authoring.kinds.text import UNSTORABLE
from webapp.authoring.spec import Spec

_BLANK_ROWS = 3


class Pairs(Kind):
    """Rows of two fields, `….key` and `….value`; three blank ones are always there for more.

    Rows that are no mapping (a name given twice, a value without a name) stay a list of pairs, so that the
    page can show them again as they were typed. With json_schema_extra={"pairs": ["Column", "Type"]} the two are
    called so; with "values": [...] the second is chosen, and the first then is a column of the file.
    """

    widget = "pairs"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return get_origin(spec.annotation) is dict and get_args(spec.annotation) == (str, str)

    @property
    def required(self) -> bool:
        return self.spec.required and not self.spec.nullable

    def present(self, form: Form) -> bool:
        return f"{self.spec.form_name}.key" in form

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        name = self.spec.form_name
        rows = zip_longest(texts(form, f"{name}.key"), texts(form, f"{name}.value"), fillvalue="")
        pairs = [[key.strip(), value.strip()] for key, value in rows if key.strip() or value.strip()]
        if not pairs:
            return None if self.spec.required or self.spec.nullable else {}
        return pairs if self._pairs_complaint(pairs) else dict(pairs)

    def complaint(self, raw: object) -> str | None:
        if isinstance(raw, Mapping):
            return UNSTORABLE if any("\x00" in f"{key}{text}" for key, text in raw.items()) else None
        if not is_several(raw):
            return super().complaint(raw)
        return self._pairs_complaint(raw) or "is not a set of names with values"

    def show(self, value: object) -> str:
        del value  # shown as pairs
        return ""

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        shown = value.items() if isinstance(value, Mapping) else value if is_several(value) else ()
        blank = [("", "")] * _BLANK_ROWS
        values = tuple(map(str, self.spec.hints.get("values", ())))
        return replace(
            super().field(value, errors, columns),
            pairs=(*map(_two, shown), *blank),
            pair_words=self._words,
            pair_options=(tuple(columns) if values else (), values),
        )

    @property
    def _words(self) -> tuple[str, str]:
        """What the two of a pair are called."""
        name, value = self.spec.hints.get("pairs", ("Name", "Value"))
        return str(name), str(value)

    def _pairs_complaint(self, pairs: Sequence[object]) -> str | None:
        name, value = map(str.lower, self._words)
        keys = Counter(_two(pair)[0] for pair in pairs)
        if "" in keys:
            return f"has a {value} without a {name}"
        twice = next((key for key, count in keys.items() if count > 1), None)
        return f"has the {name} {twice!s:.40} more than once" if twice is not None else None


def _two(pair: object) -> tuple[str, str]:
    return (str(pair[0]), str(pair[1])) if is_several(pair) and len(pair) == 2 else ("", "")  # noqa: PLR2004 - a pair
