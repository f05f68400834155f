"""Working on a claim, in the worker's child process: from the job as claimed to its end."""

from typing import Any

from webapp.authoring import Cancelled, JobError, Shape, UploadedFile
from webapp.authoring.call import Caller
from webapp.errors import DeskError
from webapp.intake import IntakeError, count_rows
from webapp.jobs.account import close_account
from webapp.jobs.claims import Claim, close_attempt, release
from webapp.jobs.context import JobContext
from webapp.jobs.failures import Failures
from webapp.jobs.ledger import Ledger
from webapp.jobs.lifecycle import Move, move
from webapp.jobs.rows import run_rows
from webapp.jobs.table import CheckedTable
from webapp.jobs.work import StopWorking, Work, Workshop
from webapp.kit import now
from webapp.services.data import FenceLostError
from webapp.store.tables import Job, State, Upload


def open_work(shop: Workshop, claim: Claim) -> Work:
    """Read what a claim is about."""
    with shop.database.read() as session:
        job = session.get_one(Job, claim.job_id)
        upload = session.get(Upload, job.upload_id) if job.upload_id else None
        session.expunge_all()
    job_type = shop.registry.get(job.job_type)
    ledger = Ledger(shop.database, claim, shop.settings.lease_seconds, restart=job_type.restart)
    return Work(shop, claim, job, upload, job_type, ledger, shop.data.writer(job.id, claim.fence))


def run_claim(work: Work) -> None:
    """Run the job to its end, to the next stop, or to the loss of the claim. Never raises for what a job does."""
    context, failures = JobContext(work), Failures()
    try:
        read_all = _run(work, context, failures)
        context.flush()
    except FenceLostError:
        return  # somebody else goes on with it
    except (StopWorking, Cancelled):
        context.flush()
        release(work.shop.database, work.claim, lost=False)
    except (JobError, DeskError, IntakeError) as refusal:
        context.flush()
        _fail(work, str(refusal), failures.detail)
    except Exception as error:  # noqa: BLE001 (whatever a job's author did not foresee)
        context.flush()
        failures.sentence(error, "the job")
        problem = "The job's own code made an error and stopped. Tell an administrator: the details are kept for them."
        _fail(work, problem, failures.detail)
    else:
        _finish(work, failures, read_all=read_all)
    finally:
        work.shop.files.clear_scratch(work.job_id)


def _run(work: Work, context: JobContext, failures: Failures) -> bool:
    """Call the function; whether it read its table to the end, as far as it has one."""
    if work.job_type.restart and work.job.checkpoint is not None:
        work.ledger.reset()
        work.job.checkpoint = None
    elif not work.job_type.restart:
        work.recover()
    params = work.job_type.load(work.job.params, work.shop.secrets.unlock(work.job.secrets))
    if work.job.reading is not None and not work.job.counted:
        work.ledger.received(count_rows(work.path(), work.reading).rows)
    if work.job_type.shape is Shape.ROW:
        run_rows(work, context, params, failures)
        return True
    file = _file(work)
    with Caller(work.job_type) as caller:
        caller(**work.job_type.arguments(params, file=file, ctx=context))
    return file.read_to_the_end if isinstance(file, CheckedTable) else True


def _file(work: Work) -> CheckedTable | UploadedFile | None:
    if work.upload is None:
        return None
    if work.job_type.file_kind == "table":
        return CheckedTable(work)
    path = work.shop.files.upload(work.upload.id)
    return UploadedFile(path, work.upload.name, work.upload.size, work.upload.sha256 or "")


def _finish(work: Work, failures: Failures, *, read_all: bool) -> None:
    """End the job by what its rows came to. It may only end well if every row counted is accounted for."""
    with work.shop.database.write() as session:
        job = session.get_one(Job, work.job_id, with_for_update=True)
        accounted = job.accounted if read_all else job.received
        problem = None
        if accounted != job.received:
            end = Move.need_attention
            problem = (
                f"The file has {job.received:,} rows, but {accounted:,} were accounted for. "
                "The difference must be looked into: tell an administrator."
            )
        elif job.unknown:
            end = Move.need_attention
        else:
            end = Move.complete_with_errors if job.rejected or job.failed else Move.complete
        if move(session, job.id, end, fence=work.claim.fence, problem=problem, **_at_the_end()):
            close_account(session, job, "not_read", "The job ended without asking for this row.")
            close_attempt(session, work.claim, "completed", failures.detail)


def _fail(work: Work, problem: str, detail: str | None) -> None:
    with work.shop.database.write() as session:
        job = session.get_one(Job, work.job_id, with_for_update=True)
        end = Move.cancel if job.state is State.cancelling else Move.fail
        if move(session, job.id, end, fence=work.claim.fence, problem=problem, **_at_the_end()):
            close_account(session, job, "stopped", "The job stopped before this row.")
            close_attempt(session, work.claim, "failed", detail)


def _at_the_end() -> dict[str, Any]:
    return {"finished_at": now(), "worker": None, "lease_until": None}
