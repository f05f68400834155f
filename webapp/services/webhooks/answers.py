"""What each row was answered, as a file for the operator that outlives the attempts which write it."""

import threading
import time
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from webapp.authoring import Context
from webapp.intake import csv_line, defuse

COLUMNS = ("row", "time", "status", "answer")
SHOWN_EVERY_SECONDS = 2.0
"""So old the file beside the job may be while it runs; a large one, which takes long to copy, is shown more seldom."""
SHARE = 50
"""Of so many seconds one is spent on copying it."""


class Answers:
    """Lines of a file that is kept from attempt to attempt, and shown as a result now and then and at the end.

    A line has left the process before its row is accounted for, so a process that is killed loses none.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._path = place_of(ctx)
        self._file: BinaryIO | None = None
        self._show_at = time.monotonic()

    def add(self, status: int, words: str) -> None:
        """Write down what the present row was answered."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        line = _line((str(self._ctx.row_number or ""), at, str(status), words))
        with self._lock:
            self._file = self._file or opened(self._path)
            self._file.write(line)
            if time.monotonic() >= self._show_at:
                self._show()

    def close(self) -> None:
        """Show the file as it is now."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._show_last()

    def _show_last(self) -> None:
        if self._path.exists():
            self._show()

    def _show(self) -> None:
        began = time.monotonic()
        with self._path.open("rb") as lines, self._ctx.open_result(self._path.name) as result:
            copyfileobj(lines, result)
        self._show_at = time.monotonic() + max(SHOWN_EVERY_SECONDS, SHARE * (time.monotonic() - began))


def place_of(ctx: Context) -> Path:
    """The file that an earlier attempt has begun on this machine; else one whose name no result has."""
    attempt = ctx.job.attempt
    mine = ctx.kept_file("answers.csv" if attempt == 1 else f"answers-{attempt}.csv")
    begun = sorted(mine.parent.glob("answers*.csv"), key=lambda path: path.stat().st_mtime)
    return begun[-1] if begun else mine


def opened(path: Path) -> BinaryIO:
    """The file to write behind its last whole line; each write goes to the disk's cache at once."""
    file = path.open("ab", buffering=0)
    if file.tell() == 0:
        file.write(BOM_UTF8 + _line(COLUMNS))
    else:
        file.truncate(path.read_bytes().rfind(b"\n") + 1)  # a process that was killed may have left half a line
    return file


def _line(cells: Sequence[str]) -> bytes:
    return csv_line([defuse(cell) for cell in cells]).encode()


@contextmanager
def open_answers(ctx: Context) -> Iterator[Answers]:
    """A file that is kept whatever ends the attempt."""
    answers = Answers(ctx)
    try:
        yield answers
    finally:
        answers.close()
