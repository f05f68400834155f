import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

from webapp.authoring import AuthoringError, JobType, ParamsError, Table, job
from webapp.authoring.icons import ICONS


@job(title="Add up", name="adder", restart=True, icon="table", accepts=(".csv", ".tar.gz"), example="support.py")
def add(file: Table, left: int, right: int = 1) -> int:  # noqa: ARG001 - every job of this shape has one
    """Add two numbers."""
    return left + right


def test_the_function_stays_what_it_was() -> None:
    file: Table = None  # type: ignore[assignment] # not used by the function
    assert add(file, 1) == 2
    assert add(file, left=1, right=2) == 3


def test_what_the_author_says_is_kept() -> None:
    job_type = add.job_type
    assert isinstance(job_type, JobType)
    assert (job_type.name, job_type.title, job_type.summary) == ("adder", "Add up", "Add two numbers.")
    assert (job_type.restart, job_type.icon, job_type.accepts) == (True, "table", (".csv", ".tar.gz"))
    assert job_type.example == Path(__file__).with_name("support.py")
    assert (job_type.source, job_type.module) == (__file__, __name__)


def test_the_version_changes_with_the_source_of_the_module(tmp_path: Path) -> None:
    source = "from webapp.authoring import job\n@job()\ndef plain(x: int) -> None: ...\n"
    versions = []
    for number, text in enumerate((source, source, source + "# more\n")):
        file = tmp_path / f"job_{number}.py"
        file.write_text(text)
        space: dict[str, JobType] = {}
        exec(compile(text, str(file), "exec"), space)  # the test's own text
        versions.append(getattr(space["plain"], "job_type").version)  # noqa: B009 - not a JobType but its function
    assert versions[0] == versions[1] != versions[2]
    assert len(versions[0]) == 12


def test_what_cannot_be_used_is_refused_with_its_mend() -> None:
    def Shout() -> None: ...  # noqa: N802 - the mistake

    def quiet(file: Table) -> None: ...

    with pytest.raises(AuthoringError, match=r"has the name 'Shout': .* give one by @job"):
        job()(Shout)
    with pytest.raises(AuthoringError, match=r"accepts 'csv': write an ending with its dot"):
        job(accepts=("csv",))(quiet)
    with pytest.raises(AuthoringError, match=r"names the example 'none\.csv', which is not in the folder"):
        job(example="none.csv")(quiet)


def test_a_job_without_file_accepts_none() -> None:
    @job()
    def plain(x: Annotated[int, Field(title="How many")] = 1) -> None: ...

    assert plain.job_type.accepts == ()
    assert plain.job_type.fields()[0].title == "How many"


def test_a_check_looks_at_parameters_together() -> None:
    def in_order(params: Mapping[str, Any]) -> dict[str, str]:
        return {} if params["first"] <= params["last"] else {"last": "The last must not come before the first."}

    @job(check=in_order)
    def pages(first: int, last: int) -> None:
        """Print pages."""

    assert pages.job_type.validate({"first": 1, "last": 2}).model_dump() == {"first": 1, "last": 2}
    with pytest.raises(ParamsError) as refused:
        pages.job_type.validate({"first": 3, "last": 2})
    assert refused.value.problems == {"last": "The last must not come before the first."}


def test_an_icon_that_is_not_drawn_is_refused_with_the_names() -> None:
    with pytest.raises(AuthoringError, match=r"has the icon 'tabel' \(did you mean 'table'\?\): there are alert,"):

        @job(icon="tabel")  # type: ignore[arg-type]  # the types say so too
        def count(file: Table) -> None:
            """Count."""


def test_every_icon_is_drawn() -> None:
    template = Path(__file__).resolve().parents[2] / "templates" / "macros" / "icons.html"
    assert set(ICONS) == set(re.findall(r"^  '([a-z-]+)': '<", template.read_text("utf-8"), re.MULTILINE))
