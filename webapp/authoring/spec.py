"""What a declared field asks for: the annotation unwrapped, its limits and its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from webapp.authoring.words import title_of

_LIMITS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "decimal_places")


@dataclass(frozen=True, slots=True)
class Spec:
    """One parameter, or one field of a nested model.

    `annotation` is without `Annotated` and `| None`; what they said is in `markers`, `limits` and `nullable`.
    """

    name: str
    path: str
    annotation: Any
    nullable: bool
    required: bool
    declared: FieldInfo
    title: str
    help: str
    limits: Mapping[str, Any]
    hints: Mapping[str, Any]
    markers: tuple[object, ...]
    alias: str | None = None

    @property
    def default(self) -> object:
        """The default, made anew where a factory makes it; None where the field is required."""
        return None if self.required else self.declared.get_default(call_default_factory=True, validated_data={})

    @property
    def form_name(self) -> str:
        """The name of the field in an HTML form."""
        return f"params.{self.path}"

    @property
    def element_id(self) -> str:
        """The id of the field's element in a page."""
        return self.form_name.replace(".", "-")


def spec_of(name: str, field: FieldInfo, parent: str = "") -> Spec:
    """The spec of a model's field; `parent` is the dotted path of the model it belongs to."""
    annotation, nullable, inner = unwrap(field.annotation)
    markers = (*field.metadata, *inner)
    hints = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return Spec(
        name=name,
        path=f"{parent}.{name}" if parent else name,
        annotation=annotation,
        nullable=nullable,
        required=field.is_required(),
        declared=field,
        title=field.title or title_of(name),
        help=field.description or "",
        limits=_limits(markers),
        hints=hints,
        markers=markers,
        alias=field.validation_alias if isinstance(field.validation_alias, str) else None,
    )


def element_of(spec: Spec) -> Spec | None:
    """The spec of one element, if the field is a `list[X]` or a `tuple[X, ...]`."""
    arguments = get_args(spec.annotation)
    is_list = get_origin(spec.annotation) is list and len(arguments) == 1
    is_tuple = get_origin(spec.annotation) is tuple and arguments[1:] == (Ellipsis,)
    if not (is_list or is_tuple):
        return None
    return spec_of(spec.name, FieldInfo.from_annotation(arguments[0]), spec.path.rpartition(".")[0])


def unwrap(annotation: Any) -> tuple[Any, bool, tuple[object, ...]]:  # noqa: ANN401 - an annotation can be anything
    """Take `Annotated` and `| None` off an annotation: (the type, whether None is allowed, what was attached)."""
    nullable = False
    markers: tuple[object, ...] = ()
    while True:
        arguments = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation, markers = arguments[0], (*markers, *_flat(arguments[1:]))
        elif get_origin(annotation) in (Union, UnionType) and len(arguments) == 2 and NoneType in arguments:  # noqa: PLR2004 - X and None
            nullable = True
            annotation = next(argument for argument in arguments if argument is not NoneType)
        else:
            return annotation, nullable, markers


def _flat(markers: tuple[object, ...]) -> tuple[object, ...]:
    flat: list[object] = []
    for marker in markers:
        flat.extend(marker.metadata if isinstance(marker, FieldInfo) else (marker,))
    return tuple(flat)


def _limits(markers: tuple[object, ...]) -> dict[str, Any]:
    found = {name: getattr(marker, name, None) for marker in markers for name in _LIMITS if hasattr(marker, name)}
    return {name: limit for name, limit in found.items() if limit is not None}
