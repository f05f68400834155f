import pytest

from tests.authoring.support import job_taking, only_field, problem, typed, value_of
from webapp.authoring import AuthoringError, ColumnName, job

COLUMNS = ("email", "first\nname")


def test_the_columns_of_the_file_are_offered_and_the_default_is_chosen() -> None:
    options = only_field(job_taking(ColumnName, "email"), columns=COLUMNS).options
    assert [(option.value, option.selected) for option in options] == [
        ("", False),
        ("email", True),
        ("first\nname", False),
    ]


def test_a_name_with_a_line_break_is_found_although_browsers_change_it() -> None:
    assert typed(job_taking(ColumnName), "first\r\nname", columns=COLUMNS) == "first\nname"
    assert typed(job_taking(list[ColumnName]), "", "first\r\nname", columns=COLUMNS) == ["first\nname"]


def test_a_column_the_file_does_not_have_is_refused() -> None:
    assert problem(job_taking(ColumnName), "phone", COLUMNS).startswith("Value is not a column of this file")
    assert "“phone”" in problem(job_taking(list[ColumnName]), ["email", "phone"], COLUMNS)


def test_a_default_the_file_does_not_have_is_refused() -> None:
    with pytest.raises(Exception, match="is not a column of this file"):
        job_taking(ColumnName, "phone").validate({}, COLUMNS)


def test_as_long_as_the_columns_are_not_known_they_are_typed() -> None:
    assert only_field(job_taking(ColumnName)).widget == "input"
    assert value_of(job_taking(ColumnName), "anything") == "anything"
    assert only_field(job_taking(list[ColumnName])).widget == "textarea"
    assert typed(job_taking(list[ColumnName]), "a\r\nb") == ["a", "b"]


def test_a_job_without_a_file_has_no_columns_to_choose_from() -> None:
    with pytest.raises(AuthoringError, match=r"parameter 'key' of .* chooses a column, but the job takes no file"):

        @job()
        def plain(key: ColumnName) -> None: ...
