"""The command line. A wrong setting, a missing file, a refusal: one sentence and an exit status, never a trace."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from webapp.cli_open import connect_database, engine_of, open_database, open_desk_here, place_of
from webapp.cli_read import read_file, read_list, require_different
from webapp.cli_users import user_app
from webapp.errors import BadInput, DeskError
from webapp.settings import SettingsError, load_settings
from webapp.store.activity import asked_by
from webapp.store.database import Database, UnsafeSqliteError, database_said
from webapp.store.identity import WrongDatabaseError
from webapp.store.migrate import NewerSchemaError, migrate
from webapp.store.postgres import MissingDriverError
from webapp.store.shared import NotSharedError, begin_here
from webapp.store.vault import MissingStorageError

EX_CONFIG = 78
WRONG_SETUP = (
    SettingsError,
    UnsafeSqliteError,
    MissingDriverError,
    NewerSchemaError,
    WrongDatabaseError,
    MissingStorageError,
    NotSharedError,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A desk for handing in jobs.",
    epilog="Settings are environment variables that begin with BATCHDESK_; docs/settings.md lists them.",
)
token_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Tokens that programs sign in with.")
app.add_typer(user_app, name="user")
app.add_typer(token_app, name="token")


def main() -> None:
    """Run a command, and say in one sentence what is wrong if something is."""
    try:
        with asked_by({"method": "command line", "path": _command(sys.argv[1:])}):
            app(prog_name="batchdesk")
    except WRONG_SETUP as error:
        _leave(str(error), EX_CONFIG)
    except BadInput as error:
        _leave("\n".join(error.problems.values()), 1)
    except DeskError as error:
        _leave(str(error), 1)
    except DatabaseError as error:
        _leave(f"The desk's database can't be used: {database_said(error)}", EX_CONFIG)


def _command(words: list[str]) -> str:
    """The command without what it is told: that may be about people."""
    groups = {group.name for group in app.registered_groups}
    return " ".join(["batchdesk", *words[: 2 if words[:1] and words[0] in groups else 1]])


def _leave(sentence: str, status: int) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(status)


@app.command()
def serve(
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when one of your job types changes.")] = False,  # noqa: FBT002
) -> None:
    """Start the desk: its pages, and the workers that run jobs."""
    from webapp.server import run  # noqa: PLC0415 (the other commands need no web server)

    settings = load_settings()
    if reload:
        from webapp.reload import serve_and_reload  # noqa: PLC0415

        serve_and_reload(settings)
        return
    run(settings, open_desk_here(settings)[0])


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What the job is called: small letters, digits and _.")],
    shape: Annotated[str, typer.Option("--shape", help="row, table, file or plain.")] = "row",
    into: Annotated[
        Path | None,
        typer.Option("--into", help="The folder of your job types; that of BATCHDESK_JOB_TYPES unless given."),
    ] = None,
) -> None:
    """Write a job type that works, and its test, to be made into your own."""
    from webapp.cli_new import write_new  # noqa: PLC0415

    folder = into or load_settings().job_types or Path("job_types")
    job_type, test = write_new(name, shape, folder)
    programs = _programs()
    typer.echo(f"{job_type} is the job, {test} its test: {programs}pytest {test}")
    typer.echo(f"To see it: BATCHDESK_JOB_TYPES={folder} {programs}batchdesk serve --reload")


def _programs() -> str:
    """The folder of this Python's programs, as it is written before their names; empty if they are found without."""
    folder = Path(sys.executable).parent
    if str(folder) in os.environ.get("PATH", "").split(os.pathsep):
        return ""
    here = Path.cwd()
    return f"{folder.relative_to(here) if folder.is_relative_to(here) else folder}/"


@app.command()
def worker() -> None:
    """Start a worker, which runs jobs and has no pages; on several machines, with the same settings, if you like."""
    from webapp.app import open_desk  # noqa: PLC0415
    from webapp.worker import run_worker  # noqa: PLC0415

    settings = load_settings()
    database, engine = open_desk_here(settings)
    run_worker(settings, engine, open_desk(settings, database, engine).schedules)


@app.command("migrate")
def migrate_() -> None:
    """Bring the database to the version that this program knows."""
    settings = load_settings()
    database = connect_database(settings)
    try:
        before, after = migrate(database)
        engine_of(settings, database).migrate()
    finally:
        database.close()
    typer.echo(f"The database is at version {after}" + ("." if before == after else f"; it was at {before or 'none'}."))


