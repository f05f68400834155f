"""Rows checked against a row model, a slice at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from webapp.intake.broken import FOUND_CHARACTERS, BrokenRecord
from webapp.intake.cells import CellPicker
from webapp.intake.converter import STAND_INS
from webapp.intake.match import Match
from webapp.intake.reading import Reading
from webapp.intake.records import Slice
from webapp.intake.styles import Styles
from webapp.intake.words import explain

MOST_PROBLEMS = 20

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A record that did not pass. `column`, `found` and `code` are of the first problem, `reason` says how many more.

    `all` has the column, the text found and the reason of each of the first twenty.
    """

    row: int
    line: int
    offset: int
    length: int
    column: str | None
    found: str | None
    reason: str
    code: str
    all: tuple[tuple[str | None, str | None, str], ...] = ()
    outcome: str = "rejected"


class _NoneIfWrong:
    """Makes a list validator go on after an item that does not fit, with None in its place."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - pydantic's
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


class RowChecker(Generic[Model]):
    """Makes model instances of rows. A blank cell is the field's default, or None if that is allowed.

    `styles` are the settled ways of writing of the file's columns, see `CellPicker`: dates, numbers and yes/no are
    read by them. A column that has none is read as programs write.
    """

    def __init__(self, model: type[Model], reading: Reading, match: Match, styles: Styles | None = None) -> None:
        self._model = model
        self._picker = CellPicker(model, reading.columns, match, styles)
        item: Any = Annotated[model, _NoneIfWrong()]
        self._validate: Callable[..., list[Model | None]] = TypeAdapter(list[item]).validate_python

    def check(self, slice_: Slice) -> tuple[list[tuple[int, Model, int, int, int]], list[RowProblem]]:
        """The good rows as (row number, instance, offset, line, length), and the problems of all others."""
        picker = self._picker
        checked = self._validate(picker.values_of(slice_.cells), by_alias=False, by_name=True)
        doubtful = picker.doubtful(slice_.cells)
        problems = [_of_broken(record) for record in slice_.broken]
        wrong = [place for place, instance in enumerate(checked) if instance is None or place in doubtful]
        for place in wrong:
            checked[place] = self._check_again(slice_, place, problems)
        if wrong and slice_.broken:
            problems.sort(key=lambda problem: problem.row)
        places = zip(slice_.rows, checked, slice_.offsets, slice_.lines, slice_.lengths, strict=True)
        good = [(row, one, offset, line, length) for row, one, offset, line, length in places if one is not None]
        return good, problems

    def _check_again(self, slice_: Slice, place: int, problems: list[RowProblem]) -> Model | None:
        """The instance of a row that failed at first sight, or None and its problems."""
        cells = slice_.cells[place]
        try:
            return self._model.model_validate(self._picker.trimmed(cells), by_alias=False, by_name=True)
        except ValidationError as error:
            found = [self._problem(details, cells) for details in _first_of_each(error)]
        column, text, reason, code = found[0]
        more = len(found) - 1
        problems.append(
            RowProblem(
                slice_.rows[place],
                slice_.lines[place],
                slice_.offsets[place],
                slice_.lengths[place],
                column,
                text,
                reason + (f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""),
                code,
                tuple(problem[:3] for problem in found[:MOST_PROBLEMS]),
            ),
        )
        return None

    def _problem(self, details: ErrorDetails, cells: Sequence[str]) -> tuple[str | None, str | None, str, str]:
        column, place = self._picker.column_of(details["loc"])
        text = None if place is None else cells[place]
        stand_in = details["input"] if details["input"] in STAND_INS else None
        if text is not None and details["type"] != "missing":
            details = {**details, "input": text}
        code = "empty" if text is not None and not text.strip() else details["type"]
        return column, None if text is None else text[:FOUND_CHARACTERS], stand_in or explain(details), code


def _first_of_each(error: ValidationError) -> list[ErrorDetails]:
    """The first error of each field: the others say the same of the other types it may have."""
    first: dict[object, ErrorDetails] = {}
    for details in error.errors(include_url=False):
        first.setdefault(details["loc"][:1], details)
    return list(first.values())


def _of_broken(record: BrokenRecord) -> RowProblem:
    return RowProblem(
        record.row,
        record.line,
        record.offset,
        record.length,
        record.column,
        record.found,
        record.reason,
        record.code,
        ((record.column, record.found, record.reason),),
    )
