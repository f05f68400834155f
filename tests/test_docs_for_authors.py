"""The documents for authors of job types: their code loads, their tests pass, and their tables name what there is."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.test_docs import AUTHORING, ROOT, blocks, section, table
from webapp.authoring import Batch, Context, DataStore, JobFacts, Table, UploadedFile, load_registry
from webapp.authoring.kinds import all_kinds
from webapp.services.datatables.kinds import BY_TYPE
from webapp.services.typed_cells import PYTHON_TYPES

DEVELOPERS = {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "docs" / "developers").glob("*.md"))}
FOR_AUTHORS = [AUTHORING, *DEVELOPERS.values()]


@pytest.fixture
def written_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The code of docs/authoring.md, and of the pages that it leads to, as the files it says it is."""
    monkeypatch.chdir(tmp_path)
    files = []
    for block in [block for page in FOR_AUTHORS for block in blocks(page, "python")]:
        name = re.match(r"# (\S+\.py)\n", block)
        assert name, block
        file = tmp_path / name[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block, "utf-8")
        files.append(file)
    return files


def test_the_code_for_authors_registers(written_out: list[Path]) -> None:
    jobs = [file for file in written_out if file.parent.name == "job_types"]
    registry = load_registry(packages=(), folders=[jobs[0].parent])
    assert registry.broken == ()
    assert {file.stem for file in jobs} <= set(registry)
    kinds = {type(kind).__name__ for kind in registry.get("every_kind").inputs}
    assert kinds == {kind.__name__ for kind in all_kinds()}


def test_all_of_it_is_25_lines_with_its_test(written_out: list[Path]) -> None:
    (file,) = (file for file in written_out if file.name == "set_prices.py")
    lines = file.read_text("utf-8").strip().splitlines()[1:]  # the first is the name of the file
    assert len(lines) <= 25
    job_type = load_registry(packages=(), folders=[file.parent]).get("set_prices")
    assert [field.path for field in job_type.fields()] == ["sku", "price"]
    assert (list(job_type.services), job_type.retry is not None) == (["db"], True)
    job_type.function.__globals__["test_set_prices"]()


def test_the_tests_for_authors_pass(written_out: list[Path]) -> None:
    tests = [file for file in written_out if file.parent.name == "tests"]
    for file in tests:
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = [item for name, item in vars(module).items() if name.startswith("test_")]
        assert found, file.name
        for each in found:
            each()


def test_the_table_for_authors_names_every_widget() -> None:
    shown = {row[1].strip("`") for row in table(section(DEVELOPERS["parameters"], "## Every kind of field"))}
    assert shown == {kind.widget for kind in all_kinds()}


def test_it_is_said_how_each_type_is_kept_in_the_data_database() -> None:
    page = DEVELOPERS["data"]
    rows = table(section(page, "## How Python values are kept"))
    kept = {row[0]: (row[1].strip("`"), row[2].strip("`")) for row in rows}
    for python, kind in BY_TYPE.items():
        (shown,) = (kept[names] for names in kept if f"`{python.__name__}`" in names.split(", "))
        assert shown == (kind.declared, kind.in_postgres)
    rows = table(section(page, "## How the columns of a file are kept"))
    found = {label: row[1].strip("`") for row in rows for label in row[0].split(", ")}
    assert found == {kind.label: python.__name__ for kind, python in PYTHON_TYPES.items()}


def test_every_part_of_what_authors_are_given_is_named() -> None:
    given = (Context, DataStore, Table, Batch)
    names = {name for protocol in given for name in vars(protocol) if not name.startswith("_")}
    names |= {*UploadedFile.__dataclass_fields__, *JobFacts.__dataclass_fields__}
    shown = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", "\n".join(FOR_AUTHORS)))))
    assert len(names) > 30
    assert names - shown == set()
