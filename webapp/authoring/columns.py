"""ColumnName: a parameter that is one of the columns of the operator's file."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import with_info_after_validator_function

UNKNOWN_COLUMN = "unknown_column"


@dataclass(frozen=True, slots=True)
class Column:
    """Marks a text as the name of a column; checked when the columns are given with the validation."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - pydantic's protocol
        return with_info_after_validator_function(_known_column, handler(source))


ColumnName = Annotated[str, Column()]


def _known_column(name: str, info: ValidationInfo) -> str:
    columns = (info.context or {}).get("columns")
    if columns is not None and name not in columns:
        raise PydanticCustomError(UNKNOWN_COLUMN, "is not a column of this file")
    return name


def matching_column(text: str, columns: tuple[str, ...]) -> str:
    """The column a submitted text names: browsers send a line break in a name as two characters."""
    plain = " ".join(text.split())
    return text if text in columns else next((name for name in columns if " ".join(name.split()) == plain), text)
