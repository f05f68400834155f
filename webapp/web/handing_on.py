"""A file that one job made, handed into another: nothing is sent around, the desk has it already."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from webapp.errors import BadInput, NotFound
from webapp.jobs.submit import own_job
from webapp.store.tables import ResultFile, User
from webapp.web.desk import Desk
from webapp.web.multipart import ReceivedForm
from webapp.web.uploads import uploads_of

FIELD = "result"
GONE = "This file is not there any more: a newer run has replaced it. Look at the job's page."


def with_result(desk: Desk, user: User, form: ReceivedForm) -> ReceivedForm:
    """The form as if the file had been sent that its field `result` names, as JOB/FILE with the ids of both.

    Raises:
        BadInput: the user has no such file; under `result`.
    """
    named = form.fields.get(FIELD)
    if not named:
        return form
    if "file" in form.uploads:
        raise BadInput({FIELD: "Send a file, or name one that a job has made; not both."})
    try:
        file = _find(desk, user, *_ids(named))
        upload = uploads_of(desk).adopt(user.id, file)
    except NotFound as error:
        raise BadInput({FIELD: str(error)}) from error
    return replace(form, uploads={**form.uploads, "file": upload})


def _ids(named: str) -> tuple[UUID, UUID]:
    job, _, file = named.partition("/")
    try:
        return UUID(job), UUID(file)
    except ValueError:
        raise BadInput({FIELD: "Name the file as JOB/FILE, with the ids of both."}) from None


def _find(desk: Desk, user: User, job_id: UUID, file_id: UUID) -> ResultFile:
    with desk.database.read() as session:
        try:
            own_job(session, user, job_id)
        except NotFound:
            raise NotFound("You have no such job.") from None
        mine = (col(ResultFile.id) == file_id, col(ResultFile.job_id) == job_id)
        file = session.exec(select(ResultFile).where(*mine)).one_or_none()
        session.expunge_all()
    if file is None:
        raise NotFound(GONE)
    return file
