"""The data database: where jobs put rows. It is apart from the desk's own, which no job can touch."""

from uuid import UUID

from webapp.services.datatables.catalog import is_postgres, make_schema, marks, quoted
from webapp.services.datatables.kinds import BOOLEAN, DATE, DATETIME, DECIMAL, INTEGER, REAL, Kind
from webapp.services.datatables.marker import FenceLostError, Marker, forget_batch, make_marker_table, take
from webapp.services.datatables.names import PATTERN, safe_name, safe_names, table_name
from webapp.services.datatables.register import forget_rows, require_not_loaded
from webapp.services.datatables.schema import ensure_table, read_kinds
from webapp.services.datatables.writer import DataWriter
from webapp.services.targets.opening import open_target, require_ready, require_rights
from webapp.services.targets.setting import Target
from webapp.services.targets.trouble import TargetTrouble, or_wait, told
from webapp.store.database import PATIENCE_S, connect

__all__ = [
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "INTEGER",
    "PATTERN",
    "REAL",
    "DataDatabase",
    "DataWriter",
    "FenceLostError",
    "Kind",
    "Marker",
    "ensure_table",
    "make_marker_table",
    "make_schema",
    "marks",
    "quoted",
    "read_kinds",
    "safe_name",
    "safe_names",
    "table_name",
]


class DataDatabase:
    """Make one in each process: no connection may cross a fork."""

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S, target: Target | None = None) -> None:
        """Prepare the engine; nothing is connected yet.

        Args:
            url: where it is.
            patience_s: how long another's lock is waited for.
            target: what the administrator says of it, if it is somebody else's; the desk's marker tables are there too.
        """
        self.url = url
        self._target = target
        self._engine = connect(url, patience_s=patience_s) if target is None else open_target(target, patience_s)
        self._writing = self._engine.execution_options(write=True)
        # as with the claim that takes it; what the journal of somebody else's file needs is not ours to judge
        self._taking = self._writing.execution_options(synced=target is not None)

    def connect(self) -> None:
        """Have a connection ready for what is done next."""
        self._engine.connect().close()

    def take(self, job_id: UUID, fence: int) -> Marker | None:
        """Give the job's writes to this claim: an older one can write nothing any more.

        Returns:
            The account of the last batch that was committed here, which the ledger may have missed.

        Raises:
            FenceLostError: a newer claim has them already.
            ComeBackLater, JobError: it is a named one, and is not there, or not yet; says why.
        """
        try:
            with told(self._target), self._taking.begin() as connection:
                if self._target is not None:
                    require_ready(connection, self._target)
                return take(connection, job_id, fence)
        except TargetTrouble as error:
            raise or_wait(error) from None  # its cause would make any job wait

    def look(self) -> str:
        """See whether jobs could write there, and change nothing; what was seen.

        Raises:
            ComeBackLater, JobError: they could not; says why.
        """
        try:
            with told(self._target), self._writing.begin() as connection:
                if self._target is not None:
                    require_ready(connection, self._target)
                    require_rights(connection, self._target)
                return f"answers ({'PostgreSQL' if is_postgres(connection) else 'SQLite'}), and takes what jobs write"
        except TargetTrouble as error:
            raise or_wait(error) from None

    def require_not_loaded(self, table: str, sha256: str) -> None:
        """See whether a file was loaded into a table before, and change nothing.

        Raises:
            JobError: it was; says by which job.
        """
        with self._engine.connect() as connection:
            require_not_loaded(connection, table, sha256)

    def writer(self, job_id: UUID, fence: int, *, taken: bool = True) -> DataWriter:
        """For the writes of the claim that has taken the job, or whose first write does."""
        return DataWriter(self._writing, job_id, fence, self._target, taken=taken)

    def forget(self, job_id: UUID) -> None:
        """Take away what the desk keeps of a job's rows beside the tables that they went into. Twice is once.

        Raises:
            TargetTrouble, JobError: it is a named one, and is not there, or does not do it.
            DATABASE_TROUBLE: it is the desk's own, and does not do it now.
        """
        with told(self._target), self._writing.begin() as connection:
            forget_batch(connection, job_id)
            forget_rows(connection, job_id)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()
