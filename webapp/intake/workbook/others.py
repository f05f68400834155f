"""Workbooks of the kinds XLS and XLSB, read in a process of their own, whose memory and time are bounded."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from webapp.intake.errors import DamagedFileError, LockedFileError, TooMuchInsideError
from webapp.intake.workbook.sheet import Sheet
from webapp.intake.workbook.xml import WHAT

LONGEST_S = 120
_TOO_MUCH = "Save the sheet as CSV, and choose that file."


class OtherWorkbook:
    """A workbook that a process of its own reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sheets(self) -> list[Sheet]:
        return [Sheet(name, hidden) for name, hidden in _ask("list", self._path)]

    def likeliest(self) -> str | None:
        name: str | None = _ask("likeliest", self._path)
        return name

    def write(self, sheet: str, target: Path) -> None:
        _ask("write", self._path, sheet, str(target))


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
