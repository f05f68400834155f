"""What a job has written and not yet committed, in order."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from webapp.services.datatables.form import Form, Values


@dataclass(slots=True)
class Alike:
    """Writes of one form, each by a row of its own; the row is None for what belongs to no row of the file."""

    form: Form
    rows: list[int | None] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)


@dataclass(slots=True)
class Together:
    """Several writes of one row, which go in all or not at all."""

    row: int
    writes: list[tuple[Form, Values]]


class Gathered:
    """Runs of alike writes: that is how most jobs write, and it is what the driver does fast."""

    def __init__(self) -> None:
        self._runs: list[Alike] = []

    def __len__(self) -> int:
        """How many writes there are."""
        return sum(len(run.rows) for run in self._runs)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, form: Form, row: int | None, values: Values) -> None:
        """Add one write."""
        run = self._run(form)
        run.rows.append(row)
        run.values.append(values)

    def add_many(self, form: Form, rows: Sequence[int], values: Sequence[Values]) -> None:
        """Add one write for each of the rows."""
        if len(rows) != len(values):
            raise ValueError(f"{len(values)} rows of values for {len(rows)} rows of the file")
        if rows:
            run = self._run(form)
            run.rows.extend(rows)
            run.values.extend(values)

    def units(self, without: Collection[int]) -> Iterator[Alike | Together]:
        """What goes to the database, in order, without the writes of some rows."""
        runs = list(_leave_out(self._runs, without)) if without else self._runs
        numbers = [row for run in runs for row in run.rows if row is not None]
        return iter(runs) if len(set(numbers)) == len(numbers) else _regroup(runs)

    def clear(self, keep: int | None = None) -> None:
        """Everything is committed, or not to be; but for what the row `keep` has written so far."""
        others = {row for run in self._runs for row in run.rows if row != keep}
        self._runs = [] if keep is None else list(_leave_out(self._runs, others))

    def _run(self, form: Form) -> Alike:
        if not self._runs or self._runs[-1].form is not form:
            self._runs.append(Alike(form))
        return self._runs[-1]


def _leave_out(runs: Iterable[Alike], without: Collection[int | None]) -> Iterator[Alike]:
    for run in runs:
        kept = [i for i, row in enumerate(run.rows) if row not in without]
        if kept:
            yield Alike(run.form, [run.rows[i] for i in kept], [run.values[i] for i in kept])


def _regroup(runs: Iterable[Alike]) -> Iterator[Alike | Together]:
    """Bring together what a row wrote, at the place of its first write."""
    by_row: dict[object, list[tuple[Form, Values]]] = {}
    for run in runs:
        for row, values in zip(run.rows, run.values, strict=True):
            by_row.setdefault(object() if row is None else row, []).append((run.form, values))
    for owner, writes in by_row.items():
        number = owner if isinstance(owner, int) else None
        if number is not None and len(writes) > 1:
            yield Together(number, writes)
        else:
            form, values = writes[0]
            yield Alike(form, [number], [values])
