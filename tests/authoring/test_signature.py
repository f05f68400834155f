"""Every mistake an author can make in a signature names its place, its parameter and its mend."""

from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field

from webapp.authoring import AuthoringError, Context, Shape, Table, UploadedFile, job

if TYPE_CHECKING:
    from uuid import UUID


class Contact(BaseModel):
    id: int


def no_annotation(x) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001 - the mistake
def unsupported(x: bytes) -> None: ...
def unsupported_nested(x: list[list[int]]) -> None: ...
def not_checkable(x: Callable[[], int] | object) -> None: ...
def star_args(*x: int) -> None: ...
def star_kwargs(**x: int) -> None: ...
def two_files(file: Table, x: UploadedFile) -> None: ...
def row_and_file(row: Contact, x: UploadedFile) -> None: ...
def row_not_a_model(row: dict[str, str]) -> None: ...
def row_not_first(x: int, row: Contact) -> None: ...
def positional_only(x: int, /) -> None: ...
def mutable_default(x: list[str] = []) -> None: ...  # noqa: B006 - the mistake
def default_of_another_type(x: int = "five") -> None: ...  # type: ignore[assignment]
def default_none(x: int = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013 - the mistake
def default_not_decimal(x: Decimal = 5) -> None: ...  # type: ignore[assignment]
def default_outside(x: Annotated[int, Field(le=3)] = 5) -> None: ...
def two_contexts(ctx: Context, x: Context) -> None: ...
def underscored(_x: int) -> None: ...
def like_the_machinery(model_dump: int) -> None: ...
async def async_generator(x: int) -> AsyncIterator[int]:
    yield x


def generator(x: int) -> Iterator[int]:
    yield x


def only_for_the_checker(x: "UUID") -> None: ...


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            no_annotation,
            "parameter 'x' of no_annotation (test_signature.py:LINE) has no type: annotate it, for example x: str",
        ),
        (
            unsupported,
            "parameter 'x' of unsupported (test_signature.py:LINE) has the type bytes, which no form can ask for",
        ),
        (
            unsupported_nested,
            "parameter 'x' of unsupported_nested (test_signature.py:LINE) has the type list[list[int]]",
        ),
        (not_checkable, "parameter 'x' of not_checkable (test_signature.py:LINE) has the type"),
        (star_args, "parameter 'x' of star_args (test_signature.py:LINE) is *x: name each parameter"),
        (star_kwargs, "parameter 'x' of star_kwargs (test_signature.py:LINE) is **x: name each parameter"),
        (two_files, "parameter 'x' of two_files (test_signature.py:LINE) asks for a second file, after 'file'"),
        (row_and_file, "parameter 'x' of row_and_file (test_signature.py:LINE) asks for the file, whose rows"),
        (row_not_a_model, "parameter 'row' of row_not_a_model (test_signature.py:LINE) is not a model: annotate it"),
        (row_not_first, "parameter 'row' of row_not_first (test_signature.py:LINE) has to come first: move it"),
        (
            positional_only,
            "parameter 'x' of positional_only (test_signature.py:LINE) is positional-only: take the / out",
        ),
        (mutable_default, "parameter 'x' of mutable_default (test_signature.py:LINE) has the default []"),
        (
            default_of_another_type,
            "parameter 'x' of default_of_another_type (test_signature.py:LINE) has the default 'five'",
        ),
        (
            default_none,
            "parameter 'x' of default_none (test_signature.py:LINE) has the default None, which is not valid",
        ),
        (default_not_decimal, "parameter 'x' of default_not_decimal (test_signature.py:LINE) has the default 5"),
        (default_outside, "parameter 'x' of default_outside (test_signature.py:LINE) has the default 5"),
        (two_contexts, "parameter 'x' of two_contexts (test_signature.py:LINE) asks for the Context a second time"),
        (underscored, "parameter '_x' of underscored (test_signature.py:LINE) begins with '_' or 'model_'"),
        (like_the_machinery, "parameter 'model_dump' of like_the_machinery (test_signature.py:LINE) begins with"),
        (async_generator, "async_generator (test_signature.py:LINE) uses yield, and would never run"),
        (generator, "generator (test_signature.py:LINE) uses yield, and would never run"),
        (only_for_the_checker, "only_for_the_checker (test_signature.py:LINE) has an annotation that cannot be read"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_mistake_names_the_place_the_parameter_and_the_mend(function: Callable[..., Any], expected: str) -> None:
    with pytest.raises(AuthoringError) as refused:
        job()(function)
    assert str(refused.value).startswith(expected.replace("LINE", str(function.__code__.co_firstlineno)))
    assert not hasattr(function, "job_type")


def test_the_shape_is_told_from_the_signature() -> None:
    @job()
    def each(row: Contact, ctx: Context, limit: int = 3) -> None: ...

    @job()
    def table(limit: int, ctx: Context, data: Table) -> None: ...

    @job()
    def upload(image: UploadedFile) -> None: ...

    @job()
    def plain(limit: int) -> None: ...

    found = [
        (one.shape, one.row_model, one.file_param, one.file_kind, one.context_param, one.takes_file)
        for one in (each.job_type, table.job_type, upload.job_type, plain.job_type)
    ]
    assert found == [
        (Shape.ROW, Contact, None, None, "ctx", True),
        (Shape.FILE, None, "data", "table", "ctx", True),
        (Shape.FILE, None, "image", "upload", None, True),
        (Shape.PLAIN, None, None, None, None, False),
    ]
    assert list(each.job_type.params_model.model_fields) == ["limit"]


def test_a_model_that_is_not_called_row_is_a_group_of_fields() -> None:
    @job()
    def plain(contact: Contact) -> None: ...

    assert plain.job_type.shape is Shape.PLAIN
    assert [field.widget for field in plain.job_type.fields()] == ["fieldset"]


def test_parameters_may_be_called_like_methods_of_a_model() -> None:
    @job()
    def plain(copy: int, json: str = "x", schema: int = 1, validate: bool = False) -> None: ...  # noqa: FBT001, FBT002 - a job's parameters are called by name

    params = plain.job_type.validate({"copy": 2})
    assert plain.job_type.arguments(params) == {"copy": 2, "json": "x", "schema": 1, "validate": False}
