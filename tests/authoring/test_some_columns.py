"""A list of columns: boxes where one can look through them, lines where there are too many."""

from starlette.datastructures import FormData

from webapp.authoring import ColumnName, Table, job
from webapp.authoring.kinds.some_columns import MOST_BOXES


@job()
def pick(table: Table, *, keep: tuple[ColumnName, ...] = ()) -> None:
    """Pick columns."""


MANY = [f"c{number}" for number in range(MOST_BOXES + 1)]


def test_up_to_so_many_are_boxes_and_more_are_lines() -> None:
    (few,) = pick.job_type.fields(MANY[:-1])
    (many,) = pick.job_type.fields(MANY, {"keep": ["c1", "c2"]})
    assert (few.widget, len(few.options)) == ("checkboxes", MOST_BOXES)
    assert (many.widget, many.value, len(many.options)) == ("textarea", "c1\nc2", 0)
    assert "one column to a line" in many.help


def test_lines_are_read_as_columns() -> None:
    form = FormData([("params.keep", "c1\r\n c300 \r\n\r\n")])
    assert pick.job_type.parse_form(form, MANY) == {"keep": ["c1", "c300"]}
