"""A disk that may lose power: what is on it then, by the record of what a program has asked of it.

What was synced is there. Of what was not, each write to a file and each change of a folder is there, or not, or (of a
write) some of its sectors are: no order is kept between writes. A file system's journal is not counted on.
The memory that processes share beside a database (`-shm`) is gone.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.power.recording import Call

SECTORS = (512, 4096)
FORGOTTEN = "-shm"
CHANGES = {"write", "pwrite64", "ftruncate"}
SYNCS = {"fsync", "fdatasync"}


@dataclass(slots=True)
class Change:
    """Bytes at a place of a file, or its new size."""

    key: int
    at: int
    data: bytes | None
    ended: bool = False

    def apply(self, content: bytearray) -> None:
        """Do it. A gap is zeros."""
        if len(content) < self.at:
            content.extend(bytes(self.at - len(content)))
        if self.data is None:
            del content[self.at :]
        else:
            content[self.at : self.at + len(self.data)] = self.data

    def torn(self, chance: random.Random, kept: float) -> Iterator["Change"]:
        """Some of its sectors."""
        if self.data is None:
            yield self
            return
        size, first = chance.choice(SECTORS), 0
        while first < len(self.data):
            last = size - (self.at + first) % size + first
            if chance.random() < kept:
                yield Change(self.key, self.at + first, self.data[first:last])
            first = last


@dataclass(slots=True)
class File:
    """What is surely on the disk of a file, and what may be."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[Change] = field(default_factory=list)

    def content(self) -> bytes:
        """As its readers see it."""
        return self._with(self.waiting)

    def size(self) -> int:
        """As its readers see it."""
        size = len(self.synced)
        for change in self.waiting:
            size = change.at if change.data is None else max(size, change.at + len(change.data))
        return size

    def sync(self, ended: set[int]) -> None:
        """These have ended before it was asked for."""
        for change in self.waiting:
            if change.key in ended:
                change.apply(self.synced)
        self.waiting = [change for change in self.waiting if change.key not in ended]

    def after_power_loss(self, chance: random.Random) -> bytes:
        """What is there of it then."""
        kept, whole = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0)), chance.choice((0.0, 0.5, 1.0))
        left: list[Change] = []
        for change in self.waiting:
            if chance.random() >= whole:
                left += change.torn(chance, kept)
            elif chance.random() < kept:
                left.append(change)
        return self._with(left)

    def _with(self, changes: Iterable[Change]) -> bytes:
        content = bytearray(self.synced)
        for change in changes:
            change.apply(content)
        return bytes(content)


FOLDER = File()
"""What a folder's name stands for."""


class Disk:
    """The files below one folder."""

    def __init__(self, folder: Path) -> None:
        """Begin with an empty folder."""
        self._root = folder
        self._there: dict[str, File] = {}
        self._synced: dict[str, File] = {}
        self._renamed: list[tuple[int, dict[str, File | None]]] = []
        """What has changed in folders since they were synced: what each name stands for now, if for anything."""
        self._syncing: dict[int, set[int]] = {}

    def take(self, call: Call) -> None:
        """Do what a program asks for.

        Raises:
            AssertionError: it is something that is not understood.
        """
        if not any(Path(path).is_relative_to(self._root) for path in call.paths) or call.paths[0].endswith(FORGOTTEN):
            return
        if call.name in CHANGES:
            self._change(call)
        elif call.name in SYNCS:
            self._sync(call)
        elif call.result is not None and call.result >= 0:
            self._rename(call)

    def _change(self, call: Call) -> None:
        file = self._there.get(call.paths[0])
        if file is None:
            return  # its name is gone, and with it what it holds
        if call.result is None:
            at = file.size() if call.name == "write" else call.number
            file.waiting.append(Change(call.key, at, None if call.name == "ftruncate" else call.data))
            return
        for change in file.waiting:
            if change.key == call.key:
                assert call.result == len(change.data or b""), f"{call.name} {call.paths[0]} did not do it all"
                change.ended = True

    def _sync(self, call: Call) -> None:
        file = self._there.get(call.paths[0], FOLDER)
        if call.result is None:
            waiting = [change.key for change in file.waiting if change.ended]
            self._syncing[call.key] = {*waiting, *(key for key, _ in self._renamed)}
            return
        ended = self._syncing.pop(call.key)
        if file is not FOLDER:
            file.sync(ended)
            return
        left = []
        for key, names in self._renamed:
            # a file that is moved to another folder is in both or in neither
            if key in ended and any(str(Path(name).parent) == call.paths[0] for name in names):
                self._synced = _renamed(self._synced, names)
            else:
                left.append((key, names))
        self._renamed = left

    def _rename(self, call: Call) -> None:
        first, last = call.paths[0], call.paths[-1]
        names: dict[str, File | None]
        if call.name in {"open", "openat", "creat"}:
            if "O_TRUNC" in call.flags and first in self._there:
                self._there[first].waiting.append(Change(call.key, 0, None, ended=True))
            if "O_CREAT" not in call.flags or first in self._there:
                return
            names = {first: File()}
        elif call.name in {"mkdir", "mkdirat"}:
            names = {first: FOLDER}
        elif call.name in {"unlink", "unlinkat", "rmdir"}:
            names = {first: None}
        else:
            assert call.name.startswith(("rename", "link")), f"{call.name} is not understood"
            names = {last: self._there[first], **({first: None} if call.name.startswith("rename") else {})}
        self._there = _renamed(self._there, names)
        self._renamed.append((call.key, names))

    def now(self) -> dict[str, bytes]:
        """The files as their readers see them."""
        return {self._short(name): file.content() for name, file in self._there.items() if file is not FOLDER}

    def after_power_loss(self, chance: random.Random) -> dict[str, bytes]:
        """The files that are there then."""
        kept, there = chance.choice((0.0, 0.5, 1.0)), self._synced
        for _, names in self._renamed:
            if chance.random() < kept:
                there = _renamed(there, names)
        return {
            self._short(name): file.after_power_loss(chance)
            for name, file in there.items()
            if file is not FOLDER and self._is_reached(name, there)
        }

    def _short(self, name: str) -> str:
        return str(Path(name).relative_to(self._root))

    def _is_reached(self, name: str, there: Mapping[str, File]) -> bool:
        folders = [
            folder for folder in Path(name).parents if folder.is_relative_to(self._root) and folder != self._root
        ]
        return all(str(folder) in there for folder in folders)


def _renamed(there: Mapping[str, File], names: Mapping[str, File | None]) -> dict[str, File]:
    """What names stand for after a change."""
    return {name: file for name, file in {**there, **names}.items() if file is not None}


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Make a folder hold these files and no others."""
    folder.mkdir(exist_ok=True)
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
