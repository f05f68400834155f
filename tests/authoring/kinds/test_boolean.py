from tests.authoring.support import Browser, job_taking, only_field, render, typed


def test_unticked_is_no_even_where_the_default_is_yes() -> None:
    job_type = job_taking(bool, True)
    assert typed(job_type, "") is False
    assert typed(job_type, "", "true") is True


def test_a_form_without_the_box_leaves_the_default() -> None:
    job_type = job_taking(bool, True)
    assert job_type.arguments(job_type.validate(job_type.parse_form(Browser("").form)))["value"] is True


def test_a_box_need_not_be_ticked() -> None:
    assert " required" not in render([only_field(job_taking(bool))])


def test_yes_no_or_not_set_is_a_choice_of_three() -> None:
    job_type = job_taking(bool | None, None)
    assert [option.label for option in only_field(job_type).options] == ["Not set", "Yes", "No"]
    assert [typed(job_type, text) for text in ("", "True", "False")] == [None, True, False]
