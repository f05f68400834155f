"""A file that a job made, as its page shows it: to take away, or to hand into another job."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from webapp.authoring import Registry
from webapp.store.tables import ResultFile


@dataclass(frozen=True, slots=True)
class FileView:
    """What is shown of a file, and the name and title of each kind of job that takes such files."""

    id: UUID
    name: str
    bytes: int
    sha256: str
    fits: Sequence[tuple[str, str]]


def view_files(files: Sequence[ResultFile], registry: Registry) -> tuple[FileView, ...]:
    """The files as a page shows them."""
    return tuple(FileView(file.id, file.name, file.bytes, file.sha256, fitting(file.name, registry)) for file in files)


def fitting(name: str, registry: Registry) -> tuple[tuple[str, str], ...]:
    """The job types that take a file with this ending, by their titles."""
    found = (each for each in registry.job_types.values() if each.takes_file and name.lower().endswith(each.accepts))
    return tuple(sorted(((each.name, each.title) for each in found), key=lambda each: each[1].casefold()))
