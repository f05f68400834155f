from webapp.authoring import job
from webapp.authoring.docstring import read_docstring


def documented(first: int, second: int) -> None:
    """Keep the address book
    up to date.

    A second paragraph that
    goes on: with a colon.

    A third.

    Args:
        first: What the first
            one is for.
        second (int): The second: with a colon.

    Returns:
        Nothing an operator needs.

    Raises:
        ValueError: Nor this.
    """  # noqa: D205 - a summary may run over a line


def test_summary_help_and_arguments_are_taken_apart() -> None:
    found = read_docstring(documented)
    assert found.summary == "Keep the address book up to date."
    assert found.help == "A second paragraph that goes on: with a colon.\n\nA third."
    assert found.arguments == {"first": "What the first one is for.", "second": "The second: with a colon."}


def test_a_function_without_docstring_has_no_help() -> None:
    def bare() -> None: ...

    found = read_docstring(bare)
    assert (found.summary, found.help, found.arguments) == ("", "", {})


def test_the_words_reach_the_form_and_the_schema() -> None:
    job_type = job()(documented).job_type
    assert job_type.fields()[0].help == "What the first one is for."
    assert job_type.schema()["properties"]["first"]["description"] == "What the first one is for."
    assert (job_type.summary, job_type.title) == ("Keep the address book up to date.", "Documented")
