"""The job types there are, and the files that could not be loaded."""

import difflib
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass

from webapp.authoring.errors import UnknownJobType
from webapp.authoring.job_type import JobType


@dataclass(frozen=True, slots=True)
class BrokenModule:
    """A file of job types that could not be loaded: what is wrong, and the whole trace for its author."""

    file: str
    error: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Registry:
    """All job types by name, in the order of their names; a mapping that does not change."""

    job_types: Mapping[str, JobType]
    broken: tuple[BrokenModule, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self.job_types)

    def __len__(self) -> int:
        return len(self.job_types)

    def __contains__(self, name: object) -> bool:
        return name in self.job_types

    def __getitem__(self, name: str) -> JobType:
        return self.get(name)

    def values(self) -> ValuesView[JobType]:
        """The job types."""
        return self.job_types.values()

    def titles(self) -> list[tuple[str, str]]:
        """Name and title of each, by their titles: how people look for one."""
        return sorted(((each.name, each.title) for each in self.values()), key=lambda each: each[1].casefold())

    def items(self) -> ItemsView[str, JobType]:
        """The job types with their names."""
        return self.job_types.items()

    def get(self, name: str) -> JobType:
        """The job type of this name.

        Raises:
            UnknownJobType: There is none; names the ones that look alike.
        """
        if name in self.job_types:
            return self.job_types[name]
        near = difflib.get_close_matches(name, self.job_types, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownJobType(f"There is no job called {name[:63]!r}.{hint}")
