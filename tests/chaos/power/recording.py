"""What a program asks of the disk, in the order in which it does: its system calls, as strace sees them.

The program is the real one on the SQLite that it comes with; nothing stands in for it. What it says meanwhile ("this is
committed", "this was sent") it writes to a file of its own, so that it stands among the calls at its moment.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

BY_NAME = (
    *("open", "openat", "creat", "truncate", "rename", "renameat", "renameat2"),
    *("unlink", "unlinkat", "link", "linkat", "mkdir", "mkdirat", "rmdir"),
)
BY_NUMBER = (
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate", "fsync", "fdatasync"),
    *("sendfile", "copy_file_range"),
)
CALLS = ",".join(f"?{name}" for name in (*BY_NAME, *BY_NUMBER))  # not every processor's Linux has all of them
TRACED = ("-f", "--seccomp-bpf", "-qq", "-xx", "-y", "-s", "10000000", "-e", "signal=none", "-e", f"trace={CALLS}")
LINE = re.compile(r"(?P<who>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<call>\w+)\()(?P<rest>.*)", re.DOTALL)
ARGUMENT = re.compile(r'(?:\d+|AT_FDCWD)<(?P<file>[^>]*)>(?:\(deleted\))?|"(?P<text>[^"]*)"|(?P<word>[^,\s]+)')
RESULT = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has begun, or that has ended: one that had to wait is in the record twice.

    `key` is the same for both; `result` is None at the beginning.
    """

    key: int
    name: str
    paths: tuple[str, ...]
    data: bytes = b""
    number: int = 0
    flags: str = ""
    result: int | None = None


def strace() -> str:
    """The program that records."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed: scripts/apt strace")
    tried = subprocess.run([found, "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"this machine lets nobody look at another's calls: {tried.stderr.strip()}")
    return found


def record(module: str, *arguments: object) -> list[Call]:
    """Run a module of these tests, and give what it asked of the disk."""
    with tempfile.NamedTemporaryFile(prefix="power-") as log:
        command = [strace(), *TRACED, "-o", log.name, sys.executable, "-m", module, *arguments]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        return list(_calls(Path(log.name)))


def _calls(log: Path) -> Iterator[Call]:
    begun: dict[str, Call] = {}
    with log.open(encoding="ascii") as lines:
        for key, line in enumerate(lines):
            found = LINE.match(line.rstrip("\n"))
            if found is None:
                continue
            who = found["who"]
            asked, ended, result = found["rest"].rpartition("= ")
            if found["resumed"]:
                call = begun.pop(who)
            else:
                call = _call(key, found["call"], asked if ended else result)
                yield call
            if ended:
                said = RESULT.match(result)
                yield replace(call, data=b"", result=int(said[0]) if said else -1)
            else:
                begun[who] = call


def _call(key: int, name: str, asked: str) -> Call:
    """What a call was asked for; names are joined to the folder that they are relative to."""
    folder, paths, data, words = "", list[str](), b"", list[str]()
    for found in ARGUMENT.finditer(asked.partition(" <unfinished")[0].rstrip(") ")):
        if found["file"] is not None:
            folder = _text(found["file"]).decode()
        elif found["text"] is None:
            words.append(found["word"])
        elif name in BY_NAME:
            paths.append(str(Path(folder) / _text(found["text"]).decode()))
        else:
            data = _text(found["text"])
    flags = next((word for word in words if word.startswith("O_")), "")
    number = int(words[-1]) if words and words[-1].isdecimal() else 0
    return Call(key, name, tuple(paths) or (folder,), data, number, flags)


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))
