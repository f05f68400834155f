"""The process that one attempt runs in: it can be killed, limited and thrown away without harm to the desk.

The children are forked from a small server process that has everything imported already, so that starting one takes
milliseconds, and no connection, thread or lock of the desk's own process is ever copied.
"""

import ctypes
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import threading
import time
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import FrameType

from webapp.authoring import load_registry
from webapp.jobs.check import check_file
from webapp.jobs.claims import Claim, Task, renew
from webapp.jobs.run import open_work, run_claim
from webapp.jobs.work import Work, Workshop
from webapp.services.data import DataDatabase
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.secrets import SecretBox
from webapp.store.tables import State

LOST = 75  # the exit status of a child whose claim was taken away (EX_TEMPFAIL)
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
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches all; the desk tells us in its own time
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    shop = open_workshop(settings)
    work = open_work(shop, claim)
    work.stop = stop
    threading.Thread(target=_keep_claim, args=(work,), daemon=True).start()
    if claim.task is Task.check:
        check_file(work)
    else:
        run_claim(work)
    shop.database.close()


def open_workshop(settings: Settings) -> Workshop:
    """The parts that working on a job needs, fresh for this process."""
    return Workshop(
        settings=settings,
        database=Database(settings.database),
        files=Files(settings.data),
        registry=load_registry(folders=[settings.job_types] if settings.job_types else []),
        data=DataDatabase(settings.data_database),
        secrets=SecretBox(settings.data / "secret.key"),
    )


def _keep_claim(work: Work) -> None:
    """Renew the lease, however long a row takes; notice when the job was called off, or is no longer ours."""
    lease = work.shop.settings.lease_seconds
    renewed_at = time.monotonic()
    while True:
        time.sleep(lease / 4)
        try:
            state = renew(work.shop.database, work.claim, lease)
        except Exception:  # noqa: BLE001 (whatever ails the database: past the lease we may not work on)
            if time.monotonic() - renewed_at < lease:
                continue
            os._exit(LOST)
        if state is None:
            os._exit(LOST)
        renewed_at = time.monotonic()
        if state is State.cancelling:
            work.stop.set()
