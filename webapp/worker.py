"""A process without pages that runs jobs: there may be many, on all machines that share the database and the files."""

import os
import signal
import sys
import threading
from types import FrameType

from webapp.engines.base import DRAIN_SECONDS, Engine
from webapp.jobs.firing import keep_firing
from webapp.jobs.news.deliver import Outgoing, keep_delivering
from webapp.jobs.schedules import Schedules
from webapp.log import write_log
from webapp.settings import Settings, SettingsError


def run_worker(settings: Settings, engine: Engine, schedules: Schedules) -> None:
    """Run jobs, make those of schedules and send news out, until told to stop; then give back what is not done.

    Told twice, it leaves at once.

    Raises:
        SettingsError: it is to run no jobs.
    """
    if not settings.workers:
        raise SettingsError("BATCHDESK_WORKERS is 0: a worker that may run no jobs has nothing to do.")
    write_log()
    stop = threading.Event()

    def leave(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)  # safe: the next worker goes on with what was under way
        stop.set()
        engine.wake()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    engine.prepare()
    sys.stdout.write(f"Batchdesk works: up to {settings.workers} jobs at once.\n")
    sys.stdout.flush()
    outgoing = Outgoing(settings, schedules.database, schedules.submissions.secrets)
    beside = [
        threading.Thread(target=keep_firing, args=(schedules, stop), name="schedules"),
        threading.Thread(target=keep_delivering, args=(outgoing, stop), name="news"),
    ]
    for thread in beside:
        thread.start()
    try:
        engine.serve(stop, DRAIN_SECONDS)
    finally:
        stop.set()
        for thread in beside:
            thread.join()
