"""Putting a desk's databases and files into a folder, while the desk goes on working.

The databases come first, then the files that their rows name: an upload or a result is whole and never changed once
a row names it, so what the rows of that moment name can be copied later. A file that nobody names yet is left out.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update
from sqlmodel import col

from webapp.backup.contents import Kept, copy_file, kept_files, sum_of
from webapp.backup.manifest import DATA, DESK, KEY, RESULTS, UPLOADS, Manifest
from webapp.backup.moment import copy_database, one_moment, open_copy
from webapp.backup.steps import Step, Tick
from webapp.backup.tables import export_data, export_desk
from webapp.backup.verify import row_counts
from webapp.errors import NoSpace, NotFound
from webapp.kit import now
from webapp.resources import version
from webapp.services.datatables.catalog import is_postgres
from webapp.settings import Settings
from webapp.store.cache import OWNER_ONLY_FOLDER
from webapp.store.database import Database, connect
from webapp.store.files import sync_folder
from webapp.store.migrate import schema_version
from webapp.store.tables import Job, MendedRow, Mending, ResultFile, Upload
from webapp.store.vault import Vault

REMOVED_MEANWHILE: Final = "It was removed while the back-up was taken."


@dataclass(frozen=True, slots=True)
class Collection:
    """A back-up being put together in `folder`."""

    settings: Settings
    database: Database
    vault: Vault | None
    folder: Path
    step: Step

    def collect(self, *, with_key: bool) -> None:
        """Put everything into the folder, the manifest last.

        Raises:
            NoSpace: the files won't fit.
            StorageTrouble: the place where they are kept does not answer.
            NotFound: there is no key to take along.
        """
        taken_at = now()
        self._copy_databases()
        files, damaged = self._copy_files()
        sums = {name: sum_of(self.folder / name) for name in (DESK, DATA)}
        desk = open_copy(self.folder / DESK)
        with desk.connect() as connection:
            schema = schema_version(connection) or ""
        Manifest(
            batchdesk=version(),
            schema=schema,
            taken_at=taken_at,
            engine=self.database.engine.dialect.name,
            sums=sums,
            rows={name: row_counts(open_copy(self.folder / name)) for name in sums},
            files=len(files),
            bytes=sum((self.folder / name).stat().st_size for name in sums) + sum(file.size for file in files),
            damaged=damaged,
            key=self._copy_key() if with_key else None,
        ).write(self.folder)
        self._sync()

    def _copy_databases(self) -> None:
        data = connect(self.settings.data_database)
        with one_moment(self.database.engine, data) as (desk_seen, data_seen):
            for name, seen, export in ((DESK, desk_seen, export_desk), (DATA, data_seen, export_data)):
                with self.step(f"Copying {name}", _size(seen)) as tick:
                    (export if is_postgres(seen) else copy_database)(seen, self.folder / name, tick)
        data.dispose()
        with open_copy(self.folder / DESK, change=True).begin() as desk:
            # what is still arriving is no file yet, and no job knows of it
            desk.execute(delete(Upload).where(col(Upload.sha256).is_(None)))

    def _copy_files(self) -> tuple[list[Kept], list[str]]:
        """Copy what the rows name; the files, and the places of those that the desk itself has lost or damaged."""
        files = list(kept_files(open_copy(self.folder / DESK)))
        size = sum(file.size for file in files)
        disk = os.statvfs(self.folder)
        if size > disk.f_bavail * disk.f_frsize:
            raise NoSpace(f"The back-up does not fit: its files take {size:,} bytes. Nothing was kept.")
        damaged: list[Kept] = []
        gone: list[Kept] = []
        for folder in (UPLOADS, RESULTS):
            (self.folder / folder).mkdir(OWNER_ONLY_FOLDER)
        with self.step("Copying files", size) as tick:
            for file in files:
                if self._copy(file, tick):
                    continue
                (damaged if self._is_known(file) else gone).append(file)
        self._forget(gone)
        return [file for file in files if file not in gone], [file.place for file in damaged]

    def _copy(self, file: Kept, tick: Tick) -> bool:
        """Whether the file was there, and was what its row says."""
        target = self.folder / file.place
        target.parent.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
        source = self.settings.data / file.place
        try:
            if self.vault is None or source.exists():
                return copy_file(source, target, tick) == file.sha256
            self.vault.fetch(file.place, target)
            return sum_of(target, tick) == file.sha256
        except FileNotFoundError:
            return False

    def _is_known(self, file: Kept) -> bool:
        """Whether the desk still has the row: if not, somebody removed the file in the meantime."""
        table = Upload if file.job_id is None else ResultFile
        with self.database.read() as session:
            return session.execute(select(col(table.id)).where(col(table.id) == file.id)).one_or_none() is not None

    def _forget(self, gone: list[Kept]) -> None:
        """Take out what names a file that was removed since: a job's own file only goes with all that the job holds."""
        with open_copy(self.folder / DESK, change=True).begin() as desk:
            for file in gone:
                if file.job_id is None:
                    self._forget_upload(desk, file.id)
                else:
                    desk.execute(delete(ResultFile).where(col(ResultFile.id) == file.id))

    def _forget_upload(self, desk: Connection, upload_id: UUID) -> None:
        mendings = select(col(Mending.id)).where(col(Mending.upload_id) == upload_id)
        desk.execute(delete(MendedRow).where(col(MendedRow.mending_id).in_(mendings)))
        desk.execute(delete(Mending).where(col(Mending.upload_id) == upload_id))
        removal = func.coalesce(Job.removal, REMOVED_MEANWHILE)  # a restored desk goes on with it
        desk.execute(update(Job).where(col(Job.upload_id) == upload_id).values(upload_id=None, removal=removal))
        desk.execute(delete(Upload).where(col(Upload.id) == upload_id))

    def _copy_key(self) -> str:
        try:
            return copy_file(self.settings.data / KEY, self.folder / KEY, lambda _: None)
        except FileNotFoundError:
            raise NotFound(
                "The desk has no secret.key yet, so there is none to take along. Leave out --with-key."
            ) from None

    def _sync(self) -> None:
        """Make what was written without its own wait for the disk durable, and all names."""
        for path in self.folder.iterdir():
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        for folder, _, _ in os.walk(self.folder):
            sync_folder(Path(folder))


def _size(seen: Connection) -> int:
    """What is going to go by: bytes of SQLite's file, rows of PostgreSQL, which knows their number only roughly."""
    if is_postgres(seen):
        rows = "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class WHERE relkind = 'r'"
        return int(seen.exec_driver_sql(f"{rows} AND relnamespace = current_schema()::regnamespace").scalar_one())
    size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    return int(seen.exec_driver_sql(size).scalar_one())
