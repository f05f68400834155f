"""What a job will do with the first rows of its table, said before the start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final
from uuid import UUID

from webapp.authoring import Foreseen, JobError, JobType, Sample
from webapp.errors import BadInput
from webapp.intake import IntakeError, Reading, prepare
from webapp.intake.repair_records import Repairs
from webapp.jobs.entries import validated
from webapp.jobs.lifecycle import PREPARING
from webapp.jobs.mended import columns_of, read_rows
from webapp.jobs.submit import Submissions, own_job
from webapp.settings import Settings
from webapp.store.tables import Job, Upload, User

SAMPLE_ROWS: Final = 5_000

log = logging.getLogger("batchdesk.jobs")


@dataclass(frozen=True, slots=True)
class Foresight:
    """What will happen, and to how many rows; `whole` if these are all. `problems` are what a start would refuse."""

    rows: int
    whole: bool
    found: tuple[Foreseen, ...]
    problems: Mapping[str, str] = field(default_factory=dict)


def foresee(
    submissions: Submissions, settings: Settings, user: User, job_id: UUID, raw: Mapping[str, Any]
) -> Foresight | None:
    """What a prepared job will do with these entries, as far as they are right; None if nothing can be said.

    Raises:
        NotFound: the user has no such job.
    """
    with submissions.database.read() as session:
        job = own_job(session, user, job_id)
        session.expunge(job)
    job_type = submissions.registry.job_types.get(job.job_type)
    if job_type is None or job_type.foresee is None or job.state not in PREPARING or job.reading is None:
        return None
    given, problems = _as_far_as_right(submissions, job, job_type, raw, user)
    try:
        sample = _sample(submissions, job, Reading.from_json(job.reading))
        found = job_type.foresee(sample=sample, given=given, settings=settings)
    except (IntakeError, JobError):
        return None  # the check says what is wrong with the file
    except Exception:  # an author's code may raise anything: the job can be started all the same
        log.exception("foresee of %s made an error", job_type.name)
        return None
    return Foresight(len(sample.rows), sample.whole, tuple(found), problems)


def _sample(submissions: Submissions, job: Job, reading: Reading) -> Sample:
    if job.upload_id is None:
        raise JobError("This job has no file.")
    files = submissions.files
    repairs = Repairs.MADE if job.choices.get("repair") else Repairs.NONE
    path = prepare(files.upload(job.upload_id), reading, files.prepared(job.upload_id))
    slices = read_rows(path, job.file_name, reading, size=1_000, repairs=repairs)
    columns = columns_of(job)
    pairs = chain.from_iterable(zip(each.rows, each.cells, strict=True) for each in slices)
    rows = [(row, cells[: len(columns)]) for row, cells in islice(pairs, SAMPLE_ROWS + 1)]
    with submissions.database.read() as session:
        sha256 = session.get_one(Upload, job.upload_id).sha256 or ""
    return Sample(columns, rows[:SAMPLE_ROWS], len(rows) <= SAMPLE_ROWS, path, reading, sha256)


def _as_far_as_right(
    submissions: Submissions, job: Job, job_type: JobType, raw: Mapping[str, Any], user: User
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """The parameters by name, and what is wrong: that something is not there yet is not wrong.

    Those that are not right, or not there yet, are as in the examples or as at first.
    """
    fields = job_type.params_model.model_fields
    problems: dict[str, str] = {}
    wrong: set[str] = set()
    for _ in range(2):  # what does not go together is only looked for once each is right by itself
        examples = {name: found.examples[0] for name in wrong if (found := fields.get(name)) and found.examples}
        rest = {name: value for name, value in raw.items() if name not in wrong}
        try:
            return validated(submissions, job, job_type, {**rest, **examples}, user).__dict__, problems
        except BadInput as error:
            wrong |= {name.partition(".")[0] for name in error.problems}
            missing = {name for name in wrong if (found := fields.get(name)) and found.is_required()}
            missing -= {name for name in missing if raw.get(name)}
            problems |= {name: text for name, text in error.problems.items() if name not in missing}
    return {
        name: None if found.is_required() else found.get_default(call_default_factory=True, validated_data={})
        for name, found in fields.items()
    }, problems
