"""Programs that a job starts end with it, even when everything else was killed."""

import ctypes
import os
import signal
import sys
from contextlib import suppress

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(with_signal: int = signal.SIGKILL) -> None:
    """Have the kernel kill this process when the one that started it dies, so that no orphan works on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, with_signal)


def adopt_orphans() -> None:
    """Become the parent of what is left behind by those below, so that somebody buries it when it is dead."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def guard_programs() -> None:
    """Leave a process behind that waits for the end of this one, and then kills what is left of its group.

    The kernel's word reaches only children, not the programs that they have started: those would work on, and their job
    with them, after a `kill -9` of the whole desk. Call it before there is any thread.
    """
    if sys.platform != "linux":
        return
    child = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    if os.fork():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        return
    try:
        _kill_after(child)
    finally:
        os._exit(0)


def _kill_after(child: int) -> None:
    os.setsid()  # out of the group that it kills
    for ignored in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ignored, signal.SIG_IGN)
    os.closerange(0, os.sysconf("SC_OPEN_MAX"))  # others wait for the end of what the child has open
    die_with_parent(signal.SIGUSR1)
    while os.getppid() == child:
        signal.sigtimedwait({signal.SIGUSR1}, 60)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
