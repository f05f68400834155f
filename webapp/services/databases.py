"""The databases that jobs write into: the desk's data database, and those that the administrator has named."""

from webapp.authoring import JobError
from webapp.services.data import DataDatabase
from webapp.settings import Settings
from webapp.store.database import PATIENCE_S


class UnknownTarget(JobError):  # noqa: N818 (named for what was not found)
    """A job's database is not among those that are named now."""


class Databases:
    """Make one in each process: no connection may cross a fork. Each is opened when it is first asked for."""

    def __init__(self, settings: Settings, *, patience_s: float = PATIENCE_S) -> None:
        """`patience_s` is how long another's lock is waited for."""
        self._targets = settings.targets or {}
        self._patience_s = patience_s
        self.own = DataDatabase(settings.data_database, patience_s=patience_s)
        """The desk's data database."""
        self._named: dict[str, DataDatabase] = {}

    def of(self, target: str | None) -> DataDatabase:
        """The one of this name; without a name the desk's data database.

        Raises:
            UnknownTarget: there is none of that name.
        """
        if target is None:
            return self.own
        if target not in self._named:
            found = self._targets.get(target)
            if found is None:
                raise UnknownTarget(
                    f"The database “{target}” is not among those that the desk knows any more, so the job can't go "
                    "on. Tell an administrator: it has to be in BATCHDESK_TARGETS."
                )
            self._named[target] = DataDatabase(found.url, patience_s=self._patience_s, target=found)
        return self._named[target]

    def close(self) -> None:
        """Give back all connections."""
        for database in (self.own, *self._named.values()):
            database.close()
