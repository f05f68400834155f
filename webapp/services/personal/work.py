"""The two passes over a table: what it holds, and then what becomes of it. No value leaves them but into the result."""

from collections.abc import Container, Iterator
from itertools import islice

from webapp.authoring import Batch, Context, JobError
from webapp.intake import defuse, delimiter_like, read_slices
from webapp.services.outputs.csv import CsvOutput
from webapp.services.outputs.formats import Format, open_output, stem_of
from webapp.services.personal.columns import Finding, Look
from webapp.services.personal.kinds import LABELS, Kind
from webapp.services.personal.report import HEADER, shown_name, write_report
from webapp.services.personal.search import Searcher
from webapp.services.personal.treat import Plan, Treatments, make_plan
from webapp.services.read_table import ReadTable

ROWS_AT_ONCE = 5_000
_LOCAL_LEFT = (
    "Phone numbers written without a country, like 0171…, were not looked for, and there may be some in: {}. "
    "Choose the “Country of phone numbers”, and run it again."
)


class Masking:
    """One table, of which the file is looked through first."""

    def __init__(self, table: ReadTable, ctx: Context, searcher: Searcher) -> None:
        self._table = table
        self._ctx = ctx
        self._searcher = searcher
        self._look = Look(table.columns, searcher)
        self._findings: list[Finding] = []
        self._plan: Plan | None = None
        self._unseen: set[int] | None = None
        self._stem = stem_of(table.name)

    def find(self, threshold: float, most_rows: int | None) -> None:
        """Find what the columns are; of a long table by its first rows.

        Phone numbers without a country are those of the country of all the others, where that is one.
        """
        self._look_through(most_rows)
        countries = self._searcher.countries
        if self._look.columns_with_local() and len(countries) == 1:
            self._searcher = Searcher(*countries)
            self._look = Look(self._table.columns, self._searcher)
            self._look_through(most_rows)
            self._ctx.log(f"Phone numbers without a country were read as those of {self.country}, as all others are.")
        self._findings = self._look.findings(threshold)
        for finding in self._findings:
            sure = f"{finding.confidence:.0%} sure"
            self._ctx.log(f"{self._name(finding.column)}: {LABELS[finding.kind]}, found {finding.found_by}, {sure}.")
        if not self._findings:
            self._ctx.log("No personal data was found.")

    @property
    def country(self) -> str | None:
        """Whose phone numbers those without +49 or the like are."""
        return self._searcher.country

    def _look_through(self, most_rows: int | None) -> None:
        unseen: set[int] = set()
        for seen, row, rows in _pieces(self._table, most_rows, unseen):
            self._ctx.progress(seen, message="rows looked through")
            try:
                self._look.add(rows)
            except Exception as error:  # noqa: BLE001 (what it says may hold a value)
                raise _without_values(error, row) from None
        self._unseen = unseen if most_rows is None else None

    def leave(self) -> None:
        """Count the rows as looked at, and do nothing with them."""
        if said := self._not_looked_for(frozenset()):
            self._ctx.log(said, "warning")
        for _ in self._table.batches(ROWS_AT_ONCE):
            pass

    def treat(self, treatments: Treatments, format_: Format, *, protect: bool) -> None:
        """Write the table without the personal data.

        Raises:
            JobError: nothing of the table would be left.
        """
        columns = self._table.columns
        plan = make_plan(columns, self._findings, treatments, self._searcher, self._look.columns_of_text())
        if self._unseen is not None:
            plan.leave_alone(self._look.clean_columns())
        unseen = self._unseen or set()
        if not plan.columns:
            raise JobError("Every column would be left out. Mask or keep at least one of them.")
        header = [self._name(column) for column in plan.columns]
        made_at = self._ctx.job.submitted_at
        with (
            self._ctx.open_result(f"{self._stem}-masked.{format_}") as file,
            open_output(
                format_, file, header, made_at, protect=protect, delimiter=delimiter_like(self._table.reading)
            ) as output,
        ):
            for batch in self._table.batches(ROWS_AT_ONCE):
                output.write(list(_treated(batch, plan, unseen, output.longest_cell)))
        self._plan = plan
        said = self._not_looked_for(treatments.columns) if treatments.seeks(Kind.PHONE) else None
        if said:
            self._ctx.log(said, "warning")
            self._ctx.needs_attention(said)

    def _not_looked_for(self, decided: Container[str]) -> str | None:
        """Where phone numbers may stand that are in the result as they were; `decided` are the operator's columns."""
        whole = {finding.column for finding in self._findings if finding.whole}
        places = [
            self._name(name) for name in self._look.columns_with_local() if name not in whole and name not in decided
        ]
        return _LOCAL_LEFT.format(", ".join(places)) if places else None

    def report(self) -> None:
        """Hand back which columns hold what, and how many cells were changed."""
        with self._ctx.open_result(f"{self._stem}-what-was-found.csv") as file:
            output = CsvOutput(file, HEADER, defuse, delimiter=delimiter_like(self._table.reading))
            write_report(output, self._table.columns, self._findings, self._searcher, self._plan)

    def _name(self, column: str) -> str:
        return shown_name(column, self._table.columns, self._searcher)


def _pieces(table: ReadTable, most: int | None, unseen: set[int]) -> Iterator[tuple[int, int, list[list[str]]]]:
    """Of the rows: how many were looked at, the number of the first of some, and those.

    Broken records are noted among the `unseen`: one that was repaired is a row later.
    """
    width, seen = len(table.columns), 0
    for slice_ in read_slices(table.path, table.reading, None, ROWS_AT_ONCE):
        unseen.update(record.row for record in slice_.broken)
        rows = [cells[:width] for cells in islice(slice_.cells, None if most is None else most - seen)]
        if rows:
            yield seen, slice_.rows[0], rows
        seen += len(rows)
        if seen == most:
            return


def _treated(batch: Batch, plan: Plan, unseen: set[int], longest: int | None) -> Iterator[list[str]]:
    for index, cells in enumerate(batch.cells):
        try:
            treated = plan.row(cells, seen=batch.rows[index] not in unseen)
        except Exception as error:  # noqa: BLE001 (what it says may hold a value)
            raise _without_values(error, batch.rows[index]) from None
        if longest and max(map(len, treated)) > longest:
            batch.reject(index, f"a cell is longer than the {longest:,} characters that Excel keeps")
        else:
            yield treated


def _without_values(error: Exception, row: int) -> JobError:
    """An error nobody foresaw, without its words."""
    return JobError(f"The job’s own code made an error ({type(error).__name__}) at row {row:,} or soon after it.")
