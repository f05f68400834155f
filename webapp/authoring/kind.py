"""What every kind of field can do; the kinds themselves are the files of `kinds/`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from webapp.authoring.spec import Spec

EMPTY = "is empty"


class Form(Protocol):
    """A submitted HTML form: a multi-dict such as Starlette's FormData."""

    def __contains__(self, key: object, /) -> bool: ...

    def getlist(self, key: str, /) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values to choose from."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field is asked for: the values of others by their names in the form, the same in words, whether it is."""

    watched: Mapping[str, Sequence[str]]
    words: str
    met: bool


@dataclass(frozen=True, slots=True)
class FormField:
    """One field, ready for its template `fields/<widget>.html`."""

    name: str
    path: str
    id: str
    title: str
    help: str
    widget: str
    required: bool
    value: str | bool = ""
    error: str | None = None
    options: tuple[Option, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    pair_words: tuple[str, str] = ("Name", "Value")
    pair_options: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """What there is to choose from; nothing where it is typed."""
    children: tuple["FormField", ...] = ()
    condition: Condition | None = None
    folded: str = ""
    """What it is like if nobody changes it: the field is folded away below these words."""
    opened: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether it is to be filled in, given the values of the others."""
        return self.condition is None or self.condition.met


class Kind(ABC):
    """One kind of field, for one spec.

    A raw value is what a form or a JSON document gives: text, truth, lists and mappings of them. None is
    what an operator leaves blank.
    """

    priority: ClassVar[int] = 50  # the lower is asked first whether it matches
    widget: ClassVar[str]
    note: ClassVar[str] = ""  # added to the help of every field of this kind

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @classmethod
    @abstractmethod
    def matches(cls, spec: Spec) -> bool:
        """Whether this kind is the one for the spec."""

    @abstractmethod
    def read(self, form: Form, columns: Sequence[str]) -> object:
        """The raw value out of a submitted form in which the field is present."""

    @property
    def required(self) -> bool:
        """Whether the operator has to fill the field in: blank is no value of it."""
        return not self.spec.nullable

    @property
    def offered(self) -> bool:
        """Whether there is anything to ask; what is not asked for has its default."""
        return True

    def present(self, form: Form) -> bool:
        """Whether the form has this field at all; one that has not leaves the default as it is."""
        return self.spec.form_name in form

    def complaint(self, raw: object) -> str | None:
        """Why the raw value cannot be taken, where the type's own validation would be too lenient or obscure."""
        return EMPTY if raw is None and not self.spec.nullable else None

    def complaints(self, raw: object) -> dict[str, str]:
        """The complaints of this field and of those inside it, by dotted path."""
        complaint = self.complaint(raw)
        return {self.spec.path: complaint} if complaint else {}

    def secret_paths(self) -> tuple[str, ...]:
        """The dotted paths of the secrets in this field."""
        return ()

    def file_paths(self) -> tuple[str, ...]:
        """The dotted paths of the other files in this field."""
        return ()

    def find(self, location: Sequence[str | int]) -> tuple["Kind", Sequence[str | int]]:
        """The innermost field at a validation error's location, and what is left of the location."""
        return self, location

    def show(self, value: object) -> str | bool:
        """The value as the widget shows it; a raw one is shown as it was typed."""
        return "" if value is None else str(value)

    def is_default(self, raw: object) -> bool:
        """Whether a raw value is the one the page showed at first."""
        return self.field(raw, {}, ()) == self.field(self.spec.default, {}, ())

    def attributes(self) -> dict[str, str]:
        """Further attributes of the HTML element."""
        return {}

    def field(self, value: object, errors: Mapping[str, str], columns: Sequence[str]) -> FormField:
        """The field for a page; `errors` are sentences by dotted path, `columns` those of the operator's file."""
        del columns  # only the kinds that choose a column need them
        spec = self.spec
        return FormField(
            name=spec.form_name,
            path=spec.path,
            id=spec.element_id,
            title=spec.title,
            help=" ".join(filter(None, (spec.help, self.note))),
            widget=self.widget,
            required=self.required,
            value=self.show(value),
            error=errors.get(spec.path),
            attributes=self.attributes(),
        )


class SingleLine(Kind):
    """A kind whose value is typed into one line; a list of such values is typed one to a line."""

    widget = "input"
    input_type: ClassVar[str] = "text"

    def from_text(self, text: str) -> object:
        """The raw value of a text that is not blank."""
        return text

    def read(self, form: Form, columns: Sequence[str]) -> object:  # noqa: ARG002 - the same for every kind
        text = last_text(form, self.spec.form_name).strip()
        return self.from_text(text) if text else None

    def attributes(self) -> dict[str, str]:
        hint = self.spec.hints.get("placeholder")
        return {"type": self.input_type} | ({"placeholder": str(hint)} if hint else {})


def texts(form: Form, name: str) -> list[str]:
    """All texts a form gives under a name."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def last_text(form: Form, name: str) -> str:
    """The text a form gives under a name; of several the last one counts."""
    return (texts(form, name) or [""])[-1]
