"""`batchdesk new`: what it writes works, and what is there stays."""

import subprocess
import sys
from pathlib import Path

import pytest

from webapp.authoring import load_registry
from webapp.cli_new import SHAPES, write_new
from webapp.errors import BadInput, Refused


@pytest.mark.parametrize("shape", SHAPES)
def test_the_new_job_loads_and_its_test_passes(shape: str, tmp_path: Path) -> None:
    folder = tmp_path / "job types"
    job_type, test = write_new("ship_orders", shape, folder)
    registry = load_registry(packages=(), folders=[folder])
    assert (registry.broken, list(registry)) == ((), ["ship_orders"])
    assert registry["ship_orders"].title == "Ship orders"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert job_type.parent == folder


@pytest.mark.parametrize("shape", SHAPES)
def test_what_it_writes_keeps_to_our_style(shape: str, tmp_path: Path) -> None:
    files = [str(file) for file in write_new("ship_orders", shape, tmp_path)]
    for check in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *check, "--isolated", "--line-length=120", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["Ship", "1st", "ship orders", "class", "", "../ship", "x" * 64])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        write_new(name, "row", tmp_path)
    assert list(refused.value.problems) == ["name"]
    assert list(tmp_path.iterdir()) == []


def test_a_shape_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        write_new("ship", "cells", tmp_path)
    assert "row, table, file, plain" in refused.value.problems["shape"]


@pytest.mark.parametrize("there", ["ship.py", "tests/test_ship.py"])
def test_what_is_there_stays(there: str, tmp_path: Path) -> None:
    file = tmp_path / there
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    with pytest.raises(Refused, match=file.name):
        write_new("ship", "row", tmp_path)
    assert [path.read_text() for path in tmp_path.rglob("*.py")] == ["mine"]
