"""`batchdesk read`: the desk's reader on files of the command line."""

import os
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from webapp.errors import Refused
from webapp.intake import IntakeError


def require_different(named: Mapping[str, Path | None]) -> None:
    """See that no two of these are one file, however they are written: one would replace the other.

    Raises:
        Refused: two are.
    """
    for (one, first), (other, second) in combinations(named.items(), 2):
        if first and second and _is_same_file(first, second):
            raise Refused(f"{one} and {other} are the same file, {second}: give {other} another name.")


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one is not there yet
        return os.path.realpath(one) == os.path.realpath(other)


def read_list(batch: Path) -> int:
    """Read all files of a list, each whatever becomes of the others; the exit status.

    Raises:
        Refused: the list can't be read.
    """
    try:
        lines = batch.read_text("utf-8-sig", "surrogateescape").split("\n")
    except OSError as error:
        raise Refused(f"{batch}: {error.strerror}.") from error
    status = 0
    written: dict[str, int] = {}
    for number, line in enumerate((line.removesuffix("\r") for line in lines), 1):
        name, _, out = line.partition("\t")
        if not line:
            continue
        if name and out:
            problem = _read_safely(Path(name), Path(out), written, number)
        else:
            problem = "There is no tab between two names."
        if problem:
            status = 2
            sys.stderr.write(f"{batch}, line {number}: {problem}\n")
    return status


def _read_safely(file: Path, out: Path, written: dict[str, int], number: int) -> str:
    """Read the file of one line of a list, unless an earlier one has its OUT; what is wrong, if anything is."""
    try:
        if _is_same_file(file, out):
            return f"{file} would be replaced by its own table: give OUT another name."
        earlier = written.setdefault(os.path.realpath(out), number)
        return f"{out} is the OUT of line {earlier} already." if earlier != number else read_file(file, out)[0]
    except Exception as error:  # noqa: BLE001 - one file that nobody thought of must not stop the rest of the list
        return f"The file could not be read ({type(error).__name__})."


def read_file(file: Path, out: Path, report: Path | None = None, rejects: Path | None = None) -> tuple[str, int]:
    """Read one file; what is wrong, if anything is, and the exit status for it."""
    from webapp.intake import read_to  # noqa: PLC0415
    from webapp.intake.report import write_report  # noqa: PLC0415

    try:
        found = read_to(file, out, rejects=rejects, typed=report is not None)
        if report:
            write_report(report, found)
    except IntakeError as error:
        return str(error), 2
    except OSError as error:
        return f"{error.filename or out}: {error.strerror}.", 1
    return "", 0
