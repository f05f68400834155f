"""Rows that go in together once all of them are known: kept on disk until then, however many there are."""

import pickle
import tempfile
import weakref
from collections.abc import Iterator, Sequence

from webapp.services.datatables.form import Values

Part = tuple[list[int], list[Values]]


class Spool:
    """Written once, read as often as wanted. The file has no name, so nothing of it is left behind."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when nobody has the spool any more)
        weakref.finalize(self, self._file.close)

    def add(self, rows: Sequence[int], values: Sequence[Values]) -> None:
        """Add rows by their numbers."""
        pickle.dump((list(rows), list(values)), self._file, pickle.HIGHEST_PROTOCOL)

    def parts(self) -> Iterator[Part]:
        """The rows as they were added."""
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)  # noqa: S301 (a file without a name that this process has written)
            except EOFError:
                return
