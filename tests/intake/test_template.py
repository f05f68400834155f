"""A table to fill in: under the names that match, with words for what is wanted and an example that would pass."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import openpyxl
import pytest
from pydantic import AwareDatetime, BaseModel, EmailStr, Field, FutureDate, HttpUrl, PastDate, field_validator

from webapp.intake import (
    How,
    NoRowsError,
    RowChecker,
    detect,
    prepare,
    preview,
    profile,
    read_slices,
    settle_match,
)
from webapp.intake.output import csv_line
from webapp.intake.template import template_columns, template_csv
from webapp.intake.template_book import ROWS, template_xlsx
from webapp.intake.workbook import ABOUT


class Size(Enum):
    SMALL = "small"
    LARGE = "large, and more"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Everything(BaseModel):
    """A field of each kind, with limits."""

    customer_id: Annotated[str, Field(description="As on the invoice", examples=["00042"])]
    first_name: str
    mail: Annotated[EmailStr, Field(alias="E-Mail")]
    pieces: Annotated[int, Field(ge=1000, multiple_of=50, examples=[1050])]
    share: Annotated[float, Field(gt=0, lt=1)]
    price: Annotated[Decimal, Field(decimal_places=2)]
    bought: PastDate
    due: FutureDate
    moment: datetime
    aware: AwareDatetime
    opens: time
    sure: bool
    size: Size
    level: Level
    colour: Literal["red", "green"] = "red"
    step: Literal[10, 20] | None = None
    page: Annotated[HttpUrl | None, Field(title="Web page")] = None
    number: UUID | None = None
    pattern: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d+$")] = ""
    note: str | int | None = None


class Single(BaseModel):
    name: str


class Fussy(BaseModel):
    code: str
    word: str

    @field_validator("code")
    @classmethod
    def look_up(cls, value: str) -> str:
        return {"A1": value}[value]

    @field_validator("word")
    @classmethod
    def refuse(cls, value: str) -> str:
        raise ValueError(f"{value} is no word")


def examples(model: type[BaseModel]) -> dict[str, str]:
    return {column.name: column.example for column in template_columns(model)}


def rows_of(path: Path, model: type[BaseModel]) -> tuple[dict[str, How], list[BaseModel], list[str]]:
    """How the columns match, the rows that pass, and what is wrong with the others."""
    reading = detect(path)
    text = prepare(path, reading, path.with_suffix(".text"))
    match = settle_match(reading.columns, {column.name: column.kind for column in profile(text, reading)}, model)
    good, wrong = RowChecker(model, reading, match).check(next(read_slices(text, reading)))
    return match.how, [row[1] for row in good], [f"{problem.column} {problem.reason}" for problem in wrong]


def test_the_filled_in_csv_matches_exactly_and_has_the_rows_that_were_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "filled.csv"
    content = template_csv(Everything)
    assert content.startswith(b"\xef\xbb\xbfcustomer_id,first_name,E-Mail,"), "a spreadsheet takes it for UTF-8"
    path.write_bytes(content + 2 * csv_line(examples(Everything).values()).encode())
    how, rows, wrong = rows_of(path, Everything)
    assert how == dict.fromkeys(Everything.model_fields, How.EXACT)
    assert (len(rows), wrong) == (2, [])


def test_the_filled_in_workbook_matches_exactly_and_has_the_rows_that_were_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    book = openpyxl.load_workbook(BytesIO(template_xlsx(Everything)))
    for _ in range(2):
        book[ROWS].append(list(examples(Everything).values()))
    book.save(path)
    how, rows, wrong = rows_of(path, Everything)
    assert how == dict.fromkeys(Everything.model_fields, How.EXACT)
    assert wrong == []
    assert [row.customer_id for row in rows if isinstance(row, Everything)] == ["00042", "00042"]


@pytest.mark.parametrize("model", [Everything, Fussy, Single])
@pytest.mark.parametrize(("ending", "make"), [("csv", template_csv), ("xlsx", template_xlsx)])
def test_an_untouched_template_has_no_rows(
    model: type[BaseModel], ending: str, make: Callable[[type[BaseModel]], bytes], tmp_path: Path
) -> None:
    path = tmp_path / f"untouched.{ending}"
    path.write_bytes(make(model))
    with pytest.raises(NoRowsError, match="has a header and no rows below it"):
        preview(path, copy=tmp_path / "copy")


def test_the_example_says_what_is_meant() -> None:
    found = examples(Everything)
    assert found["customer_id"] == "00042", "the author's own example"
    assert found["first_name"] == "Anna", "by the name"
    assert found["E-Mail"] == "name@example.org"
    assert found["pieces"] == "1050"
    assert 0 < float(found["share"]) < 1
    assert (found["sure"], found["size"], found["level"], found["step"]) == ("yes", "small", "1", "10")
    assert date.fromisoformat(found["bought"]) < date.fromisoformat(found["due"])


def test_no_example_is_better_than_a_wrong_one() -> None:
    assert examples(Fussy) == {"code": "", "word": ""}
    assert examples(Everything)["pattern"] == ""


def test_an_example_of_the_author_is_written_as_in_a_cell() -> None:
    class Line(BaseModel):
        sure: Annotated[bool, Field(examples=[False])]
        size: Annotated[Size, Field(examples=[Size.LARGE])]
        day: Annotated[date, Field(examples=[date(2026, 1, 31)])]
        none: Annotated[int, Field(examples=["many"])]

    assert list(examples(Line).values()) == ["no", "large, and more", "2026-01-31", ""]


def test_each_column_says_what_it_holds_and_whether_it_is_needed() -> None:
    found = {column.name: column for column in template_columns(Everything)}
    assert [found[name].holds for name in ("pieces", "price", "bought", "moment", "note")] == [
        "whole number",
        "decimal",
        "date",
        "date and time",
        "text",
    ]
    assert (found["size"].allowed, found["size"].holds) == (("small", "large, and more"), "one of the allowed values")
    assert (found["sure"].allowed, found["level"].allowed, found["step"].allowed) == (
        ("yes", "no"),
        ("1", "2"),
        ("10", "20"),
    )
    assert (found["customer_id"].about, found["page"].about) == ("As on the invoice", "Web page")
    assert [found[name].required for name in ("size", "colour", "page")] == [True, False, False]


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(BytesIO(template_xlsx(Everything)))


def test_the_workbook_has_the_same_header_and_nothing_below_it(book: Any) -> None:
    assert book.sheetnames == [ROWS, ABOUT]
    assert [[cell.value for cell in row] for row in book[ROWS].iter_rows()] == [list(examples(Everything))]


def test_the_empty_cells_are_prepared_for_what_they_will_hold(book: Any) -> None:
    columns = {column.name: chr(ord("A") + at) for at, column in enumerate(template_columns(Everything))}
    dimensions = book[ROWS].column_dimensions
    formats = {name: dimensions[letter].number_format for name, letter in columns.items()}
    assert formats["customer_id"] == "@", "the zeros stay"
    assert (formats["pieces"], formats["price"], formats["level"]) == ("0", "General", "@")
    assert (formats["bought"], formats["moment"]) == ("yyyy-mm-dd", "yyyy-mm-dd hh:mm")
    assert formats["aware"] == "@", "a sheet knows no time zones"


def test_allowed_values_drop_down(book: Any) -> None:
    rules = {str(rule.sqref): rule for rule in book[ROWS].data_validations.dataValidation}
    lists = [column for column in template_columns(Everything) if column.allowed]
    assert len(rules) == len(lists) == 5
    rule = rules["M2:M1048576"]
    assert (rule.type, rule.allow_blank) == ("list", True)
    sheet, _, cells = rule.formula1.rpartition("!")
    assert sheet == f"'{ABOUT}'"
    assert [cell.value for (cell,) in book[ABOUT][cells.replace("$", "")]] == ["small", "large, and more"]


def test_the_second_sheet_says_what_each_column_holds(book: Any) -> None:
    about = {row[0]: row[1:5] for row in book[ABOUT].iter_rows(min_row=2, values_only=True)}
    assert about["customer_id"] == ("yes", "text", "As on the invoice", "00042")
    assert about["page"] == ("no", "web address", "Web page", "https://example.org")
    assert list(about) == list(examples(Everything))
    assert {name: cells[3] or "" for name, cells in about.items()} == examples(Everything)


@pytest.mark.parametrize("model", [Everything, Fussy, Single])
@pytest.mark.parametrize("filled", [1, 2, 3])
def test_a_template_is_read_from_its_rows_however_few(model: type[BaseModel], filled: int, tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    book = openpyxl.load_workbook(BytesIO(template_xlsx(model)))
    for _ in range(filled):
        book[ROWS].append([example or "x" for example in examples(model).values()])
    book.save(path)
    assert detect(path).sheet == ROWS
