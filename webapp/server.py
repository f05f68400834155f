"""The web server: uvicorn, set up for long streams, short stops and hostile requests."""

import errno
import logging
import os
import socket
import sys
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI
from sse_starlette.sse import AppStatus

from webapp.accounts import first_link
from webapp.app import create_app
from webapp.log import write_log
from webapp.settings import Settings, SettingsError
from webapp.store.database import Database

log = logging.getLogger("batchdesk.server")

STOP_SECONDS = 5  # how long requests and streams may take to end; jobs have their own time


class Server(uvicorn.Server):
    """A server that ends in order when it is told to stop, and at once when it is told twice.

    In order: from then on it is not ready and takes no jobs; its pages are there until the last of its jobs has come to
    a safe place. Then requests and streams end.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self._told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 (uvicorn's signature)
        """Take a signal. Ending at once is safe: the next start goes on with what was under way."""
        if self._told:
            os._exit(128 + sig)
        self._told = self._app.state.draining = True
        threading.Thread(target=self._leave, name="leave", daemon=True).start()

    def _leave(self) -> None:
        self._app.state.background.drain()
        AppStatus.should_exit = True  # streams would stay open for as long as they may
        self.should_exit = True


def run(settings: Settings, database: Database) -> None:
    """Serve until told to stop.

    Raises:
        SettingsError: the address can't be listened on.
    """
    write_log()
    listening = _listen(settings)
    port = listening.getsockname()[1]
    link = first_link(database)
    database.close()
    _say_where(settings, port, link)
    app = create_app(settings)
    _name_broken_files(app)
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    Server(config, app).run(sockets=[listening])


def free_port(settings: Settings) -> int:
    """The port that the desk will listen on, found out by trying it.

    Raises:
        SettingsError: the address can't be listened on.
    """
    with _listen(settings) as listening:
        return int(listening.getsockname()[1])


def _listen(settings: Settings) -> socket.socket:
    """A listening socket; its port is known before anybody is told the address."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except (OSError, UnicodeError) as error:
        listening.close()
        raise SettingsError(_refusal(settings, error)) from error
    return listening


def _refusal(settings: Settings, error: OSError | UnicodeError) -> str:
    where = f"The desk can't listen on BATCHDESK_HOST {settings.host}, BATCHDESK_PORT {settings.port}"
    if isinstance(error, UnicodeError):
        return f"{where}: that is no address."
    if error.errno == errno.EADDRINUSE:
        return f"{where}: another program does. End it, or set BATCHDESK_PORT to another port."
    return f"{where}: {error.strerror}."


def _say_where(settings: Settings, port: int, link: str | None) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = settings.base_url or f"http://{host}:{port}"
    lines = [f"Batchdesk is at {base}"]
    if link:
        lines += ["Nobody can sign in yet. Open this link once, within 24 hours, to become the administrator:"]
        lines += [f"  {base}/welcome?link={link}"]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _name_broken_files(app: FastAPI) -> None:
    """Say on the log what an administrator finds on the admin page too."""
    for broken in app.state.desk.registry.broken:
        log.error("The job types in %s are left out: %s", broken.file, broken.error)
