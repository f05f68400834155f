"""A function's signature, sorted: the row, the file, the context, the services, and what an operator fills in."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel

from webapp.authoring.context import Context
from webapp.authoring.files import Items, Table, UploadedFile
from webapp.authoring.place import Place
from webapp.authoring.row import Row
from webapp.authoring.services import Service, declared_service, read_service

FileKind = Literal["table", "items", "upload"]
_FILE_KINDS: dict[object, FileKind] = {Table: "table", Items: "items", UploadedFile: "upload"}
_MUTABLE = (list, dict, set, bytearray)


class Shape(StrEnum):
    """How a function is called: once for each row, once with the file, or once with parameters only."""

    ROW = "row"
    FILE = "file"
    PLAIN = "plain"


@dataclass(slots=True)
class Signature:
    """What a job's function takes."""

    row_model: type[BaseModel] | None = None
    any_row: bool = False  # its `row` is a Row: no model, any columns
    file_param: str | None = None
    file_kind: FileKind | None = None
    context_param: str | None = None
    services: dict[str, Service] = field(default_factory=dict)
    settings: dict[str, tuple[Any, object]] = field(default_factory=dict)  # name: (annotation, default or ...)

    @property
    def shape(self) -> Shape:
        if self.row_model or self.any_row:
            return Shape.ROW
        return Shape.FILE if self.file_param else Shape.PLAIN


def read_signature(function: Callable[..., object], place: Place) -> Signature:
    """Sort the parameters of a function.

    Raises:
        AuthoringError: The function cannot be a job's; says which parameter and what to write instead.
    """
    _check_callable(function, place)
    hints = _hints(function, place)
    found = Signature()
    on_loop = inspect.iscoroutinefunction(inspect.unwrap(function))
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        hint = hints.get(parameter.name)
        _check_parameter(parameter, place)
        service = declared_service(parameter, hint, place)
        if service is not None:
            found.services[parameter.name] = read_service(parameter.name, service, place, on_loop=on_loop)
        else:
            _sort(found, parameter, hint, position, place)
    return found


def _check_callable(function: Callable[..., object], place: Place) -> None:
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        raise place.mistake("uses yield, and would never run: report with ctx.progress(...) instead")


def _hints(function: Callable[..., object], place: Place) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise place.mistake(
            f"has an annotation that cannot be read ({error}): import its type outside of `if TYPE_CHECKING`, "
            "and define it at the top level of the file"
        ) from error


def _check_parameter(parameter: inspect.Parameter, place: Place) -> None:
    name = parameter.name
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
        raise place.mistake(f"is {stars}{name}: name each parameter, a form cannot ask for any number of them", name)
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise place.mistake("is positional-only: take the / out of the signature, jobs are called by name", name)
    if parameter.annotation is parameter.empty:
        raise place.mistake(f"has no type: annotate it, for example {name}: str", name)
    if name.startswith(("_", "model_")):
        raise place.mistake("begins with '_' or 'model_', which is kept for the machinery: rename it", name)
    if isinstance(parameter.default, _MUTABLE):
        raise place.mistake(
            f"has the default {parameter.default!r}, which all calls would share: use a tuple, "
            "or Annotated[..., Field(default_factory=...)]",
            name,
        )


def _sort(found: Signature, parameter: inspect.Parameter, hint: object, position: int, place: Place) -> None:
    if parameter.name == "row":
        _check_first(position, place)
        found.any_row = hint is Row
        found.row_model = None if found.any_row else _row_model(hint, place)
    elif hint is Context:
        if found.context_param:
            raise place.mistake(f"asks for the Context a second time, after '{found.context_param}'", parameter.name)
        found.context_param = parameter.name
    elif hint in (Table, Items, UploadedFile):
        _check_only_file(found, parameter.name, place)
        found.file_param, found.file_kind = parameter.name, _FILE_KINDS[hint]
    else:
        default = ... if parameter.default is parameter.empty else parameter.default
        found.settings[parameter.name] = (hint, default)


def _check_first(position: int, place: Place) -> None:
    if position:
        raise place.mistake("has to come first: move it to the front", "row")


def _row_model(hint: object, place: Place) -> type[BaseModel]:
    if not (isinstance(hint, type) and issubclass(hint, BaseModel)):
        raise place.mistake(
            "is not a model: annotate it with a pydantic BaseModel of the file's columns, or with Row to take any",
            "row",
        )
    return hint


def _check_only_file(found: Signature, name: str, place: Place) -> None:
    if found.shape is Shape.ROW:
        raise place.mistake("asks for the file, whose rows 'row' receives already: take one of them out", name)
    if found.file_param:
        raise place.mistake(f"asks for a second file, after '{found.file_param}': a job takes one file", name)
