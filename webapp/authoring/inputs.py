"""The inputs of a model: one kind for each of its fields."""

from pydantic import BaseModel

from webapp.authoring.kind import Kind
from webapp.authoring.kinds import kind_for
from webapp.authoring.kinds.database import OneDatabase
from webapp.authoring.spec import Spec, spec_of

_DEEPEST = 5


class UnsupportedField(TypeError):  # noqa: N818 - named for what was found
    """A field for which there is no kind; the message says what about it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


def inputs_of(model: type[BaseModel], parent: str = "") -> tuple[Kind, ...]:
    """The inputs of a model's fields in order.

    Raises:
        UnsupportedField: No kind takes the type of a field.
    """
    if parent.count(".") >= _DEEPEST:
        raise UnsupportedField(parent, "is nested too deep: a form ends after six levels")
    return tuple(_input_of(spec_of(name, field, parent)) for name, field in model.model_fields.items())


def _input_of(spec: Spec) -> Kind:
    kind = kind_for(spec)
    if kind is None:
        shown = getattr(spec.annotation, "__name__", None) if isinstance(spec.annotation, type) else None
        raise UnsupportedField(
            spec.path,
            f"has the type {shown or spec.annotation}, which no form can ask for: use str, int, float, Decimal, "
            "bool, date, datetime, an Enum, a Literal, a list of these, dict[str, str], OtherFile or a model",
        )
    if isinstance(kind, OneDatabase) and "." in spec.path:
        raise UnsupportedField(spec.path, "chooses a database within a model: make it a parameter of the function")
    if kind.secret_paths() == (spec.path,) and spec.default is not None:
        raise UnsupportedField(spec.path, "is a secret with a default: leave the default out, or make it None")
    return kind
