"""OtherFile: a parameter that is a file beside the one whose rows the job works on, such as an attachment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

GONE = "is not on the desk any more. Choose the file again"
NO_FILE = "is not a file that was handed in"


def _nowhere() -> Path:
    raise LookupError("this file was not looked up on a desk")


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A file that was handed in for a parameter; stored as its id and name."""

    id: UUID
    name: str = "file"
    size: int = 0
    locate: Callable[[], Path] = field(default=_nowhere, repr=False, compare=False)
    """Says where its bytes are; asked only when they are wanted, for they may have to be fetched."""

    @property
    def path(self) -> Path:
        """Where its bytes are."""
        return self.locate()

    def __str__(self) -> str:
        return f"{self.id} {self.name}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - pydantic's protocol
        text = core_schema.with_info_after_validator_function(_found, core_schema.str_schema(max_length=400))
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.with_info_plain_validator_function(_given),
            serialization=core_schema.to_string_ser_schema(),
        )


FindFile = Callable[[UUID], OtherFile | None]
"""The file with an id, if whoever asks may use it."""


def _given(value: object, info: ValidationInfo) -> OtherFile:
    if isinstance(value, OtherFile):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("no_file", NO_FILE)
    return _found(value, info)


def _found(text: str, info: ValidationInfo) -> OtherFile:
    given, _, name = text.strip().partition(" ")
    try:
        file_id = UUID(given)
    except ValueError:
        raise PydanticCustomError("no_file", NO_FILE) from None
    find: FindFile | None = (info.context or {}).get("files")
    if find is None:
        return OtherFile(file_id, name or "file")
    file = find(file_id)
    if file is None:
        raise PydanticCustomError("no_file", GONE)
    return file
