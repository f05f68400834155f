"""One row of a prepared job, looked at before the start: what it will come to, and a try with it."""

from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from pydantic import BaseModel, EmailStr, TypeAdapter, ValidationError

from webapp.authoring import Failed, JobError, JobType, NotSent, Rejected, Sight, Skipped, Unsure
from webapp.authoring.errors import ComeBackLater
from webapp.errors import BadInput, NotFound, Refused
from webapp.intake import IntakeError, Reading, prepare
from webapp.intake.repair_records import Repairs
from webapp.jobs import allowance
from webapp.jobs.activity import record
from webapp.jobs.entries import validated
from webapp.jobs.failures import Failures
from webapp.jobs.lifecycle import PREPARING
from webapp.jobs.mails import seconds_to_wait
from webapp.jobs.matching import check_slice, checker_of
from webapp.jobs.mended import read_rows
from webapp.jobs.submit import Submissions, find_job_type, own_job
from webapp.settings import Settings
from webapp.store.tables import Job, User

ROW, TO = "look_row", "look_to"
"""What a problem is about; a job may have a parameter called to."""

TRIALS = "trial"
TRIALS_PER_HOUR = 30
"""Of all people together: a trial is a look, and no way to send to many."""

NO_MAIL_LEFT = "The desk’s mails of this hour or day are used up. Go on in the next one."

IN_WORDS = (Rejected, Failed, Skipped, NotSent, Unsure, ComeBackLater, JobError)
_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)


@dataclass(frozen=True, slots=True)
class OneRow:
    """The use-cases of looking at one row."""

    submissions: Submissions
    settings: Settings

    def preview(self, user: User, job_id: UUID, raw: dict[str, Any], number: int) -> Sight:
        """What a row will come to with these parameters.

        Raises:
            BadInput: some parameters are no good; or `ROW`, if there is none of this number, or nothing comes of it.
            NotFound: the user has no such job, or its type shows nothing.
            Refused: it was started already.
        """
        job, job_type, params = self._prepared(user, job_id, raw)
        if job_type.preview is None:
            raise NotFound("This job has nothing to show before its start.")
        row = self._row(job, job_type, number)
        try:
            return job_type.preview(row=row, given=params.__dict__, settings=self.settings)
        except IN_WORDS as error:
            raise BadInput({ROW: f"Row {number}: {error}"}) from error

    def trial(self, user: User, job_id: UUID, raw: dict[str, Any], number: int, to: str) -> str:
        """Do it with one row for the operator alone; what was done.

        Raises:
            BadInput: as for `preview`, and `TO` is no address, or it did not work.
            NotFound: the user has no such job, or its type has no trial.
            Refused: it was started already, or this hour or day has no mail or trial left.
        """
        job, job_type, params = self._prepared(user, job_id, raw)
        if job_type.trial is None:
            raise NotFound("This job has no trial.")
        try:
            address = _ADDRESS.validate_python(to.strip())
        except ValidationError:
            raise BadInput({TO: "Write your own e-mail address, like ada@example.com."}) from None
        row = self._row(job, job_type, number)
        if allowance.take(self.submissions.database, TRIALS, TRIALS_PER_HOUR):
            raise Refused(f"There were {TRIALS_PER_HOUR} trials in this hour. Go on in the next one.")
        if seconds_to_wait(self.submissions.database, self.settings):
            raise Refused(NO_MAIL_LEFT)
        with self.submissions.database.write() as session:
            record(session, user, "trial", job_id, row=number)
        try:
            return job_type.trial(row=row, given=params.__dict__, settings=self.settings, to=address)
        except IN_WORDS as error:
            raise BadInput({ROW: f"Row {number}: {error}"}) from error

    def _prepared(self, user: User, job_id: UUID, raw: dict[str, Any]) -> tuple[Job, JobType, BaseModel]:
        with self.submissions.database.read() as session:
            job = own_job(session, user, job_id)
            session.expunge(job)
        if job.state not in PREPARING:
            raise Refused("This job was started or called off: look at its rows on its page.")
        job_type = find_job_type(self.submissions.registry, job.job_type)
        return job, job_type, validated(self.submissions, job, job_type, raw, user)

    def _row(self, job: Job, job_type: JobType, number: int) -> object:
        """The row as the function would get it."""
        if job.reading is None or job.upload_id is None:
            raise NotFound("This job has no rows.")
        reading, files = Reading.from_json(job.reading), self.submissions.files
        repairs = Repairs.MADE if job.choices.get("repair") else Repairs.NONE
        try:
            path = prepare(files.upload(job.upload_id), reading, files.prepared(job.upload_id))
            slices = read_rows(path, job.file_name, reading, size=1, repairs=repairs)
            one = next(islice(slices, number - 1, None), None)
            if one is None:
                raise BadInput({ROW: f"The file has no row {number:,}."})
            good, problems = check_slice(checker_of(job_type, job, reading), one, Failures())
        except (IntakeError, JobError) as error:
            raise BadInput({ROW: str(error)}) from error
        if not good:
            raise BadInput({ROW: f"Row {number} can’t be used: {problems[0].reason if problems else 'it is broken'}"})
        return good[0][1]
