"""What each row was answered, as a file for the operator: one of each attempt, there however the attempt ends."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from webapp.authoring import Context
from webapp.intake import defuse
from webapp.services.outputs.csv import CsvOutput

COLUMNS = ("row", "time", "status", "answer")


class Answers:
    """Lines of a result file, which is made with the first of them."""

    def __init__(self, ctx: Context, stack: ExitStack) -> None:
        self._ctx, self._stack = ctx, stack
        self._output: CsvOutput | None = None

    def add(self, status: int, words: str) -> None:
        """Write down what the present row was answered."""
        if self._output is None:
            file = self._stack.enter_context(self._ctx.open_result(file_name(self._ctx.job.attempt)))
            self._output = CsvOutput(file, COLUMNS, defuse, begin=BOM_UTF8)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._output.write([(str(self._ctx.row_number or ""), at, str(status), words)])


def file_name(attempt: int) -> str:
    """What the file of an attempt is called."""
    return "answers.csv" if attempt == 1 else f"answers-{attempt}.csv"


@contextmanager
def open_answers(ctx: Context) -> Iterator[Answers]:
    """A file that is kept whatever ends the attempt, short of the end of its process."""
    ended: BaseException | None = None
    with ExitStack() as stack:
        try:
            yield Answers(ctx, stack)
        except BaseException as error:  # noqa: BLE001 (raised again once the file is whole)
            ended = error
    if ended is not None:
        raise ended
