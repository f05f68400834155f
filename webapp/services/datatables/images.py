"""The rows of a table before and after a load, in a table beside it, written in the transaction of the rows.

Each value is kept as the database keeps it, so what is put back is the same bit for bit. Of a row that a job changes
several times, the first image before and the last after stand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from webapp.services.datatables.catalog import is_partitioned, is_postgres, quoted, read_columns
from webapp.services.datatables.form import Form, Values
from webapp.services.datatables.identity import equal, identity_of, place_of, writable
from webapp.services.datatables.incoming import MOST_WIDE

PREFIX = "batchdesk_undo_"
REPLACED = "was "
"""How the places of rows begin that were there before all rows of the table were replaced."""

OWN = {"batchdesk_image": "text", "batchdesk_place": "text"}
KEYS = "temp.batchdesk_keys"


def name_of(job_id: UUID) -> str:
    """The name of the table that keeps a job's images."""
    return f"{PREFIX}{job_id.hex}"


@dataclass(frozen=True, slots=True)
class Images:
    """The images of one job's load into one table."""

    name: str
    table: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    """Columns by which rows are told apart; none: their place does it."""

    @property
    def own(self) -> tuple[str, ...]:
        """What images are told apart by."""
        return self.identity or ("batchdesk_place",)

    def clear_table(self, connection: Connection) -> None:
        """Take all rows out of the table, and keep them."""
        place, columns = place_of(connection, self.columns, "t."), self._columns(connection, "t.")
        table = quoted(connection, self.table)
        if is_postgres(connection):  # what another one commits between these two would go without an image
            connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        connection.exec_driver_sql(
            f"INSERT INTO {self.name} (batchdesk_image, batchdesk_place, {self._columns(connection)}) "  # noqa: S608
            f"SELECT 'before', '{REPLACED}' || {place}, {columns} FROM {table} t ORDER BY {place}"
        )
        connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 (all names here are quoted, or ours)

    def have_index(self, connection: Connection, key: tuple[str, ...]) -> None:
        """Have them found by this key too, where the database does not see to it by itself."""
        if key != self.identity and not is_postgres(connection):
            told_apart = quoted(connection, "batchdesk_image", *key)
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {self.name}_key ON {self.name} ({told_apart})")

    # PostgreSQL: as statements for the rows of `incoming`, each a part of what is tried at once

    def before(self, connection: Connection, rows: str, casts: Sequence[tuple[str, str]]) -> str:
        """Keep the rows that are about to be changed; `rows` is where the new ones are, `casts` of their key."""
        same = " AND ".join(f"t.{quoted(connection, name)} = i.{cast}" for name, cast in casts)
        seen = equal(connection, "a", "t", self.own)
        return (
            f"INSERT INTO {self.name} (batchdesk_image, {self._columns(connection)}) "  # noqa: S608
            f"SELECT 'before', {self._columns(connection, 't.')} FROM {quoted(connection, self.table)} t "
            f"JOIN (SELECT * FROM {rows} WHERE {{rows}}) i ON {same} "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self.name} a WHERE a.batchdesk_image = 'after' AND {seen}) "
            f"FOR UPDATE OF t ON CONFLICT DO NOTHING"
        )

    def after(self, connection: Connection, insert: str, *, replace: bool) -> str:
        """The statement that writes, and keeps what it wrote.

        With `replace`, it may change a row that somebody else has added since `before` looked. Nothing is kept of that:
        what it was is not known, and it must not go with the load. PostgreSQL has put an `xmax` only into rows that
        were there; those of partitions don't tell it.
        """
        columns, place = self._columns(connection), place_of(connection, self.columns, "")
        added = "xmax = 0" if replace and not is_partitioned(connection, self.table) else "true"
        seen = (
            f"SELECT true FROM {self.name} a WHERE a.batchdesk_image IN ('before', 'after') "  # noqa: S608
            f"AND {equal(connection, 'a', 'w', self.own)} LIMIT 1"  # asked row by row: an EXISTS reads all images
        )
        return (
            f"WITH written AS ({insert} RETURNING {place} AS batchdesk_place, {added} AS batchdesk_added, {columns}) "  # noqa: S608
            f"INSERT INTO {self.name} (batchdesk_image, batchdesk_place, {columns}) "
            f"SELECT 'after', batchdesk_place, {columns} FROM written w WHERE batchdesk_added OR ({seen}) "
            f"{self._renewed(connection)}"
        )

    # SQLite: around what the driver writes; it keeps to the order of a CROSS JOIN, so that few keys find their rows

    def take_keys(self, connection: Connection, keys: Sequence[Values]) -> None:
        """Keep the rows that are about to be changed, whose keys these are, by their places."""
        names = ", ".join(f"k{i}" for i in range(len(self.identity)))
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {KEYS}")
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE {KEYS.removeprefix('temp.')} (at INTEGER PRIMARY KEY, out, {names})"
        )
        places = ", ".join("?" * len(self.identity))
        driver = connection.connection.driver_connection
        if driver is None:
            raise LookupError("the connection has no driver")
        rows = [(at, *key) for at, key in enumerate(keys)]
        driver.executemany(f"INSERT INTO {KEYS} (at, {names}) VALUES (?, {places})", rows)  # noqa: S608
        connection.exec_driver_sql(
            f"INSERT OR IGNORE INTO {self.name} (batchdesk_image, {self._columns(connection)}) "  # noqa: S608
            f"SELECT 'before', {self._columns(connection, 't.')} FROM {KEYS} k "
            f"CROSS JOIN {quoted(connection, self.table)} t ON {self._by_key(connection, 't')} "
            f"WHERE NOT EXISTS (SELECT 1 FROM {self.name} a WHERE a.batchdesk_image = 'after' "
            f"AND {equal(connection, 'a', 't', self.own)})"
        )

    def keep_keys(self, connection: Connection, refused: Sequence[int]) -> None:
        """Keep what was written under the keys that were taken, but for those at the places `refused`."""
        for at in refused:
            connection.exec_driver_sql(f"UPDATE {KEYS} SET out = 1 WHERE at = ?", (at,))  # noqa: S608
        connection.exec_driver_sql(
            f"INSERT INTO {self.name} (batchdesk_image, {self._columns(connection)}) "  # noqa: S608
            f"SELECT DISTINCT 'after', {self._columns(connection, 't.')} FROM {KEYS} k "
            f"CROSS JOIN {quoted(connection, self.table)} t ON {self._by_key(connection, 't')} "
            f"WHERE k.out IS NULL {self._renewed(connection)}"
        )
        if refused:
            connection.exec_driver_sql(
                f"DELETE FROM {self.name} AS b WHERE batchdesk_image = 'before' "  # noqa: S608
                f"AND EXISTS (SELECT 1 FROM {KEYS} k WHERE k.out = 1 AND {self._by_key(connection, 'b')}) "
                f"AND NOT EXISTS (SELECT 1 FROM {self.name} a WHERE a.batchdesk_image = 'after' "
                f"AND {equal(connection, 'a', 'b', self.own)})"
            )

    def last_place(self, connection: Connection) -> int:
        """The place of the row that was added last."""
        place, table = place_of(connection, self.columns, ""), quoted(connection, self.table)
        found = connection.exec_driver_sql(f"SELECT coalesce(max({place}), 0) FROM {table}").scalar_one()  # noqa: S608
        return int(found)

    def keep_places(self, connection: Connection, last: int) -> None:
        """Keep what was added behind a place."""
        place, columns = place_of(connection, self.columns, "t."), self._columns(connection, "t.")
        connection.exec_driver_sql(
            f"INSERT INTO {self.name} (batchdesk_image, batchdesk_place, {self._columns(connection)}) "  # noqa: S608
            f"SELECT 'after', {place}, {columns} FROM {quoted(connection, self.table)} t WHERE {place} > ? "
            f"{self._renewed(connection)}",
            (last,),
        )

    def _by_key(self, connection: Connection, alias: str) -> str:
        return " AND ".join(f"{alias}.{quoted(connection, name)} = k.k{i}" for i, name in enumerate(self.identity))

    def _renewed(self, connection: Connection) -> str:
        changes = ", ".join(f"{name} = excluded.{name}" for name in (quoted(connection, n) for n in self.columns))
        return f"ON CONFLICT (batchdesk_image, {quoted(connection, *self.own)}) DO UPDATE SET {changes}"

    def _columns(self, connection: Connection, prefix: str = "") -> str:
        return ", ".join(f"{prefix}{quoted(connection, name)}" for name in self.columns)


