"""Where jobs have their effects: how a job for each is handed in, and where its effects are counted."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect

from webapp.settings import Settings
from webapp.store.database import connect

JOB_TYPES = Path(__file__).resolve().parent / "job_types"

Effects = dict[str, Counter[int]]
"""By the tag of the file: how often each row had its effect."""


@dataclass(frozen=True, slots=True)
class World:
    """What outlives the desk's processes."""

    settings: Settings
    receivers: Path

    def prepare(self) -> None:
        """Make the table that jobs write to in the desk's own database, once that is there."""
        engine = connect(self.settings.database)
        with engine.execution_options(write=True).begin() as connection:
            connection.exec_driver_sql("CREATE TABLE chaos_own (tag TEXT, id INTEGER)")
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Sink:
    """A kind of effect, and the job that has it.

    `rows` is how many rows a job has in a storm, `few` where it dies at a named place, `counted` is None for one that
    makes a file, and `judges` says whether the job does what the file says should become of a row.
    """

    name: str
    job_type: str
    rows: int
    counted: Callable[[World], Effects] | None
    few: int = 40
    params: Callable[[str, int], dict[str, Any]] = lambda _tag, _rows: {}
    takes_file: bool = True
    judges: bool = True
    may_be_unknown: bool = False
    keyed: bool = False


def in_table(table: str, *, own: bool = False) -> Callable[[World], Effects]:
    """Counts in a table of the data database, or of the desk's own."""

    def count(world: World) -> Effects:
        engine = connect(world.settings.database if own else world.settings.data_database)
        with engine.connect() as connection:
            found = count_in(connection, table)
        engine.dispose()
        return found

    return count


def count_in(connection: Connection, table: str) -> Effects:
    """How often each row of each file stands in a table."""
    effects: Effects = {}
    if inspect(connection).has_table(table):
        for tag, row in connection.exec_driver_sql(f'SELECT tag, id FROM "{table}"'):
            effects.setdefault(tag, Counter())[row] += 1
    return effects


def in_log(name: str) -> Callable[[World], Effects]:
    """Counts in the log of a receiver."""

    def count(world: World) -> Effects:
        effects: Effects = {}
        for line in (world.receivers / f"{name}.log").read_text().splitlines():
            effect = json.loads(line)
            effects.setdefault(effect["tag"], Counter())[effect["id"]] += 1
        return effects

    return count


SINKS = (
    Sink("own", "chaos_own", 4_000, in_table("chaos_own", own=True)),
    Sink("data", "chaos_data", 8_000, in_table("chaos_data")),
    Sink("keyed", "chaos_keyed", 400, in_log("keyed"), keyed=True),
    Sink("hook", "chaos_hook", 150, in_log("hook"), 20, may_be_unknown=True),
    Sink("mail", "chaos_mail", 100, in_log("mail"), 20, may_be_unknown=True),
    Sink(
        "load",
        "load_table",
        30_000,
        in_table("chaos_load"),
        12_000,
        lambda _tag, _rows: {"table": "chaos_load"},
        judges=False,
    ),
    Sink("clean", "clean_csv", 20_000, None, 12_000, judges=False),
    Sink(
        "plain",
        "chaos_plain",
        20_000,
        in_table("chaos_plain"),
        params=lambda tag, rows: {"tag": tag, "count": rows},
        takes_file=False,
    ),
)
