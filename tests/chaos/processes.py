"""The processes of a desk, by what they do."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.engines.house import descendants


def command(pid: int) -> str:
    """What a process was started with; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def parent(pid: int) -> int:
    """Who started a process; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def forkservers(pid: int) -> list[int]:
    """The processes below `pid` that children are forked from."""
    serving = {each for each in descendants(pid) if "forkserver import main" in command(each)}
    return sorted(each for each in serving if parent(each) not in serving)


def children(pid: int) -> list[int]:
    """The processes below `pid` that a job runs in."""
    found: set[int] = set()
    for server in forkservers(pid):
        found |= {each for each in descendants(server) if parent(each) == server and "forkserver" in command(each)}
    return sorted(found)


def send(pid: int, what: signal.Signals) -> bool:
    """Send a signal; whether there was a process to take it."""
    with suppress(ProcessLookupError):
        os.kill(pid, what)
        return True
    return False


Victims = Callable[[int], list[int]]
"""Which processes of a desk, by the id of its first one."""
