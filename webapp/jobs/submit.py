"""Accepting jobs: from a file and parameters to a job that waits for a worker."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, func, select

from webapp.authoring import JobType, Registry, UnknownJobType
from webapp.engines.base import Engine
from webapp.errors import BadInput, NotFound, Refused
from webapp.jobs.activity import HAND_IN, record
from webapp.jobs.confirming import require_confirmed
from webapp.jobs.entries import columns_for
from webapp.jobs.lifecycle import PREPARING, TRANSITIONS, Move, move
from webapp.jobs.look import Look, look_into, require_columns, require_sure_columns
from webapp.jobs.mapping_memory import remember
from webapp.jobs.mended import columns_of
from webapp.jobs.other_files import keep_files
from webapp.jobs.rights import may_see, require_may_run
from webapp.jobs.settled import Settled
from webapp.jobs.submission import AT_ONCE, CHANGED, StartAt, Submission, require_same_again, require_same_request
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.locks import hold
from webapp.store.secrets import SecretBox
from webapp.store.tables import Job, State, Upload, User

_FRESH: Final[dict[str, Any]] = {"worker": None, "lease_until": None, "stalls": 0, "progress": None}
"""What a job that was checked begins with: nothing of its check counts for its run."""

NOTHING_CHANGED: Final[Mapping[str, Any]] = {}
RENAME = "Rename the column in the first row of the file, or choose another file."
MOST_TRIES = 20  # to settle something while others settle something else


@dataclass(frozen=True, slots=True)
class Submissions:
    """The use-cases of handing in a job."""

    database: Database
    files: Files
    registry: Registry
    engine: Engine
    secrets: SecretBox

    def prepare(self, submission: Submission) -> Job:
        """Accept a file for a job that is started later, and have it checked.

        Raises:
            BadInput: there is no such job type, or the file can't be used; under the name of the form's field.
        """
        job = self._draft(submission)
        if submission.like is not None:
            job.params = submission.like.params
        job.state = job.state if job.reading is not None else State.ready
        return self._keep(submission.user, job)

    def settle(self, user: User, job_id: UUID, **parts: Any) -> None:  # noqa: ANN401 (parts of Settled)
        """Settle parts of how a prepared job's file is read; it is looked into and checked afresh.

        Args:
            user: who settles it.
            job_id: which job.
            parts: by the names of `Settled`; the others stay as they are.

        Raises:
            BadInput: the file can't be read like this; by the names of what was settled.
            Refused: the job was started or called off.
            NotFound: the user has no such job, or it has no table.
        """
        for _ in range(MOST_TRIES):
            with self.database.read() as session:
                job = own_job(session, user, job_id)
                upload = session.get(Upload, job.upload_id) if job.upload_id else None
                session.expunge_all()
            if upload is None or job.reading is None:
                raise NotFound("This job has no table.")
            if job.state not in PREPARING:
                raise Refused("This job was started or called off: how its file is read can't be changed any more.")
            settled = replace(Settled.from_json(job.choices), **parts)
            look = look_into(self, upload, self._job_type(job.job_type, user), settled)
            if self._keep_look(user, job, settled, look, parts):
                return
        raise Refused("Others are changing how this file is read at the same time. Look at it again.")

    def repeat(
        self, user: User, job: Job, submit_key: str | None = None, changes: Mapping[str, Any] = NOTHING_CHANGED
    ) -> Job:
        """A new job with the same file, choices and entries as one that the user may see, to be looked at and started.

        What its form says is as it was, but for these `changes`.

        Raises:
            BadInput: there is no such job type any more, the file can't be used, or the key was used for another.
        """
        settled = Settled.from_json(job.choices)
        draft = self._draft(Submission(user, job.job_type, job.upload_id, submit_key, settled=settled, again_of=job))
        draft.params, draft.again_of = {**job.params, **changes}, job.id
        draft.state = draft.state if draft.reading else State.ready
        with self.database.write() as session:
            kept = self.keep(session, draft)
            if kept.id == draft.id:
                record(session, user, "run_again", job.id, job=str(kept.id), number=kept.number)
        require_same_again(kept, job)
        return kept

    def start(
        self, user: User, job_id: UUID, raw: Mapping[str, Any], seen: int | None = None, when: StartAt = AT_ONCE
    ) -> bool:
        """Start a prepared job with these parameters; False if it had started before, which is the same.

        Args:
            user: who starts it.
            job_id: which job.
            raw: the parameters as entered.
            seen: the job's `settled` when the user looked at it, if that is known.
            when: at once, or how else.

        Raises:
            BadInput: some parameters are no good, by their names; or the file is read in another way than was seen.
            Refused: the job can't be started any more.
            NotFound: the user has no such job.
        """
        with self.database.read() as session:
            job = own_job(session, user, job_id)
            session.expunge(job)
        seen = job.settled if seen is None else seen
        job_type = self._job_type(job.job_type, user)
        params = columns_for(self, job, raw, user)
        require_confirmed(job_type, job, self.files, when.confirmed)
        with self.database.write() as session:
            if move(session, job_id, when.move, seen=seen, **_FRESH, queued_at=now(), **params, **when.columns()):
                remember(session, user, job)
                keep_files(session, job_type, params["params"])
                when.note(session, user, job_id)
                self.engine.dispatch(session, job_id)
                return True
            job = session.get_one(Job, job_id)
            state, is_other = job.state, job.settled != seen
        if state in PREPARING and is_other:
            raise BadInput({"": CHANGED})
        if state in {State.draft, State.cancelled}:
            raise Refused("This job can't be started: it was called off, or its file must be mended first.")
        return False

    def submit(self, submission: Submission, raw: Mapping[str, Any]) -> Job:
        """Accept a job with file and parameters in one go; it waits for a worker when this returns.

        Raises:
            BadInput: the job type, the file or some parameters are no good, or the key was used for something else;
                by their names.
        """
        job = self.accept(submission)
        self.answer(job, raw, submission.when)
        require_confirmed(self.registry.get(job.job_type), job, self.files, submission.when.confirmed)
        kept = self._keep(submission.user, job)
        if kept.id != job.id:
            with self.database.read() as session:
                require_same_request(session, self.registry.get(job.job_type), kept, job)
        return kept

    def accept(self, submission: Submission) -> Job:
        """A job whose file can be run without anybody looking at it before, without its parameters; not kept yet.

        Raises:
            BadInput: the job type or the file is no good; under `job_type`, `file` or what was settled.
        """
        job = self._draft(submission)
        if job.match is not None:
            require_columns(submission.settled.match, columns_of(job))
        if job.problem is not None:
            raise BadInput({"file": f"{job.problem} {RENAME}"})
        require_sure_columns(job)
        return job

    def answer(self, job: Job, raw: Mapping[str, Any], when: StartAt = AT_ONCE) -> None:
        """Give an accepted job its parameters; it may wait for a worker then.

        Raises:
            BadInput: some are no good, by their names.
        """
        params = columns_for(self, job, raw)
        for name, value in {**params, **when.columns()}.items():
            setattr(job, name, value)
        job.state, job.queued_at = TRANSITIONS[when.move].target, now()

    def keep(self, session: Session, job: Job) -> Job:
        """Write a job down, number it and announce it, in the caller's transaction.

        Returns:
            The job, or the one that was kept with its `submit_key` before.
        """
        hold(session.connection(), "handing in")  # for the number, and for those who look by the key
        if job.submit_key is not None:
            same = (col(Job.owner_id) == job.owner_id, col(Job.submit_key) == job.submit_key)
            if (earlier := session.exec(select(Job).where(*same)).one_or_none()) is not None:
                return earlier
        job.number = session.exec(select(func.coalesce(func.max(col(Job.number)), 0) + 1)).one()
        session.add(job)
        keep_files(session, find_job_type(self.registry, job.job_type), job.params)
        session.flush()
        self.engine.dispatch(session, job.id)
        return job

    def _draft(self, submission: Submission) -> Job:
        """A job with its file looked into, not kept yet."""
        job_type = self._job_type(submission.job_type, submission.user)
        job = Job(
            number=0,
            owner_id=submission.user.id,
            job_type=job_type.name,
            state=State.checking,
            submit_key=submission.submit_key,
            request=dict(submission.request or {}),
            queue=job_type.queue,
            queued_at=now(),
        )
        if job_type.takes_file:
            self._look_into(job, job_type, submission)
        elif submission.upload_id is not None:
            raise BadInput({"file": "This job works without a file. Send none."})
        return job

    def _look_into(self, job: Job, job_type: JobType, submission: Submission) -> None:
        upload = self._upload(submission)
        job.upload_id, job.file_name = upload.id, upload.name
        if job_type.file_kind == "upload":
            return
        look = look_into(self, upload, job_type, submission.settled)
        job.choices = submission.settled.to_json()
        for name, value in look.columns().items():
            setattr(job, name, value)

    def _keep_look(self, user: User, job: Job, settled: Settled, look: Look, parts: Collection[str]) -> bool:
        """Write down what was seen, unless something else was settled, or the job was started, in the meantime."""
        again = Move.wait_for_columns if look.problem else Move.check_again
        values = {**_FRESH, **look.columns(), "findings": None, "choices": settled.to_json()}
        with self.database.write() as session:
            if kept := move(session, job.id, again, seen=job.settled, settled=Job.settled + 1, **values):
                record(session, user, "settle", job.id, parts=sorted(parts))
                self.engine.dispatch(session, job.id)
        return kept

    def _keep(self, user: User, job: Job) -> Job:
        with self.database.write() as session:
            if (kept := self.keep(session, job)).id == job.id:
                later = {"run_at": job.run_at.isoformat()} if job.run_at else {}
                record(session, user, HAND_IN, job.id, **later)
        return kept

    def _job_type(self, name: str, user: User) -> JobType:
        try:
            return require_may_run(user, find_job_type(self.registry, name))
        except NotFound as error:
            raise BadInput({"job_type": error.message}) from error

    def _upload(self, submission: Submission) -> Upload:
        if submission.upload_id is None:
            raise BadInput({"file": "Choose a file: this job works on one."})
        with self.database.read() as session:
            upload = session.get(Upload, submission.upload_id)
        seen = submission.again_of is not None and submission.again_of.upload_id == submission.upload_id
        if upload is None or upload.sha256 is None or not (seen or upload.owner_id == submission.user.id):
            raise BadInput({"file": "This file did not arrive whole. Choose it again."})
        return upload


def find_job_type(registry: Registry, name: str) -> JobType:
    """The job type of this name.

    Raises:
        NotFound: there is none; says so if that is because its file could not be loaded.
    """
    try:
        return registry.get(name)
    except UnknownJobType as error:
        if any(PurePath(broken.file).stem == name for broken in registry.broken):
            why = "its file could not be loaded. An administrator sees the reason on the admin page."
            raise NotFound(f"The job {name} can't be used now: {why}") from error
        raise NotFound(str(error)) from error


def own_job(session: Session, user: User, job_id: UUID) -> Job:
    """A job that the user may see: their own, or any for an administrator.

    Raises:
        NotFound: there is none, or it is somebody else's; the two can't be told apart.
    """
    job = session.get(Job, job_id)
    if job is None or not may_see(user, job):
        raise NotFound
    return job
