"""What was found and done, as a table: columns and counts, no values."""

from collections.abc import Sequence

from webapp.services.outputs.csv import CsvOutput
from webapp.services.personal.columns import INSIDE, Finding
from webapp.services.personal.kinds import LABELS, Kind, Treatment
from webapp.services.personal.search import Searcher
from webapp.services.personal.treat import Plan

HEADER = (
    "column",
    "kind",
    "found by",
    "confidence",
    "cells of this kind",
    "filled cells",
    "treatment",
    "cells changed",
)
DONE: dict[Treatment, str] = {"mask": "masked", "hash": "hashed", "drop": "left out", "keep": "kept"}


def shown_name(column: str, columns: Sequence[str], searcher: Searcher) -> str:
    """The column's name; its place, if the name is somebody's data: the file may have no header."""
    return f"column {columns.index(column) + 1}" if searcher.search(column) else column


def write_report(
    output: CsvOutput, columns: Sequence[str], findings: Sequence[Finding], searcher: Searcher, plan: Plan | None
) -> None:
    """Write the report below its header; without a plan nothing was done."""
    for finding in findings:
        name, kind = shown_name(finding.column, columns, searcher), finding.kind
        treatment = plan.treatment_of(finding.column, kind) if plan else "keep"
        whole_column = treatment == "drop" and finding.whole
        changed = finding.filled if whole_column else plan.changed[finding.column, kind] if plan else 0
        confidence = f"{finding.confidence:.0%}"
        cells = [name, LABELS[kind], finding.found_by, confidence, str(finding.cells), str(finding.filled)]
        output.write([[*cells, DONE[treatment], str(changed)]])
    if plan:
        output.write([*_others(columns, findings, searcher, plan)])


def _others(
    columns: Sequence[str], findings: Sequence[Finding], searcher: Searcher, plan: Plan
) -> list[tuple[str, ...]]:
    """What was treated without a finding: by the operator's choice, or below the sample that was looked at."""
    known = {(finding.column, finding.kind) for finding in findings}
    return [
        (shown_name(column, columns, searcher), LABELS[kind], _why(kind), "", "", "", *_done(plan, column, kind))
        for column, kind in sorted(plan.changed, key=lambda each: (columns.index(each[0]), each[1]))
        if (column, kind) not in known
    ]


def _why(kind: Kind) -> str:
    return "your choice" if kind is Kind.OTHER else "names in the same row" if kind is Kind.NAME else INSIDE


def _done(plan: Plan, column: str, kind: Kind) -> tuple[str, str]:
    return DONE[plan.treatment_of(column, kind)], str(plan.changed[column, kind])