def make_images(connection: Connection, job_id: UUID, form: Form, *, replace: bool) -> Images | None:
    """Make the table for a job's images, if it is not there.

    Returns:
        None if the table's rows can't be found again, or are too wide: they can't be put back.
    """
    columns, name = writable(connection, form.table), name_of(job_id)
    identity = identity_of(connection, form)
    if identity is None or len(columns) > MOST_WIDE:
        return None
    images = Images(name, form.table, columns, () if replace else identity)
    if not read_columns(connection, name):
        _make(connection, images)
    return images


def _make(connection: Connection, images: Images) -> None:
    own = ", ".join(f"{name} {declared}" for name, declared in OWN.items())
    if is_postgres(connection):
        types = read_columns(connection, images.table)
        columns = ", ".join(f"{quoted(connection, name)} {_whole(types[name])}" for name in images.columns)
        connection.exec_driver_sql(
            f"CREATE TABLE {images.name} (batchdesk_number bigserial PRIMARY KEY, {own}, {columns})"
        )
    else:
        columns = ", ".join(quoted(connection, name) for name in images.columns)  # without a type nothing is converted
        connection.exec_driver_sql(
            f"CREATE TABLE {images.name} (batchdesk_number INTEGER PRIMARY KEY, {own}, {columns})"
        )
    told_apart = quoted(connection, "batchdesk_image", *images.own)
    connection.exec_driver_sql(f"CREATE UNIQUE INDEX {images.name}_own ON {images.name} ({told_apart})")


def _whole(declared: str) -> str:
    """A type that keeps what a column of this type has, without a length of its own."""
    return {"character": "bpchar", "bit": "varbit"}.get(declared, declared)
