"""Rows on their way into PostgreSQL: copied into a table of this session, and put from there where they belong.

Copying is what the server does fast. Where it does not take all of them, it finds the rows itself, without a word over
the network for each: in small groups, and one by one in a group that it does not take.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection

from webapp.services.datatables.catalog import quoted
from webapp.services.datatables.form import Values
from webapp.services.datatables.refusals import Diagnosis
from webapp.store.postgres import LIMIT_PASSED

MOST_WIDE = 1_500
GROUP = 16
ROW_REFUSED = ("21000", "22", "23", "44", LIMIT_PASSED, "P0001")
"""How the codes of errors begin that are the row's own: two rows of one key in one go, a value, a rule of the table, a
limit, a trigger's word."""

_SHORT = {"character": "bpchar", "bit": "varbit"}
"""Types that by their name alone would cut what is put into them."""
_REFUSED = (
    "CREATE TEMP TABLE IF NOT EXISTS batchdesk_refused "
    "(at integer, code text, message text, detail text, name text) ON COMMIT DELETE ROWS"
)
_ONE_BY_ONE = """DO $batchdesk$
DECLARE first integer; one integer; said text; more text; name text;
BEGIN
  FOR first IN SELECT DISTINCT at / {group} * {group} FROM {table} WHERE turn = {turn} ORDER BY 1 LOOP
    BEGIN
      {group_statements}
    EXCEPTION WHEN OTHERS THEN
      IF SQLSTATE !~ '{refused}' THEN RAISE; END IF;
      FOR one IN SELECT at FROM {table} WHERE turn = {turn} AND at >= first AND at < first + {group} ORDER BY at LOOP
        BEGIN
          {row_statements}
        EXCEPTION WHEN OTHERS THEN
          IF SQLSTATE !~ '{refused}' THEN RAISE; END IF;
          GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, more = PG_EXCEPTION_DETAIL, name = COLUMN_NAME;
          INSERT INTO pg_temp.batchdesk_refused VALUES (one, SQLSTATE, said, more, name);
        END;
      END LOOP;
    END;
  END LOOP;
END $batchdesk$"""


class Incoming:
    """The table of this session through which rows of one width go."""

    def __init__(self, connection: Connection, types: Sequence[str]) -> None:
        """Make it, empty; `types` are those of the columns that its texts are for."""
        self._connection = connection
        self.table = f"pg_temp.batchdesk_in_{len(types)}"
        self.casts = [f"c{i}::{_SHORT.get(declared, declared)}" for i, declared in enumerate(types)]
        columns = "".join(f", c{i} text" for i in range(len(types)))
        made = f"CREATE TEMP TABLE IF NOT EXISTS {self.table.removeprefix('pg_temp.')} "
        connection.exec_driver_sql(f"{made} (at integer PRIMARY KEY, turn integer{columns}) ON COMMIT DELETE ROWS")
        connection.exec_driver_sql(f"DELETE FROM {self.table}")  # noqa: S608 (a name of ours)

    def copy(self, rows: Iterable[tuple[int, int, Values]]) -> None:
        """Take in rows: the place of each, its turn and its values."""
        driver = self._connection.connection.driver_connection
        if driver is None:
            raise LookupError("the connection has no driver")
        with driver.cursor() as cursor, cursor.copy(f"COPY {self.table} FROM STDIN") as copy:
            for at, turn, values in rows:
                copy.write_row((at, turn, *values))

    def there_already(self, turn: int, table: str, key: Sequence[tuple[str, str]]) -> list[int]:
        """Which rows of a turn have the key of one in the table; `key` is the columns with the casts for them."""
        same = " AND ".join(f"t.{quoted(self._connection, name)} = {cast}" for name, cast in key)
        found = f"EXISTS (SELECT 1 FROM {quoted(self._connection, table)} t WHERE {same})"  # noqa: S608 (quoted)
        sql = f"DELETE FROM {self.table} WHERE turn = {turn} AND {found} RETURNING at"  # noqa: S608
        return list(self._connection.exec_driver_sql(sql).scalars())

    def put(self, statements: Sequence[str], turn: int) -> None:
        """Execute statements for the rows of a turn; each has `{rows}` where they are chosen."""
        for statement in statements:
            self._connection.exec_driver_sql(statement.replace("{rows}", f"turn = {turn}"))

    def put_one_by_one(self, statements: Sequence[str], turn: int) -> Iterator[tuple[int, Diagnosis]]:
        """The same where some are refused: their places, and why. What was refused has left nothing."""
        self._connection.exec_driver_sql(_REFUSED)
        self._connection.exec_driver_sql("DELETE FROM pg_temp.batchdesk_refused")
        group = f"turn = {turn} AND at >= $1 AND at < $1 + {GROUP}"
        block = _ONE_BY_ONE.format(
            group=GROUP,
            table=self.table,
            turn=turn,
            refused=f"^({'|'.join(ROW_REFUSED)})",
            group_statements=_execute(statements, group, "first"),
            row_statements=_execute(statements, f"turn = {turn} AND at = $1", "one"),
        )
        self._connection.exec_driver_sql(block)
        told = "SELECT at, code, message, detail, name FROM pg_temp.batchdesk_refused ORDER BY at"
        for at, *said in self._connection.exec_driver_sql(told).all():
            yield at, Diagnosis(*said)


def _execute(statements: Sequence[str], rows: str, using: str) -> str:
    literals = (statement.replace("{rows}", rows).replace("'", "''") for statement in statements)
    return " ".join(f"EXECUTE '{literal}' USING {using};" for literal in literals)