@app.command()
def doctor() -> None:
    """Look at everything that the desk needs, and say what is wrong and how to mend it."""
    from webapp.doctor import examine  # noqa: PLC0415

    findings = examine(load_settings())
    for finding in findings:
        typer.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.text}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="The folder to make; on another disk, if possible.")],
    with_key: Annotated[bool, typer.Option("--with-key", help="Take secret.key along.")] = False,  # noqa: FBT002
) -> None:
    """Back up the desk, which may be at work. PATH is whole and checked, or not there."""
    from webapp.backup.take import take_backup  # noqa: PLC0415
    from webapp.backup.words import about_backup, step  # noqa: PLC0415

    os.umask(0o077)
    manifest = take_backup(load_settings(), path, step, with_key=with_key)
    typer.echo("\n".join([f"The back-up is in {path}.", *about_backup(manifest)]))
    raise typer.Exit(2 if manifest.damaged else 0)


@app.command()
def restore(path: Annotated[Path, typer.Argument(help="A back-up that `backup` has made.")]) -> None:
    """Make the desk of a back-up in an empty place. It is paused until you let it go on."""
    from webapp.backup.restore import restore_backup  # noqa: PLC0415
    from webapp.backup.words import about_restored, step  # noqa: PLC0415

    settings = load_settings()
    os.umask(0o077)
    manifest = restore_backup(settings, path, step)
    has_key = (settings.data / "secret.key").exists()
    typer.echo("\n".join(about_restored(Database(settings.database), manifest, has_key=has_key)))


@app.command()
def copy(
    source: Annotated[str, typer.Option("--from", help="The desk in SQLite: sqlite:///path/to/batchdesk.sqlite3.")],
    data_from: Annotated[
        str | None, typer.Option("--data-from", help="Its data database; data.sqlite3 beside it unless given.")
    ] = None,
) -> None:
    """Copy a desk from SQLite into the empty PostgreSQL that the settings name, whole or not at all."""
    from webapp.moving.move import copy_into_postgres  # noqa: PLC0415

    settings = load_settings()
    copied = copy_into_postgres(settings, source, data_from)
    for what, sums in (("desk", copied.desk), ("data", copied.data)):
        for table, total in sums.items():
            typer.echo(f"{what}: {table}, {total.rows:,} rows")
    typer.echo("Every row arrived as it was.")
    typer.echo(f"Files were not copied: uploads and results must be in {settings.files or settings.data}.")
    typer.echo("The old desk is paused: it starts nothing, for it knows nothing of what the new one does.")


@app.command()
def resume(
    call_off: Annotated[
        list[int] | None,
        typer.Option("--call-off", help="The number of a job that is not to run; once for each such job."),
    ] = None,
    here: Annotated[bool, typer.Option("--here", help="Take the key and the files of this machine.")] = False,  # noqa: FBT002
) -> None:
    """Let a restored desk go on, without the jobs that you call off."""
    from webapp.backup.words import resume_desk  # noqa: PLC0415

    settings = load_settings()
    database = open_database(settings)
    if here:
        begin_here(database, place_of(settings))
        typer.echo("The key and the files of this machine are the desk's from now on.")
    typer.echo("\n".join(resume_desk(database, call_off or [])))


@app.command()
def read(
    file: Annotated[Path | None, typer.Argument(help="The file to read.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where its table goes, as CSV in UTF-8.")] = None,
    report: Annotated[Path | None, typer.Option("--json", help="Where to say how it was read, as JSON.")] = None,
    rejects: Annotated[Path | None, typer.Option("--rejects", help="Where its broken records go, as CSV.")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="Read many: a file, a tab, its OUT on each line.")
    ] = None,
) -> None:
    """Read a file as the desk does, and write its table as a plain CSV. Status 2 if it is no table."""
    if batch and not (file or out or report or rejects):
        raise typer.Exit(read_list(batch))
    if batch or not file or not out:
        raise typer.BadParameter("Give FILE and --out, or --batch alone.")
    require_different({"FILE": file, "--out": out, "--json": report, "--rejects": rejects})
    problem, status = read_file(file, out, report, rejects)
    if problem:
        _leave(problem, status)


@token_app.command("create")
def create_token_(name: Annotated[str, typer.Argument(help="The user that the token acts as.")]) -> None:
    """Print a new token; it can't be shown again."""
    from webapp.accounts import create_token  # noqa: PLC0415

    typer.echo(create_token(open_database(load_settings()), name))
