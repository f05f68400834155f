"""Workbooks of the kinds XLS, XLSB and ODS, read in a process of their own, whose memory and time are bounded."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from webapp.intake.errors import DamagedFileError, EmptyFileError, LockedFileError, TooMuchInsideError
from webapp.intake.workbook.xml import WHAT

LONGEST_S = 120
_TOO_MUCH = "Save the sheet as CSV, and choose that file."


def sheets_of(path: Path) -> list[tuple[str, bool]]:
    """The names of the sheets, and whether they are hidden."""
    return [(name, hidden) for name, hidden in _ask("list", path)]


def likeliest_sheet(path: Path) -> str:
    """The first sheet with something in it, a visible one if there is one.

    Raises:
        EmptyFileError: all are empty.
    """
    name = _ask("likeliest", path)
    if name is None:
        raise EmptyFileError
    return str(name)


def write_sheet(path: Path, sheet: str, target: Path) -> None:
    """Write a sheet as CSV."""
    _ask("write", path, sheet, str(target))


def _ask(*task: object) -> Any:  # noqa: ANN401 - what the task gives, as JSON
    """Have the child do a task.

    Raises:
        LockedFileError: the workbook is encrypted.
        DamagedFileError: it cannot be read.
        TooMuchInsideError: reading it takes too much memory or time.
    """
    command = [sys.executable, "-m", "webapp.intake.workbook.child", *map(str, task)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_S, check=False)  # noqa: S603 - our own
    except subprocess.TimeoutExpired as error:
        raise TooMuchInsideError(WHAT, _TOO_MUCH) from error
    if done.returncode:
        raise TooMuchInsideError(WHAT, _TOO_MUCH)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise LockedFileError(WHAT) if answer["error"] == "locked" else DamagedFileError(WHAT)
    return answer["is"]
