"""Rows are matched to a model and checked; each that does not pass is one problem in words."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, EmailStr, Field, create_model, field_validator, model_validator

from webapp.intake import Reading, RowChecker, RowProblem, match_columns, read_slices
from webapp.intake.columns import columns_of
from webapp.intake.converter import EITHER_WAY, OTHERWISE
from webapp.intake.styles import styles_from_json, styles_of, styles_to_json

Make = Callable[..., Reading]


class Country(Enum):
    DE = "DE"
    FR = "FR"


class Grade(IntEnum):
    LOW = 1
    HIGH = 2


class Contact(BaseModel):
    id: int
    email: EmailStr
    born: date | None
    amount: Decimal = Decimal(0)
    country: Country = Country.DE
    level: Literal[1, 2] = 1
    grade: Grade = Grade.LOW
    active: bool = False
    note: str = "none"


COLUMNS = tuple(Contact.model_fields)
GOOD = ["7", "a@example.org", "2000-01-31", "1.50", "FR", "2", "2", "yes", "hello"]


def check(
    write: Any, reading: Make, model: type[BaseModel], columns: tuple[str, ...], *rows: list[str]
) -> tuple[list[Any], list[RowProblem]]:
    path = write(("\n".join(",".join(row) for row in [list(columns), *rows]) + "\n").encode())
    how = reading(len(columns), columns=columns)
    good: list[Any] = []
    problems: list[RowProblem] = []
    checker = RowChecker(model, how, match_columns(columns, model))
    for slice_ in read_slices(path, how):
        passed, failed = checker.check(slice_)
        good += passed
        problems += failed
    return good, problems


class Payment(BaseModel):
    paid: date
    amount: Decimal
    rate: float
    open: bool
    pieces: int
    at: datetime | None = None


PAYMENTS = [
    ["28/01/2018", "1.234,56 €", "12,5 %", "ja", "1.234.567", "28.01.2018 14:30"],
    ["01/02/2018", "2,00 €", "3 %", "nein", "12", ""],
]


def check_styled(
    write: Any, reading: Make, columns: tuple[str, ...], *rows: list[str]
) -> tuple[list[Payment], list[RowProblem]]:
    """Check rows parted by tabs, each column in the style that all its cells have."""
    path = write(("\n".join("\t".join(row) for row in [list(columns), *rows]) + "\n").encode())
    how = reading(len(columns), columns=columns, delimiter="\t")
    checker = RowChecker(Payment, how, match_columns(columns, Payment), styles_of(columns_of(how, rows)))
    slices = [checker.check(slice_) for slice_ in read_slices(path, how)]
    return [each[1] for good, _ in slices for each in good], [each for _, problems in slices for each in problems]


def changed(**cells: str) -> list[str]:
    return [cells.get(name, cell) for name, cell in zip(COLUMNS, GOOD, strict=True)]


def test_cells_become_typed_values_with_their_place(write: Any, reading: Make) -> None:
    good, problems = check(write, reading, Contact, COLUMNS, GOOD)
    assert not problems
    row, contact, offset, line, length = good[0]
    assert (row, line, length) == (1, 2, len(",".join(GOOD)) + 1)
    assert offset == len(",".join(COLUMNS)) + 1
    assert contact == Contact(
        id=7,
        email="a@example.org",
        born=date(2000, 1, 31),
        amount=Decimal("1.50"),
        country=Country.FR,
        level=2,
        grade=Grade.HIGH,
        active=True,
        note="hello",
    )


def test_a_blank_cell_is_the_default_or_nothing(write: Any, reading: Make) -> None:
    good, problems = check(write, reading, Contact, COLUMNS, ["7", "a@example.org", *[""] * 7])
    assert not problems
    assert good[0][1] == Contact(id=7, email="a@example.org", born=None)


@pytest.mark.parametrize(
    ("cells", "column", "found", "reason"),
    [
        ({"id": "x"}, "id", "x", "is not a whole number"),
        ({"id": ""}, "id", "", "is empty"),
        ({"id": "  "}, "id", "  ", "is empty"),
        ({"email": "a.example.org"}, "email", "a.example.org", "is not an e-mail address: an @ is missing"),
        ({"born": "2024-02-30"}, "born", "2024-02-30", "is not a date: there is no 30 February"),
        (
            {"born": "20240130"},
            "born",
            "20240130",
            "is a date written in another way than expected: write it as 2026-01-31",
        ),
        ({"born": "45000"}, "born", "45000", "is not a date: write it as 2026-01-31"),
        ({"amount": "n/a"}, "amount", "n/a", "is not a number"),
        ({"country": "XX"}, "country", "XX", "is not one of DE, FR"),
        ({"level": "3"}, "level", "3", "is not one of 1, 2"),
        ({"active": "perhaps"}, "active", "perhaps", "is neither yes nor no: write yes or no"),
        ({"id": "x", "amount": "y", "level": "9"}, "id", "x", "is not a whole number (and 2 more problems)"),
    ],
)
def test_a_row_that_does_not_pass_is_one_problem_in_words(  # noqa: PLR0913, PLR0917 - a table of cases
    cells: dict[str, str], column: str, found: str, reason: str, write: Any, reading: Make
) -> None:
    good, problems = check(write, reading, Contact, COLUMNS, GOOD, changed(**cells), GOOD)
    assert [item[0] for item in good] == [1, 3]
    problem = problems[0]
    assert (problem.row, problem.line, problem.column, problem.found, problem.reason) == (2, 3, column, found, reason)
    assert len(problem.all) == len(cells)


def test_spaces_around_what_is_no_text_do_no_harm(write: Any, reading: Make) -> None:
    good, problems = check(write, reading, Contact, COLUMNS, changed(country=" FR ", born=" 2000-01-31", note=" x "))
    assert not problems
    assert (good[0][1].country, good[0][1].born, good[0][1].note) == (Country.FR, date(2000, 1, 31), " x ")


def test_broken_records_are_problems_too_in_the_order_of_the_file(write: Any, reading: Make) -> None:
    _, problems = check(write, reading, Contact, COLUMNS, changed(id="x"), ["only"], changed(id="y"))
    assert [(problem.row, problem.code) for problem in problems] == [
        (1, "int_parsing"),
        (2, "missing_cells"),
        (3, "int_parsing"),
    ]


def test_what_a_model_says_itself_is_passed_on(write: Any, reading: Make) -> None:
    class Span(BaseModel):
        first: int
        last: int

        @field_validator("first")
        @classmethod
        def not_seven(cls, value: int) -> int:
            if value == 7:
                raise ValueError("is unlucky")
            return value

        @model_validator(mode="after")
        def in_order(self) -> "Span":
            if self.last < self.first:
                raise ValueError("ends before it begins")
            return self

    _, problems = check(write, reading, Span, ("first", "last"), ["7", "8"], ["3", "2"])
    assert [(problem.column, problem.reason) for problem in problems] == [
        ("first", "is unlucky"),
        (None, "ends before it begins"),
    ]


def test_moments_are_read_and_bare_numbers_refused(write: Any, reading: Make) -> None:
    class Event(BaseModel):
        at: datetime

    good, problems = check(write, reading, Event, ("at",), ["2026-01-31 14:30"], ["1700000000"])
    assert [item[1].at for item in good] == [datetime(2026, 1, 31, 14, 30)]  # noqa: DTZ001 - as the file has it
    assert [problem.reason for problem in problems] == ["is not a date and time: write it as 2026-01-31 14:30"]


def test_columns_match_by_name_alias_title_and_then_loosely() -> None:
    class Person(BaseModel):
        first_name: str
        mail: Annotated[str, Field(alias="E-Mail")]
        city: Annotated[str, Field(title="Ort")]
        size: int
        age: int
        note: str = ""

    match = match_columns(("FIRST NAME", "email", "Ort", "Größe", "Sïze", "extra"), Person)
    assert match.pairs == {
        "first_name": "FIRST NAME",
        "mail": "email",
        "city": "Ort",
        "size": "Sïze",
        "age": None,
        "note": None,
    }
    assert match.missing == ("age",)
    assert match.unused == ("Größe", "extra")


def test_a_column_feeds_one_field_and_the_exact_name_wins() -> None:
    class Pair(BaseModel):
        Name: str
        name: str

    assert match_columns(("name", "Name"), Pair).pairs == {"Name": "Name", "name": "name"}
    assert match_columns(("NAME",), Pair).missing == ("name",)


def test_rows_are_checked_by_alias_as_well(write: Any, reading: Make) -> None:
    class Order(BaseModel):
        number: Annotated[int, Field(alias="Order No.")]

    good, problems = check(write, reading, Order, ("order no",), ["5"], ["x"])
    assert good[0][1].number == 5
    assert [(problem.column, problem.found) for problem in problems] == [("order no", "x")]


def test_cells_are_read_in_the_style_of_their_column(write: Any, reading: Make) -> None:
    good, problems = check_styled(write, reading, tuple(Payment.model_fields), *PAYMENTS)
    assert not problems
    assert good == [
        Payment(
            paid=date(2018, 1, 28),
            amount=Decimal("1234.56"),
            rate=0.125,
            open=True,
            pieces=1_234_567,
            at=datetime(2018, 1, 28, 14, 30),  # noqa: DTZ001 - as the file has it
        ),
        Payment(paid=date(2018, 2, 1), amount=Decimal("2.00"), rate=0.03, open=False, pieces=12),
    ]


def test_without_styles_the_same_cells_are_refused(write: Any, reading: Make) -> None:
    columns = ("paid", "amount", "rate", "open", "pieces")
    path = write(("\n".join("\t".join(row[:5]) for row in [list(columns), *PAYMENTS]) + "\n").encode())
    how = reading(5, columns=columns, delimiter="\t")
    good, problems = RowChecker(Payment, how, match_columns(columns, Payment)).check(next(read_slices(path, how)))
    assert not good
    assert [column for column, _, _ in problems[0].all] == [column for column in columns if column != "open"]


def test_what_does_not_fit_its_column_is_refused_with_its_raw_text(write: Any, reading: Make) -> None:
    rows = [row[:5] for row in PAYMENTS * 60]
    rows[60] = [" 01/31/2018", "1,234.56 €", "12.5 pc", "jo", "1.234.56"]
    good, problems = check_styled(write, reading, ("paid", "amount", "rate", "open", "pieces"), *rows)
    assert len(good) == len(rows) - 1
    assert [(problem.row, problem.all) for problem in problems] == [
        (
            61,
            (
                ("paid", " 01/31/2018", "is a date written in another way than expected: write it as 2026-01-31"),
                ("amount", "1,234.56 €", "is not a number"),
                ("rate", "12.5 pc", "is not a number"),
                ("open", "jo", "is neither yes nor no: write yes or no"),
                ("pieces", "1.234.56", "is not a whole number"),
            ),
        )
    ]


def test_a_column_whose_days_and_months_are_not_clear_is_refused_cell_by_cell(write: Any, reading: Make) -> None:
    rows = [["03/04/2018", *PAYMENTS[0][1:5]], ["05/06/2018", *PAYMENTS[1][1:5]], ["2018-04-03", *PAYMENTS[1][1:5]]]
    good, problems = check_styled(write, reading, ("paid", "amount", "rate", "open", "pieces"), *rows)
    assert [payment.paid for payment in good] == [date(2018, 4, 3)]
    sentence = "could be day/month or month/day: say which the column has, or write it as 2026-01-31"
    assert [(problem.row, problem.column, problem.found, problem.reason) for problem in problems] == [
        (1, "paid", "03/04/2018", sentence),
        (2, "paid", "05/06/2018", sentence),
    ]


@pytest.mark.parametrize(
    ("cells", "taken", "refused"),
    [
        (["12,5", "0,25", "1.234"], ["12.5", "0.25"], ("1.234", OTHERWISE)),
        (["12,5 %", "3 %", "5"], ["0.125", "0.03"], ("5", OTHERWISE)),
        (["12,5 %", "3 %", "five"], ["0.125", "0.03"], ("five", "is not a number")),
    ],
)
def test_a_number_in_another_style_than_its_column_is_refused(
    write: Any, reading: Make, cells: list[str], taken: list[str], refused: tuple[str, str]
) -> None:
    model = create_model("Row", value=(Decimal, ...))
    path = write(("value\n" + "\n".join(cells) + "\n").encode())
    how = reading(1, columns=("value",), delimiter="")
    styles = styles_of(columns_of(how, [[cell] for cell in cells[:-1]]))
    good, problems = RowChecker(model, how, match_columns(("value",), model), styles).check(
        next(read_slices(path, how))
    )
    assert [str(each[1].value) for each in good] == taken  # type: ignore[attr-defined] # made above
    assert [(problem.found, problem.reason) for problem in problems] == [refused]


def test_a_number_that_can_be_read_in_two_ways_is_refused(write: Any, reading: Make) -> None:
    model = create_model("Row", id=(int, ...), value=(float, ...))
    how = reading(2, columns=("id", "value"), delimiter=";")
    path = write(b"id;value\n1;1.234\n2;0.000\n")
    styles = styles_from_json(styles_to_json(styles_of(columns_of(how, [["1", "1.234"], ["2", "2.345"]]))))
    good, problems = RowChecker(model, how, match_columns(how.columns, model), styles).check(
        next(read_slices(path, how))
    )
    assert [each[1].value for each in good] == [0.0]  # type: ignore[attr-defined] # made above
    assert [(problem.found, problem.reason) for problem in problems] == [("1.234", EITHER_WAY)]
