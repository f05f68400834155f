"""A CSV beside the result that is only there if there is something to say."""

from codecs import BOM_UTF8
from collections.abc import Sequence
from contextlib import ExitStack

from webapp.authoring import Context
from webapp.intake import defuse
from webapp.services.outputs.csv import CsvOutput


class LateCsv:
    """Made with its first row; whole when the `stack` is closed."""

    def __init__(self, ctx: Context, stack: ExitStack, name: str, columns: Sequence[str], delimiter: str = ",") -> None:
        self._ctx, self._stack, self._name, self._columns = ctx, stack, name, ("row", *columns)
        self._delimiter = delimiter
        self._output: CsvOutput | None = None

    def add(self, row: int, cells: Sequence[str]) -> None:
        """Add a row of the file, with its number."""
        if self._output is None:
            file = self._stack.enter_context(self._ctx.open_result(self._name))
            self._output = CsvOutput(file, self._columns, defuse, begin=BOM_UTF8, delimiter=self._delimiter)
        self._output.write([(str(row), *cells)])
