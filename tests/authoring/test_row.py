"""A row of any table."""

from collections.abc import Callable

import pytest

from webapp.authoring import Caller, Row, Shape, job

ROW = Row.of({"Name": 0, "Postcode": 1}, [" Ada ", "01069"])


def test_it_is_a_mapping_of_the_texts_as_they_stand() -> None:
    assert dict(ROW) == {"Name": " Ada ", "Postcode": "01069"}
    assert (list(ROW), len(ROW), ROW.get("Town"), "Name" in ROW) == (["Name", "Postcode"], 2, None, True)


def test_one_made_for_a_test_is_the_same() -> None:
    assert Row({"Name": " Ada ", "Postcode": "01069"}) == ROW


def test_it_cannot_be_changed() -> None:
    change: tuple[Callable[[], object], ...] = (
        lambda: setattr(ROW, "Name", "Bob"),
        lambda: ROW.__setitem__("Name", "Bob"),  # type: ignore[index]
    )
    for each in change:
        with pytest.raises(AttributeError):
            each()


def test_a_column_that_is_not_there_is_named_with_its_neighbour() -> None:
    with pytest.raises(KeyError) as refused:
        ROW["Nmae"]
    assert str(refused.value) == "the file has no column “Nmae” (did you mean “Name”?): there are “Name”, “Postcode”"


def test_its_cells_are_in_no_log_and_no_trace() -> None:
    assert "Ada" not in f"{ROW!r} {ROW}"


def test_a_job_with_one_is_a_row_job_without_a_model() -> None:
    @job()
    def shown(row: Row, *, column: str) -> str:
        return row[column]

    job_type = shown.job_type
    assert (job_type.shape, job_type.row_model, job_type.takes_file) == (Shape.ROW, None, True)
    with Caller(job_type) as caller:
        assert caller.for_rows(job_type.validate({"column": "Postcode"}), ctx=None)(ROW) == "01069"
