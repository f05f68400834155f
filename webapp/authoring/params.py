"""The model of a job's parameters, made from its signature."""

import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError
from pydantic.fields import FieldInfo

from webapp.authoring.columns import Column
from webapp.authoring.conditions import check_conditions
from webapp.authoring.inputs import UnsupportedField, inputs_of
from webapp.authoring.kind import Kind
from webapp.authoring.kinds.database import OneDatabase
from webapp.authoring.kinds.moment import assume_utc
from webapp.authoring.place import Place
from webapp.authoring.signature import Shape, Signature
from webapp.authoring.spec import element_of, unwrap
from webapp.authoring.words import title_of

_CONFIG = ConfigDict(
    frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True, protected_namespaces=()
)


def make_params(
    name: str, signature: Signature, helps: Mapping[str, str], place: Place
) -> tuple[type[BaseModel], tuple[Kind, ...]]:
    """The frozen model of the parameters, and the input for each of its fields.

    Raises:
        AuthoringError: A parameter has a type no form can ask for, or a default that is not of its type.
    """
    fields = {key: _field(key, hint, default, helps.get(key)) for key, (hint, default) in signature.settings.items()}
    for key, (annotation, default) in fields.items():
        _check_default(key, annotation, default, place)
    model = _model(name, fields)
    inputs = _inputs(model, place)
    check_conditions(inputs, place)
    _check_one_database(inputs, place)
    if signature.shape is Shape.PLAIN:
        _check_no_columns(inputs, place)
    return model, inputs


def _field(name: str, hint: Any, default: object, help_text: str | None) -> tuple[Any, Any]:  # noqa: ANN401 - an annotation
    declared = FieldInfo.from_annotation(hint)
    annotation, _, _ = unwrap(hint)
    words = Field(title=declared.title or title_of(name), description=declared.description or help_text)
    extras = (words, AfterValidator(assume_utc)) if annotation is datetime else (words,)
    return Annotated[(hint, *extras)], default


def _model(name: str, fields: Mapping[str, tuple[Any, Any]]) -> type[BaseModel]:
    with warnings.catch_warnings():
        # A parameter may well be called `copy` or `json`; nothing here uses those methods of the model.
        warnings.filterwarnings("ignore", message="Field name .* shadows an attribute", category=UserWarning)
        definitions: dict[str, Any] = {
            key: (annotation, Field() if default is ... else default) for key, (annotation, default) in fields.items()
        }
        return create_model(f"{title_of(name).title().replace(' ', '')}Params", __config__=_CONFIG, **definitions)


def _check_default(name: str, annotation: Any, default: object, place: Place) -> None:  # noqa: ANN401 - an annotation
    try:
        adapter = TypeAdapter(annotation)
        if default is not ... and not isinstance(default, FieldInfo):
            adapter.validate_python(default, strict=True)
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise place.mistake(f"has the default {default!r}, which is not valid for its type: {reason}", name) from error
    except PydanticSchemaGenerationError as error:
        raise place.mistake("has a type that cannot be checked: use a plain type or a pydantic model", name) from error


def _inputs(model: type[BaseModel], place: Place) -> tuple[Kind, ...]:
    try:
        return inputs_of(model)
    except UnsupportedField as error:
        raise place.mistake(str(error), error.path) from error


def _check_one_database(inputs: tuple[Kind, ...], place: Place) -> None:
    names = [kind.spec.name for kind in inputs if isinstance(kind, OneDatabase)]
    if len(names) > 1:
        raise place.mistake(f"chooses a second database beside '{names[0]}': a job writes into one", names[1])


def _check_no_columns(inputs: tuple[Kind, ...], place: Place) -> None:
    for kind in inputs:
        element = element_of(kind.spec) or kind.spec
        if any(isinstance(marker, Column) for marker in element.markers):
            raise place.mistake("chooses a column, but the job takes no file: add a Table parameter", kind.spec.name)
