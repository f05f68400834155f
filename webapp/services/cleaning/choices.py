"""What an operator may choose about cleaning a table, as groups of fields."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from webapp.authoring import ColumnName
from webapp.intake import Column
from webapp.intake.doubts import DAYS
from webapp.services.cleaning.countries import Form, region_of
from webapp.services.cleaning.rules import Misfits
from webapp.services.cleaning.values import (
    COUNTRY_OF_PHONES,
    READ_DAYS,
    DateOrder,
    DateStyle,
    Mark,
    Normal,
    countries,
    dates,
    emails,
    numbers,
    phones,
)

DATE_STYLES = {"iso": "2026-01-31", "dmy_dot": "31.01.2026", "dmy_slash": "31/01/2026", "mdy_slash": "01/31/2026"}
DATE_ORDERS = {"auto": "As found in the file", "dmy": "The day comes first", "mdy": "The month comes first"}
MARKS = {".": "1234.50", ",": "1234,50"}
FORMS = {"alpha2": "DE", "alpha3": "DEU", "name": "Germany"}
MISFITS = {"keep": "Keep the cell as it is", "reject": "Reject the row"}
NUMERIC = frozenset({"decimal", "integer"})
Columns = tuple[ColumnName, ...]


class ValueRules(BaseModel):
    """Columns whose cells are to be written in one way."""

    dates: Annotated[Columns, Field(title="Dates")] = ()
    date_style: Annotated[DateStyle, Field(title="Write dates as", json_schema_extra={"labels": DATE_STYLES})] = "iso"
    date_order: Annotated[DateOrder, Field(title=READ_DAYS, json_schema_extra={"labels": DATE_ORDERS})] = "auto"
    numbers: Annotated[Columns, Field(title="Numbers")] = ()
    decimal_mark: Annotated[Mark, Field(title="Write numbers as", json_schema_extra={"labels": MARKS})] = "."
    phones: Annotated[Columns, Field(title="Phone numbers", description="Written as +4930901820.")] = ()
    phone_country: Annotated[
        str | None,
        Field(
            title=COUNTRY_OF_PHONES,
            max_length=60,
            description="Numbers that begin without +49 or the like are numbers of this country.",
            json_schema_extra={"placeholder": "DE or Germany"},
        ),
    ] = None
    countries: Annotated[Columns, Field(title="Countries", description="Read in fifteen languages.")] = ()
    country_form: Annotated[Form, Field(title="Write countries as", json_schema_extra={"labels": FORMS})] = "alpha2"
    emails: Annotated[
        Columns,
        Field(
            title="E-mail addresses behind the @", description="In small letters. What stands before it stays as it is."
        ),
    ] = ()
    misfits: Annotated[Misfits, Field(title="What can’t be read", json_schema_extra={"labels": MISFITS})] = "keep"

    def problems(self) -> dict[str, str]:
        """What does not go together, by the name of the field."""
        chosen = [*self.dates, *self.numbers, *self.phones, *self.countries, *self.emails]
        twice = next((name for name in chosen if chosen.count(name) > 1), None)
        if twice is not None:
            return {"rules": f"“{twice}” is chosen for two rules. Choose one of them."}
        try:
            region_of(self.phone_country)
        except ValueError as error:
            return {"rules.phone_country": f"“{self.phone_country}” {error}."}
        return {}

    def titles(self) -> dict[str, str]:
        """The title of the rule of each column that has one."""
        fields = type(self).model_fields
        kinds = ("dates", "numbers", "phones", "countries", "emails")
        return {column: fields[kind].title or kind for kind in kinds for column in getattr(self, kind)}

    def needs_a_look(self) -> bool:
        """Whether the file's own way of writing has to be known."""
        return bool(self.numbers) or (bool(self.dates) and self.date_order == "auto")

    def normals(self, found: Mapping[str, Column]) -> dict[str, Normal]:
        """For each chosen column how a text becomes a value, by what is known of the columns."""
        normals: dict[str, Normal] = {}
        for name in self.dates:
            normals[name] = dates(
                self.date_style, self.date_order if self.date_order != "auto" else _order(found[name])
            )
        for name in self.numbers:
            normals[name] = numbers(self.decimal_mark, _mark(found[name]))
        normals |= dict.fromkeys(self.emails, emails)
        normals |= dict.fromkeys(self.countries, countries(self.country_form))
        return normals | (dict.fromkeys(self.phones, phones(region_of(self.phone_country))) if self.phones else {})


class SimilarChoice(BaseModel):
    """Rows that are nearly the same."""

    columns: Annotated[Columns, Field(title="Compare by")] = ()
    threshold: Annotated[
        int, Field(title="Alike from", ge=50, le=100, description="100 is the same, 90 a few letters’ difference.")
    ] = 90


class SplitChoice(BaseModel):
    """Several files instead of one, in a ZIP."""

    by: Annotated[
        Literal["nothing", "column", "rows"],
        Field(
            title="Split",
            json_schema_extra={
                "labels": {
                    "nothing": "Not at all",
                    "column": "One file for each value of a column",
                    "rows": "So many rows to a file",
                }
            },
        ),
    ] = "nothing"
    column: Annotated[ColumnName | None, Field(title="Column")] = None
    rows: Annotated[int, Field(title="Rows", ge=1, le=100_000_000)] = 10_000

    def problems(self, kept: Columns) -> dict[str, str]:
        """What does not go together, by the name of the field."""
        if self.by != "column":
            return {}
        if self.column is None:
            return {"split.column": "Choose the column by whose values the table is split."}
        if kept and self.column not in kept:
            return {"split.column": f"“{self.column}” is not among the columns to keep."}
        return {}


def _order(column: Column) -> DateOrder:
    style = (column.likely.style if column.likely and column.likely.kind in DAYS else column.style)[:3]
    known = column.kind in DAYS or (column.likely is not None and column.likely.kind in DAYS)
    return style if known and not column.doubt and style in {"dmy", "mdy"} else "auto"  # type: ignore[return-value]


def _mark(column: Column) -> Mark | None:
    of = column.likely if column.likely and column.likely.kind in NUMERIC else column
    return of.style[0] if of.kind in NUMERIC and not column.doubt and of.style[:1] in {".", ","} else None  # type: ignore[return-value]
