"""The process that one attempt runs in: it can be killed, limited and thrown away without harm to the desk.

The children are forked from a small server process that has everything imported already, so that starting one takes
milliseconds, and no connection, thread or lock of the desk's own process is ever copied.
"""

import ctypes
import logging
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import tempfile
import threading
import time
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import FrameType

from webapp.authoring import load_registry
from webapp.jobs.claims import Claim, renew
from webapp.jobs.run import work_to_the_end
from webapp.jobs.work import NotWrittenDown, StopFlag, Workshop
from webapp.log import write_log
from webapp.services.data import DataDatabase
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.secrets import SecretBox
from webapp.store.tables import State

log = logging.getLogger("batchdesk.child")

LOST = 75  # the exit status of a child whose claim was taken away (EX_TEMPFAIL)
TROUBLE = 74  # of one that could not write its account down, which is no fault of the job (EX_IOERR)
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it dies, so that no orphan works on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def prepare_children() -> ForkServerContext:
    """Start the process that children are forked from. Call it in the main thread, whose end means the desk's end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["webapp.engines.forkserver"])
    multiprocessing.forkserver.ensure_running()
    return context


def start_child(context: ForkServerContext, settings: Settings, claim: Claim) -> ForkServerProcess:
    """Start working on a claim in a new process."""
    process = context.Process(target=work_on, args=(settings, claim), name=f"job-{claim.job_id}", daemon=True)
    process.start()
    return process


def work_on(settings: Settings, claim: Claim) -> None:
    """A child's whole life."""
    write_log()
    _die_with_the_desk()
    os.setpgid(0, 0)  # what it starts can be killed with it
    stop = _listen_for_stop()
    database = Database(settings.database)
    keep_claim(database, claim, settings.lease_seconds, stop)  # before anything that may take long
    shop = open_workshop(settings, database)
    tempfile.tempdir = str(shop.files.scratch(claim.job_id))  # what a killed job leaves behind is swept, not forgotten
    try:
        work_to_the_end(shop, claim, stop)
    except NotWrittenDown:
        log.exception("job %s: a database failed; the next claim goes on", claim.job_id)
        sys.exit(TROUBLE)
    shop.data.close()
    database.close()


def open_workshop(settings: Settings, database: Database | None = None) -> Workshop:
    """The parts that working on a job needs, fresh for this process."""
    return Workshop(
        settings=settings,
        database=database or Database(settings.database),
        files=Files(settings.data),
        registry=load_registry(folders=[settings.job_types] if settings.job_types else []),
        data=DataDatabase(settings.data_database),
        secrets=SecretBox(settings.data / "secret.key"),
    )


def keep_claim(database: Database, claim: Claim, lease_seconds: float, stop: StopFlag) -> None:
    """Renew the lease from now on, however long a row takes.

    Sets `stop` when the job was called off, and ends the process at once when the job is no longer ours.
    """
    threading.Thread(target=_keep_renewing, args=(database, claim, lease_seconds, stop), daemon=True).start()


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


def _keep_renewing(database: Database, claim: Claim, lease_seconds: float, stop: StopFlag) -> None:
    renewed_at = time.monotonic()
    while True:
        time.sleep(lease_seconds / 4)
        try:
            state = renew(database, claim, lease_seconds)
        except Exception:  # noqa: BLE001 (whatever ails the database: past the lease we may not work on)
            if time.monotonic() - renewed_at < lease_seconds:
                continue
            os._exit(LOST)
        if state is None:
            os._exit(LOST)
        renewed_at = time.monotonic()
        if state is State.cancelling:
            stop.set()
