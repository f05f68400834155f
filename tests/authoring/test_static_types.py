"""The type checker knows what a job's function takes: a decorated one is called like the function that was written."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from mypy import api

ROOT = Path(__file__).resolve().parents[2]
JOB = """
    from typing import Annotated
    from webapp.authoring import Context, Depends, JobError, Retry, Row, job

    def open_till() -> int:
        return 1

    @job(title="Sell", retry=Retry(attempts=2, on=(OSError,)), icon="table")
    def sell(row: Row, till: Annotated[int, Depends(open_till)], *, price: int = 1) -> str:
        return row["what"] * price * till
"""
WRONG = """
    sell(Row({"what": "tea"}), 1, price="much")
    sell({"what": "tea"}, 1)
    sell(Row({"what": "tea"}))
    length: int = sell(Row({"what": "tea"}), 1)
    sell.job_type.nonsense

    @job(icon="nonsense")
    def one(ctx: Context) -> None: ...

    @job(retry=3)
    def two(ctx: Context) -> None: ...

    @job(retry=Retry(on=(JobError("x"),)))
    def three(ctx: Context) -> None: ...
"""
RIGHT = """
    said: str = sell(Row({"what": "tea"}), 1, price=2)
"""


def complaints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> list[tuple[str, str]]:
    """The line and the kind of each complaint of mypy about a job and its use."""
    monkeypatch.chdir(ROOT)
    file = tmp_path / "sell.py"
    file.write_text(dedent(JOB) + dedent(text))
    said, trouble, _ = api.run(["--strict", "--show-error-codes", "--no-error-summary", str(file)])
    assert not trouble
    lines = file.read_text().splitlines()
    found = re.findall(r"sell\.py:(\d+): error: .*\[([\w-]+)\]$", said, re.MULTILINE)
    return [(lines[int(line) - 1].strip(), code) for line, code in found]


def test_a_wrong_use_is_found_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert complaints(tmp_path, monkeypatch, WRONG) == [
        ('sell(Row({"what": "tea"}), 1, price="much")', "arg-type"),
        ('sell({"what": "tea"}, 1)', "arg-type"),
        ('sell(Row({"what": "tea"}))', "call-arg"),
        ('length: int = sell(Row({"what": "tea"}), 1)', "assignment"),
        ("sell.job_type.nonsense", "attr-defined"),
        ('@job(icon="nonsense")', "arg-type"),
        ("@job(retry=3)", "arg-type"),
        ('@job(retry=Retry(on=(JobError("x"),)))', "arg-type"),
    ]


def test_a_right_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert complaints(tmp_path, monkeypatch, RIGHT) == []
