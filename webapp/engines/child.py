"""The process that one attempt runs in: it can be killed, limited and thrown away without harm to the desk.

The children are forked from a small server process that has everything imported already, so that starting one takes
milliseconds, and no connection, thread or lock of the desk's own process is ever copied. Each waits for its claim, so
that a job which is handed in begins at once.
"""

import logging
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from queue import SimpleQueue
from types import FrameType

from sqlmodel import Session

from webapp.authoring import UnknownJobType, load_registry
from webapp.engines.guardian import die_with_parent, guard_programs
from webapp.engines.heartbeat import LOST, keep_claim
from webapp.engines.limits import limit_memory, limit_time
from webapp.jobs.claims import Claim, Task
from webapp.jobs.cleanup import LIMIT_SECONDS
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import NotWrittenDown, StopFlag, Workshop
from webapp.kit import new_id
from webapp.log import write_log
from webapp.services.databases import Databases
from webapp.settings import Settings
from webapp.store.database import DATABASE_TROUBLE, Database
from webapp.store.files import Files
from webapp.store.passing import is_full
from webapp.store.secrets import SecretBox
from webapp.store.tables import Job, Upload, User
from webapp.store.vault import open_vault

log = logging.getLogger("batchdesk.child")

TROUBLE = (
    74  # the exit status of a child that could not write its account down, which is no fault of the job (EX_IOERR)
)


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """What a child says to its worker: by `ends_at`, on the machine's monotonic clock, the job has to end."""

    seconds: float
    ends_at: float


def prepare_children() -> ForkServerContext:
    """Start the process that children are forked from. Call it in the main thread, whose end means the desk's end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["webapp.engines.forkserver"])
    multiprocessing.forkserver.ensure_running()
    return context


def start_child(context: ForkServerContext, settings: Settings) -> tuple[ForkServerProcess, Connection]:
    """Start a process that waits for its claim, to be sent through the connection; it ends when that is closed.

    Raises:
        OSError, EOFError: the system gives no process.
    """
    ours, its = context.Pipe()
    process = context.Process(target=wait_for_work, args=(settings, its), name="job", daemon=True)
    try:
        process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        its.close()
    return process, ours


def wait_for_work(settings: Settings, worker: Connection) -> None:
    """A child's whole life."""
    write_log()
    _die_with_the_desk()
    os.setpgid(0, 0)  # what it starts can be killed with it
    guard_programs()
    stop, claims = _listen_for_stop(), SimpleQueue[Claim | None]()
    database = Database(settings.database)
    receive = partial(_receive, worker, database, settings.lease_seconds, stop, claims)
    threading.Thread(target=receive, name="claim", daemon=True).start()
    shop = open_workshop(settings, database)
    _warm_up(shop)
    claim = claims.get()
    if claim is not None:
        _work_on(shop, claim, stop, worker)
        shop.data.close()
    database.close()


def _receive(
    worker: Connection, database: Database, lease_seconds: float, stop: StopFlag, claims: SimpleQueue[Claim | None]
) -> None:
    """Keep the claim from the moment it is there, however long job types take to load."""
    try:
        claim = worker.recv()
    except (EOFError, OSError):
        claims.put(None)
        return
    if claim.task is not Task.clean:
        keep_claim(database, claim, lease_seconds, stop)
    claims.put(claim)


def _warm_up(shop: Workshop) -> None:
    """Do once what is slow at its first time, while nobody waits for it."""
    with suppress(*DATABASE_TROUBLE), shop.database.read() as session:
        read_tables(session)
        shop.data.own.connect()


def read_tables(session: Session) -> None:
    """Read what is not there from each table that every job needs."""
    for table in (Job, Upload, User):
        session.get(table, new_id())


def _work_on(shop: Workshop, claim: Claim, stop: StopFlag, worker: Connection) -> None:
    # what a killed job leaves is swept; its attempt may still be at that when it is cleaned up after
    fence = claim.fence + 1 if claim.task is Task.clean else claim.fence
    tempfile.tempdir = str(shop.files.scratch(claim.job_id, fence))
    if claim.task is Task.run:
        _keep_to_limits(shop, claim, stop, worker)
    elif claim.task is Task.clean:
        worker.send(TimeLimit(LIMIT_SECONDS, time.monotonic() + LIMIT_SECONDS))
    try:
        work_to_the_end(shop, claim, stop)
    except (NotWrittenDown, *DATABASE_TROUBLE) as error:
        if not (isinstance(error, NotWrittenDown) or is_full(error)):
            raise
        log.exception("job %s: a database failed; the next claim goes on", claim.job_id)
        sys.exit(TROUBLE)


def open_workshop(settings: Settings, database: Database | None = None) -> Workshop:
    """The parts that working on a job needs, fresh for this process."""
    return Workshop(
        settings=settings,
        database=database or Database(settings.database),
        files=Files(settings.data, open_vault(settings.files), settings.cache),
        registry=load_registry(folders=settings.folders, databases=settings.target_names),
        data=Databases(settings),
        secrets=SecretBox(settings.data / "secret.key"),
    )


def _keep_to_limits(shop: Workshop, claim: Claim, stop: StopFlag, worker: Connection) -> None:
    try:
        job_type = shop.registry.get(claim.job_type)
    except UnknownJobType:
        return  # its code is gone, which is for the work to say
    if job_type.time_limit is not None:
        worker.send(TimeLimit(job_type.time_limit, time.monotonic() + job_type.time_limit))
        limit_time(job_type.time_limit, stop)
    if job_type.memory_limit is not None:
        limit_memory(job_type.memory_limit)


def _die_with_the_desk() -> None:
    die_with_parent()
    desk = multiprocessing.parent_process()
    if desk is not None and not desk.is_alive():  # it died before the kernel knew of our wish
        os._exit(LOST)


def _listen_for_stop() -> StopFlag:
    stop = StopFlag()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches all; the desk tells us in its own time
    return stop
