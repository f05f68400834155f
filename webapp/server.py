"""The web server: uvicorn, set up for long streams, short stops and hostile requests."""

import logging
import os
import socket
import sys

import uvicorn

from webapp.accounts import first_link
from webapp.app import create_app
from webapp.settings import Settings, SettingsError
from webapp.store.database import Database

STOP_SECONDS = 5  # how long requests and streams may take to end; jobs have their own time


def run(settings: Settings, database: Database) -> None:
    """Serve until told to stop.

    Raises:
        SettingsError: the address can't be listened on.
    """
    os.umask(0o077)  # what the desk keeps is for its own account only
    listening = _listen(settings)
    port = listening.getsockname()[1]
    link = first_link(database)
    database.close()
    _say_where(settings, port, link)
    config = uvicorn.Config(
        create_app(settings),
        http="httptools",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(settings: Settings) -> socket.socket:
    """A listening socket; its port is known before anybody is told the address."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        raise SettingsError(
            f"The desk can't listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Another program may be using it; set BATCHDESK_PORT to another one."
        ) from error
    listening.listen(2048)
    return listening


def _say_where(settings: Settings, port: int, link: str | None) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = settings.base_url or f"http://{host}:{port}"
    lines = [f"Batchdesk is at {base}"]
    if link:
        lines += ["Nobody can sign in yet. Open this link once, within 24 hours, to become the administrator:"]
        lines += [f"  {base}/welcome?link={link}"]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
