"""What an attempt may take: memory is limited by the kernel, time is watched by the process and by its worker."""

import resource
import sys
import threading
from pathlib import Path

from webapp.jobs.ending import took_too_long
from webapp.jobs.work import StopFlag


def limit_memory(most: int) -> None:
    """Let this process grow until it takes `most` bytes; what asks for more gets a MemoryError.

    The kernel limits addresses, of which a process has many more than it uses. So the limit is on growth: what it has
    now, and as many more bytes as are left between the memory that it uses now and `most`.
    """
    if sys.platform != "linux":
        return
    pages = Path("/proc/self/statm").read_text("ascii").split()
    addresses, used = (int(count) * resource.getpagesize() for count in pages[:2])
    most = addresses + max(most - used, 0)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_time(seconds: float, stop: StopFlag) -> None:
    """Ask the work to stop when its time is up, which ends the job."""
    timer = threading.Timer(seconds, stop.set, args=[took_too_long(seconds)])
    timer.daemon = True
    timer.start()
