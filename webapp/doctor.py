"""What `batchdesk doctor` looks at."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pysqlite3
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DatabaseError

from webapp.authoring import ComeBackLater, JobError, load_registry
from webapp.services.data import DataDatabase
from webapp.services.mail import MailServerAway, MailServerWrong, mailer_of
from webapp.settings import Settings
from webapp.store.database import Database, database_said, is_safe_sqlite
from webapp.store.migrate import NEWEST, schema_version
from webapp.store.vault import open_vault

LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; the text says how to mend it if it is not good."""

    good: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Everything that the desk needs to work; nothing is changed."""
    findings: list[Finding] = []
    for look in (_sqlite, _disk, _database, _targets, _storage, _mail, _job_types):
        try:
            findings.extend(look(settings))
        except Exception as error:  # noqa: BLE001 (a look that fails is itself a finding)
            said = database_said(error) if isinstance(error, DatabaseError) else error
            findings.append(Finding(good=False, text=f"{look.__name__.strip('_')}: {said}"))
    return findings


Look = Callable[[Settings], Iterator[Finding]]


def _sqlite(_: Settings) -> Iterator[Finding]:
    safe = is_safe_sqlite(pysqlite3.sqlite_version_info)
    advice = "" if safe else ": it can corrupt the database; install a pysqlite3 with 3.51.3 or newer"
    yield Finding(safe, f"SQLite {pysqlite3.sqlite_version}{advice}")


def _disk(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir():
        yield Finding(
            good=False, text=f"The data folder {settings.data} does not exist yet: `batchdesk serve` makes it."
        )
        return
    free = shutil.disk_usage(settings.data).free
    free_mib, reserve_mib = free // 2**20, settings.disk_reserve // 2**20
    text = f"{free_mib:,} MiB free in {settings.data.resolve()}, of which {reserve_mib:,} stay free"
    yield Finding(free > settings.disk_reserve, text)


def _database(settings: Settings) -> Iterator[Finding]:
    if make_url(settings.database).get_backend_name() == "sqlite":
        yield from _in_sqlite(settings)
        return
    database = Database(settings.database)
    with database.engine.connect() as connection:
        yield Finding(good=True, text=f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}")
        yield _version(connection)
        may = "SELECT has_database_privilege(current_database(), 'CREATE')"
        may_make = bool(connection.exec_driver_sql(may).scalar_one())
        advice = "" if may_make else ": GRANT CREATE ON DATABASE to the desk's user, or set BATCHDESK_DATA_DATABASE_URL"
        yield Finding(may_make, f"The schema of the data database {'can' if may_make else 'can not'} be made{advice}")
    database.close()


def _version(connection: Connection) -> Finding:
    version = schema_version(connection)
    advice = "" if version == NEWEST else f"; this program knows {NEWEST}: run `batchdesk migrate`"
    return Finding(version == NEWEST, f"Database at version {version or 'none'}{advice}")


def _in_sqlite(settings: Settings) -> Iterator[Finding]:
    if not Path(make_url(settings.database).database or "").is_file():
        yield Finding(good=False, text="There is no database yet: `batchdesk migrate` makes it.")
        return
    database = Database(settings.database)
    with database.engine.connect() as connection:
        yield _version(connection)
        answer = connection.exec_driver_sql("PRAGMA quick_check").scalar_one()
        yield Finding(answer == "ok", f"Database integrity: {answer}")
    database.close()


def _targets(settings: Settings) -> Iterator[Finding]:
    for target in (settings.targets or {}).values():
        database = DataDatabase(target.url, patience_s=LOOK_SECONDS, target=target)
        try:
            yield Finding(good=True, text=f"Database “{target.name}”: {database.look()}")
        except (JobError, ComeBackLater) as error:
            yield Finding(good=False, text=str(error))
        finally:
            database.close()


def _storage(settings: Settings) -> Iterator[Finding]:
    vault = open_vault(settings.files)
    if vault is not None:
        next(vault.names("uploads"), None)
        yield Finding(good=True, text=f"Storage for files: {settings.files} answers")


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.mail_server is None:
        yield Finding(good=True, text="No mail server is set: jobs that send mails can't be run")
        return
    mailer = mailer_of(settings, seconds=10)
    try:
        mailer.open()
    except (MailServerAway, MailServerWrong) as error:
        yield Finding(good=False, text=str(error))
        return
    finally:
        mailer.close()
    yield Finding(good=True, text=f"Mail server: {mailer.server} answers")


def _job_types(settings: Settings) -> Iterator[Finding]:
    registry = load_registry(folders=settings.folders, databases=settings.target_names)
    yield Finding(len(registry) > 0, f"Job types: {', '.join(registry)}")
    for broken in registry.broken:
        yield Finding(good=False, text=f"{broken.file}: {broken.error}")
