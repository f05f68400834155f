"""`batchdesk serve --reload`: the desk starts anew when a file of the developer's folder changes."""

import os
import shlex
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path

import typer
from watchfiles import Change, PythonFilter, run_process

from webapp.engines.base import DRAIN_SECONDS
from webapp.server import free_port
from webapp.settings import Settings, SettingsError

PATIENCE_SECONDS = 3  # beyond the time that a desk takes to let its jobs come to a safe place


def serve_and_reload(settings: Settings) -> None:
    """Serve until told to stop. A job that runs when a file changes comes to a safe place first, and goes on after.

    Raises:
        SettingsError: there is no folder to look after, or its address can't be listened on.
    """
    if settings.job_types is None:
        raise SettingsError("--reload looks after the folder of your job types: set BATCHDESK_JOB_TYPES to it.")
    os.environ["BATCHDESK_PORT"] = str(free_port(settings))  # the same each time, or open pages would find nobody
    run_process(
        settings.job_types,
        target=shlex.join([sys.executable, "-m", "webapp", "serve"]),
        target_type="command",
        watch_filter=PythonFilter(),
        callback=_say_what_changed,
        sigint_timeout=int(DRAIN_SECONDS) + PATIENCE_SECONDS,
        sigkill_timeout=PATIENCE_SECONDS,
    )


def _say_what_changed(changes: AbstractSet[tuple[Change, str]]) -> None:
    names = ", ".join(sorted({Path(path).name for _, path in changes}))
    typer.echo(f"{names} changed: the desk starts anew.")
