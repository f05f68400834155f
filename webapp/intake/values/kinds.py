"""The types a column may have."""

from enum import StrEnum


class ColumnType(StrEnum):
    """What the cells of a column are."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BOOLEAN = "boolean"
    EMAIL = "email"
    URL = "url"
    CODE = "code"
    TEXT = "text"

    @property
    def label(self) -> str:
        """The type in an operator's words."""
        return _LABELS[self]


_LABELS = {
    ColumnType.INTEGER: "whole number",
    ColumnType.DECIMAL: "decimal",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "date and time",
    ColumnType.TIME: "time of day",
    ColumnType.BOOLEAN: "yes/no",
    ColumnType.EMAIL: "e-mail",
    ColumnType.URL: "web address",
    ColumnType.CODE: "code",
    ColumnType.TEXT: "text",
}
