"""What the administrator says of each such database: its name, where it is, and what of it jobs may touch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from webapp.authoring import JobError

NAME = r"[^\W_][\w .-]{0,59}"
ENTRY = re.compile(rf"({NAME})=([A-Za-z][A-Za-z0-9+.-]*://.*)")
BETWEEN = re.compile(rf",\s*(?={NAME}=[A-Za-z][A-Za-z0-9+.-]*://)")
DRIVERS = ("sqlite", "postgresql+psycopg")
OURS = ("schema", "tables")
EMPTY = re.compile(r"[?&](?:schema|tables)=(?:&|$)")


@dataclass(frozen=True, slots=True)
class Target:
    """One database. Its address may hold a password, so it is shown nowhere."""

    name: str
    url: str = field(repr=False)
    schema: str | None = None
    tables: frozenset[str] | None = None
    """The tables that jobs may write into; None: all."""

    def require_allowed(self, table: str) -> None:
        """See that jobs may write into a table.

        Raises:
            JobError: the administrator has named others.
        """
        if self.tables is not None and self._same(table) not in map(self._same, self.tables):
            raise JobError(
                f"Jobs may not write into table {table} of the database “{self.name}”. "
                f"Those that the administrator allows are: {', '.join(sorted(self.tables))}."
            )

    def _same(self, table: str) -> str:
        """A table's name as the database tells it from others: for SQLite, A to Z are a to z."""
        return table if self.is_postgres else table.encode().lower().decode()

    @property
    def is_postgres(self) -> bool:
        """Whether it is in PostgreSQL."""
        return make_url(self.url).get_backend_name() == "postgresql"

    @property
    def place(self) -> tuple[str | None, ...]:
        """Where it is, to tell whether two are one."""
        return place_of(make_url(self.url), self.schema)


def place_of(url: URL, schema: str | None = None) -> tuple[str | None, ...]:
    """Where the tables are that an address leads to."""
    if url.get_backend_name() == "sqlite":
        return (str(Path(url.database or "").resolve()),)
    host = url.host or str(url.query.get("host", "localhost"))
    return (host, str(url.port or 5432), url.database, schema or "public")


def parse_targets(text: object) -> object:
    """`crm=postgresql+psycopg://…,stock=sqlite:////…` by name.

    Raises:
        ValueError: it is something else; says what, and never shows an address.
    """
    if not isinstance(text, str):
        return text
    targets: dict[str, Target] = {}
    for number, entry in enumerate(BETWEEN.split(text.strip()), start=1):
        found = ENTRY.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"has as number {number} what is not a name, =, and a database's address")
        name = found[1]
        if any(name.casefold() == other.casefold() for other in targets):
            raise ValueError(f"names {name} twice")
        targets[name] = _target(name, found[2])
    return targets


def require_apart(targets: Mapping[str, Target], own: Mapping[str, tuple[str | None, ...]]) -> None:
    """See that none of them is a database of the desk's own, by `place_of`.

    Raises:
        ValueError: one is.
    """
    for target in targets.values():
        for what, place in own.items():
            if target.place == place:
                raise ValueError(f"names {target.name}, which is the desk's own {what}: jobs may not get at that so")


def _target(name: str, address: str) -> Target:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ValueError(f"has for {name} no address of a database") from None
    if url.drivername not in DRIVERS:
        raise ValueError(f"has for {name} the driver {url.drivername}: there are {' and '.join(DRIVERS)}")
    if url.database and "," in url.database:
        raise ValueError(f"has after {name} what is not a name, =, and a database's address")
    if not url.database:
        raise ValueError(f"has for {name} an address that names no database")
    if EMPTY.search(address):
        raise ValueError(f"has nothing behind schema= or tables= for {name}")
    schema, tables = (_one(url, each, name) for each in OURS)
    if url.drivername == "sqlite":
        _require_file(name, url, schema)
    allowed = None if tables is None else frozenset(filter(None, (each.strip() for each in tables.split(","))))
    if allowed is not None and not allowed:
        raise ValueError(f"has for {name} no table in tables=")
    return Target(name, url.difference_update_query(OURS).render_as_string(hide_password=False), schema, allowed)


def _one(url: URL, key: str, name: str) -> str | None:
    found = url.query.get(key)
    if found is None or isinstance(found, str):
        return found or None
    raise ValueError(f"has {key}= for {name} more than once")


def _require_file(name: str, url: URL, schema: str | None) -> None:
    if set(url.query) - set(OURS) or (url.database or "").startswith(("file:", ":memory:")):
        raise ValueError(f"has for {name} more than a file's path: SQLite takes nothing else, but for tables=")
    if schema is not None:
        raise ValueError(f"has schema= for {name}, and SQLite has no schemas")
    if not Path(url.database or "").is_absolute():
        raise ValueError(f"has for {name} a path that does not begin at the root: write sqlite:////path")
