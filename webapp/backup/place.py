"""Where a restored desk is going to be: an empty place, and empty again if the restore fails."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, make_url

from webapp.backup.manifest import DESK, KEY, RESULTS, UPLOADS
from webapp.backup.steps import unreadable
from webapp.backup.tables import data_tables, is_empty
from webapp.errors import DeskError, Refused, StorageTrouble
from webapp.services.datatables.catalog import quoted
from webapp.settings import Settings
from webapp.store.cache import OWNER_ONLY_FOLDER, PART
from webapp.store.database import DATABASE_TROUBLE, Database, connect
from webapp.store.vault import Vault, open_vault

MAY_BE_THERE = {KEY, "lost+found"}


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of a desk. A database that is no file is in PostgreSQL."""

    folder: Path
    desk_url: str
    data_url: str
    vault: Vault | None

    @property
    def desk_file(self) -> Path | None:
        """The desk's database."""
        return _file(self.desk_url)

    @property
    def data_file(self) -> Path | None:
        """The database that jobs load rows into."""
        return _file(self.data_url)

    @property
    def part(self) -> Path:
        """Where the desk's database is made ready."""
        desk = self.desk_file or self.folder / DESK
        return desk.with_name(desk.name + PART)

    def is_taken_in_postgres(self) -> bool:
        """Whether there is something already, as far as the databases are in PostgreSQL."""
        has_desk = self.desk_file is None and _has_desk(self.desk_url)
        return has_desk or (self.data_file is None and bool(_tables(self.data_url)))

    def clear(self, *, with_key: bool) -> None:
        """Leave the place as empty as it was."""
        for folder in (UPLOADS, RESULTS):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        for path in self.part.parent.glob(f"{self.part.name}*"):
            path.unlink()
        if with_key:
            (self.folder / KEY).unlink(missing_ok=True)
        if self.data_file is not None:
            self.data_file.unlink(missing_ok=True)
        else:
            _drop_tables(self.data_url)
        if self.vault is not None:
            _clear_vault(self.vault)


def find_place(settings: Settings) -> Place:
    """The place that the settings name.

    Raises:
        Refused: there is a desk, or something else.
        DeskError: a database can't be used.
        StorageTrouble: the place for files does not answer.
    """
    place = Place(settings.data, settings.database, settings.data_database, open_vault(settings.files))
    place.folder.mkdir(OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    found = sorted(path.name for path in place.folder.iterdir() if path.name not in MAY_BE_THERE)
    if found:
        raise Refused(
            f"{place.folder} is not empty ({', '.join(found[:3])}). A desk is restored into an empty folder only: "
            "move what is there away, or set BATCHDESK_DATA to another folder."
        )
    for file in (place.desk_file, place.data_file):
        if file is not None and file.exists():
            raise Refused(f"{file} exists already. A back-up is never restored over a desk: move it away first.")
    try:
        taken = place.is_taken_in_postgres()
    except DATABASE_TROUBLE as error:
        raise DeskError(unreadable(error)) from error
    if taken:
        raise Refused("There is a desk in PostgreSQL already. A back-up is restored into an empty database only.")
    if place.vault and any(True for folder in (UPLOADS, RESULTS) for _ in place.vault.names(folder)):
        raise Refused(
            f"There are files in {settings.files} already, and another desk may need them. "
            "Set BATCHDESK_FILES to another prefix, or remove them."
        )
    return place


def _file(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _has_desk(url: str) -> bool:
    database = Database(url)
    with database.engine.connect() as connection:
        found = inspect(connection).has_table("user") and not is_empty(connection)
    database.close()
    return found


def _tables(url: str) -> list[str]:
    engine = connect(url)
    with engine.connect() as connection:
        found = data_tables(connection)
    engine.dispose()
    return found


def _drop_tables(url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        for name in data_tables(connection):
            connection.exec_driver_sql(f"DROP TABLE {quoted(connection, name)}")
    engine.dispose()


def _clear_vault(vault: Vault) -> None:
    with suppress(StorageTrouble):  # what remains there is named by the next restore
        for name in [name for folder in (UPLOADS, RESULTS) for name, _ in vault.names(folder)]:
            vault.drop(name)
