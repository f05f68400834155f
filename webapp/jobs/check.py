"""Checking a file before the start: every row is read, none is acted upon, and the problems are grouped by cause."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from webapp.authoring import JobError
from webapp.intake import BrokenRecord, IntakeError, Slice, profile
from webapp.intake.damage import Damage
from webapp.intake.damage_finder import DamageFinder
from webapp.intake.repair_records import PART, Repairs
from webapp.intake.workbook.damage import workbook_damage
from webapp.jobs.batch import Entry
from webapp.jobs.claims import release
from webapp.jobs.ending import stop_check
from webapp.jobs.failures import Failures
from webapp.jobs.items import Unusable, is_list
from webapp.jobs.lifecycle import Move, changed, move
from webapp.jobs.matching import Checker, check_slice, checker_for
from webapp.jobs.mended import own_columns, read_rows
from webapp.jobs.overlap import Overlap
from webapp.jobs.private import without_examples
from webapp.jobs.work import StopWorking, Work
from webapp.store.database import DATABASE_TROUBLE
from webapp.store.passing import passes
from webapp.store.tables import Job, State

SLICE = 64
REPORT_EVERY = 50_000  # rows
MAX_CAUSES = 50
MAX_EXAMPLES = 3
MAX_DAMAGE = 30
BROKE_OFF = "The check of this file broke off by an error in the desk itself. Tell an administrator."

log = logging.getLogger("batchdesk.jobs")


@dataclass(slots=True)
class Findings:
    """What a check found: how many rows there are, how many will be rejected, and why.

    `repairs` counts the broken records whose repair is sure, whether or not it is accepted; `skipped` those that went
    into the repair of another.
    """

    rows: int = 0
    rejected: int = 0
    skipped: int = 0
    repairs: int = 0
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    damage: list[dict[str, Any]] = field(default_factory=list)
    overlap: dict[str, Any] | None = None

    def add(self, code: str, column: str | None, example: dict[str, Any]) -> None:
        """Count one rejected row under its cause."""
        self.rejected += 1
        cause = (column or "", code)
        self.causes[cause] += 1
        examples = self.examples.setdefault(cause, [])
        if len(examples) < MAX_EXAMPLES and len(self.examples) <= MAX_CAUSES:
            examples.append(example)

    def add_slice(self, slice_: Slice) -> None:
        """Count the records of a slice, and the repairs among them."""
        self.rows = slice_.end.row - 1
        parts = sum(record.code == PART for record in slice_.mended)
        self.skipped += parts
        self.repairs += len(slice_.mended) - parts + sum(record.repair_safe for record in slice_.broken)

    def to_json(self) -> dict[str, Any]:
        """For the job's `findings`: exact counts, and the first examples of each of the commonest causes."""
        return {
            "rows": self.rows,
            "rejected": self.rejected,
            "skipped": self.skipped,
            "repairs": self.repairs,
            "causes": [
                {"column": column, "code": code, "count": count, "examples": self.examples.get((column, code), [])}
                for (column, code), count in self.causes.most_common(MAX_CAUSES)
            ],
            "damage": self.damage,
            **({"overlap": self.overlap} if self.overlap else {}),
        }


def check_file(work: Work) -> None:
    """Read the whole file and write down what was found. Gives the job back if asked to stop."""
    findings, failures = Findings(), Failures()
    try:
        _read(work, findings, failures)
    except StopWorking:
        release(work.shop.database, work.claim, lost=False)
    except (IntakeError, JobError) as error:
        stop_check(work.shop.database, work.claim, str(error))
    except DATABASE_TROUBLE:
        raise  # no fault of the file: the next claim tries again
    except Exception as error:
        log.exception("the check of job %s broke off", work.job_id)
        stop_check(work.shop.database, work.claim, passes(error) or BROKE_OFF)
    else:
        _pass(work, findings)


def _read(work: Work, findings: Findings, failures: Failures) -> None:
    path, reading = work.path(), work.reading
    checker = checker_for(work) if work.job_type.row_model or work.job_type.row_key else None
    files = Unusable(work) if is_list(work.job.reading) else None
    damage, overlap = _damage_finder(work, path), Overlap(work)
    reported = 0
    repairs = Repairs.SUGGESTED if work.repairs is Repairs.NONE else work.repairs
    for slice_ in read_rows(path, work.job.file_name, reading, size=SLICE, repairs=repairs):
        findings.add_slice(slice_)
        if files is None:  # no spreadsheet has touched the names of files
            damage.add(slice_.lines, slice_.cells)
        good, problems = _checked(checker, files, slice_, failures)
        overlap.add(good)
        for problem in problems:
            found = None if work.job_type.private else problem.found
            example = {"row": problem.row, "line": problem.line, "found": found, "reason": problem.reason}
            findings.add(problem.code, problem.column, example)
        if findings.rows - reported >= REPORT_EVERY:
            work.raise_if_stopped()
            reported = findings.rows
            _report(work, slice_.end.offset)
    all_damage = [*damage.found(), *_of_workbook(work)][:MAX_DAMAGE]
    if work.job_type.private:
        all_damage = [*map(without_examples, all_damage)]
    findings.damage = [each.to_json() for each in all_damage]
    findings.overlap = overlap.to_json()


def _checked(
    checker: Checker | None, files: Unusable | None, slice_: Slice, failures: Failures
) -> tuple[Sequence[tuple[Any, ...]], Sequence[Entry | BrokenRecord]]:
    """The good rows of a slice if they have to be looked at, and those that will be rejected."""
    if checker:
        return check_slice(checker, slice_, failures)
    return (), files.entries(slice_) if files else slice_.broken


def _damage_finder(work: Work, path: Path) -> DamageFinder:
    """What finds damage in the columns that belong to the rows, by the types that a sample of them shows."""
    names = own_columns(work.job.file_name, work.reading)
    return DamageFinder(names, profile(path, work.reading)[: len(names)])


def _of_workbook(work: Work) -> list[Damage]:
    """What only a workbook tells: formulas without results, numbers that were rounded, what is hidden."""
    if work.reading.container != "workbook":
        return []
    return workbook_damage(work.shop.files.upload(work.require_upload().id), work.reading)


def _report(work: Work, offset: int) -> None:
    progress = {"done": offset, "total": work.require_upload().size, "message": ""}
    ours = (col(Job.id) == work.job_id, col(Job.fence) == work.claim.fence, col(Job.state) == State.checking)
    statement = update(Job).where(*ours).values(progress=progress, revision=Job.revision + 1)
    with work.shop.database.write() as session:
        if changed(session, statement) != 1:
            raise StopWorking  # the operator did not wait for the end of the check


def _pass(work: Work, findings: Findings) -> None:
    values: dict[str, Any] = {"findings": findings.to_json(), "received": findings.rows, "counted": True}
    free: dict[str, Any] = {"worker": None, "lease_until": None, "progress": None, "stalls": 0}
    with work.shop.database.write() as session:
        move(session, work.job_id, Move.check_passed, fence=work.claim.fence, **free, **values)
