"""One attempt, in the worker's child process: from the job as claimed to its end."""

import asyncio

from pydantic import BaseModel

from webapp.authoring import (
    Cancelled,
    ComeBackLater,
    Failed,
    JobError,
    NotOpened,
    ParamsError,
    Shape,
    UnknownJobType,
    UploadedFile,
)
from webapp.authoring.call import Caller
from webapp.errors import DeskError
from webapp.intake import IntakeError, count_rows
from webapp.jobs import ending
from webapp.jobs.check import check_file
from webapp.jobs.claims import Claim, Task, pause, release
from webapp.jobs.cleanup import clean_up, expect_cleanup
from webapp.jobs.context import JobContext, given_to_providers
from webapp.jobs.failures import Failures, own_code
from webapp.jobs.items import HandedItems
from webapp.jobs.ledger import Ledger
from webapp.jobs.original import require_original
from webapp.jobs.other_files import file_finder
from webapp.jobs.rows import run_rows
from webapp.jobs.rows_again import some_wait_again
from webapp.jobs.table import CheckedTable
from webapp.jobs.undoing import run_undo
from webapp.jobs.work import NotWrittenDown, PauseHere, StopFlag, StopWorking, Work, Workshop, is_first
from webapp.services.data import FenceLostError
from webapp.services.databases import UnknownTarget
from webapp.store.database import DATABASE_TROUBLE
from webapp.store.tables import Job, Upload


def work_to_the_end(shop: Workshop, claim: Claim, stop: StopFlag) -> None:
    """Do what a claim is for. Whatever a job's own code does, short of killing the process, ends in words."""
    if claim.task is Task.clean:
        clean_up(shop, claim)
        return
    try:
        work = open_work(shop, claim)
    except UnknownJobType:
        ending.end_without_type(shop, claim)
        return
    except UnknownTarget as error:
        ending.end_before_its_begin(shop, claim, str(error))
        return
    work.stop = stop
    try:
        if claim.task is Task.check:
            check_file(work)
        else:
            run_claim(work)
    except SystemExit as error:
        failures = Failures()
        failures.sentence(error, "the job")
        ending.fail(work, own_code(error), failures.detail)


def open_work(shop: Workshop, claim: Claim) -> Work:
    """Read what a claim is about.

    Raises:
        UnknownJobType: the job's code is gone, or could not be loaded.
        UnknownTarget: the database that it writes into is not named any more.
    """
    with shop.database.read() as session:
        job = session.get_one(Job, claim.job_id)
        upload = session.get(Upload, job.upload_id) if job.upload_id else None
        session.expunge_all()
    job_type = shop.registry.get(job.job_type)
    ledger = Ledger(shop.database, claim, shop.settings.lease_seconds, restart=job_type.restart)
    data = shop.data.of(job.target)
    taken = not is_first(claim, job)
    return Work(shop, claim, job, upload, job_type, ledger, data, data.writer(job.id, claim.fence, taken=taken))


def run_claim(work: Work) -> None:
    """Run the job to its end, to the next stop, or to the loss of the claim. Never raises for what a job does.

    Raises:
        NotWrittenDown: a database failed; the worker has to end, and the next claim goes on.
    """
    context, failures = JobContext(work), Failures()
    try:
        try:
            expect_cleanup(work)
            read_all = _run(work, context, failures)
        finally:
            context.flush()
        ending.finish(work, failures.detail, read_all=read_all)
    except FenceLostError:
        return  # somebody else goes on with it
    except (StopWorking, Cancelled):
        _stop(work, failures)
    except PauseHere:
        pause(work.shop.database, work.claim, failures.detail)
    except (Exception, asyncio.CancelledError, NotWrittenDown) as error:  # noqa: BLE001 (whatever nobody foresaw)
        cause = error.__cause__ or error if isinstance(error, NotOpened) else error
        if not ending.come_back_later(work, cause, failures.detail):
            _end_by(work, error, cause, failures)
    work.shop.files.clear_scratch(work.job_id, work.claim.fence)


def _end_by(work: Work, error: BaseException, cause: BaseException, failures: Failures) -> None:
    """End a job by what was raised and its cause, or have it tried again if its type wants that."""
    if isinstance(error, JobError | Failed | DeskError | IntakeError):
        ending.fail(work, str(error), failures.detail)
        return
    if isinstance(error, (NotWrittenDown, *DATABASE_TROUBLE)):
        raise error  # no fault of the job: the next claim tries again
    failures.sentence(cause, "the job")
    if not ending.try_later(work, cause, failures.detail):
        said = str(error) if isinstance(error, NotOpened) else ending.given_up(work, cause) or own_code(error)
        ending.fail(work, said, failures.detail)


def _run(work: Work, context: JobContext, failures: Failures) -> bool:
    """Call the function; whether it read its table to the end, as far as it has one."""
    if work.job.undo_of is not None:
        return _undo(work, context)
    if work.job_type.restart:
        if work.claim.attempt > 1:
            work.start_over()
    else:
        last = work.recover()
        if last is not None and last.returned and not some_wait_again(work):
            return last.read_all
        if work.upload is None and work.job.checkpoint is not None:
            return True  # its own rows are accounted for, which is done once, when it has returned
    if work.upload is not None:
        require_original(work)
    params = _params(work)
    if work.job.reading is not None and not work.job.counted:
        work.ledger.received(count_rows(work.path(), work.reading).rows)
    if work.job_type.shape is Shape.ROW:
        run_rows(work, context, params, failures)
        return True
    return _call(work, context, params, failures)


def _undo(work: Work, context: JobContext) -> bool:
    """Call the function that undoes, unless its account is there: that is written once, when it has returned."""
    work.recover()
    if work.job.checkpoint is None:
        run_undo(work, context)
    return True


def _params(work: Work) -> BaseModel:
    try:
        files = file_finder(work.shop.database, work.shop.files)
        return work.job_type.load(work.job.params, work.shop.secrets.unlock(work.job.secrets), files)
    except ParamsError as error:
        raise JobError(
            f"The job's code has changed since it was handed in, and these entries no longer fit: {error} "
            "Hand it in again."
        ) from error


def _call(work: Work, context: JobContext, params: BaseModel, failures: Failures) -> bool:
    """Call a function that is called once, and commit what it wrote last together with the fact that it returned."""
    table = CheckedTable(work) if work.job.reading is not None else None
    file = HandedItems(work, table, failures) if table and work.job_type.file_kind == "items" else table or _file(work)
    overrides = work.shop.overrides_for(work.job_type.services)
    with Caller(work.job_type, given_to_providers(work, context), overrides) as caller:
        try:
            caller(**work.job_type.arguments(params, file=file, ctx=context))
        except ComeBackLater:
            if table:
                table.account_for_earlier()
            raise
    context.require_done()
    last = table.last_batch() if table else context.account.batch
    last.returned, last.read_all = True, table.read_to_the_end if table else True
    if last.rows or work.writer.pending:
        work.commit(last, last=True)
    return last.read_all


def _file(work: Work) -> UploadedFile | None:
    if work.upload is None:
        return None
    path = work.shop.files.upload(work.upload.id)
    return UploadedFile(path, work.upload.name, work.upload.size, work.upload.sha256 or "")


def _stop(work: Work, failures: Failures) -> None:
    """End the job if it may not go on; else give it back, for another worker or to be cancelled."""
    if work.stop.problem is not None:
        ending.fail(work, work.stop.problem, failures.detail)
    elif work.stop.is_set():
        release(work.shop.database, work.claim, lost=False, detail=failures.detail)
    else:
        ending.fail(work, "The job's own code called the job off before it was done.", failures.detail)
