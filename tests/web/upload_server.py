"""A server to upload to, as a process of its own: `upload_server.py FOLDER [idle seconds]`, settings by environment.

Its first line of output is JSON: the port, and the cookies of two operators.
"""

import json
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from webapp.accounts import add_user, find_session, open_session
from webapp.settings import load_settings
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.migrate import migrate
from webapp.store.tables import Role, User
from webapp.web import body, errors, uploads
from webapp.web.access import Operator
from webapp.web.desk import Desk, DeskDep
from webapp.web.multipart import receive_form
from webapp.web.security import Security

NAMES = ("ada", "bob")
SCRIPT = Path(__file__).parents[2] / "static" / "js" / "upload.js"
PAGE = """<!doctype html><title>Try</title><script src="/upload.js" defer></script><h1>Hand in a file</h1>
<form method="post" action="/jobs" enctype="multipart/form-data" data-upload="/uploads" data-upload-field="upload_id">
<input type="hidden" name="upload_id"><div class="drop"><label for="file">Choose a file</label>
<input type="file" id="file" name="file" required></div><button>Continue</button></form>"""


async def receive(request: Request, desk: DeskDep, user: Operator) -> dict[str, Any]:
    """Answer with what a form held."""
    form = await receive_form(request, desk, user)
    return {
        "fields": form.fields.multi_items(),
        "uploads": {name: json.loads(upload.model_dump_json()) for name, upload in form.uploads.items()},
    }


async def show_page() -> HTMLResponse:
    return HTMLResponse(PAGE)


async def send_script() -> FileResponse:
    return FileResponse(SCRIPT, media_type="text/javascript")


async def send_no_icon() -> Response:
    """A browser asks for it by itself, whenever it likes, and complains if it is not found."""
    return Response(status_code=204)


def make_app(desk: Desk) -> FastAPI:
    app = FastAPI()
    app.state.desk = desk
    app.state.places = []
    errors.install(app)
    app.include_router(uploads.router)
    app.post("/jobs")(receive)
    app.get("/try")(show_page)
    app.get("/upload.js")(send_script)
    app.get("/favicon.ico")(send_no_icon)
    app.add_middleware(Security, settings=desk.settings)
    return app


def sign_in(database: Database, cookies: Path) -> list[str]:
    """The secrets of two operators; the same ones after a restart."""
    if not cookies.exists():
        users = [add_user(database, name, Role.operator, f"{name} likes boats") for name in NAMES]
        cookies.write_text(json.dumps([open_session(database, user.id) for user in users]))
    secrets: list[str] = json.loads(cookies.read_text())
    found = [find_session(database, secret) for secret in secrets]
    if not all(isinstance(user, User) for user in found):
        raise SystemExit("nobody is signed in")
    return secrets


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    body.IDLE_S = float(sys.argv[2]) if len(sys.argv) > 2 else body.IDLE_S
    settings = load_settings({"BATCHDESK_DATA": str(folder), **os.environ})
    database = Database(settings.database)
    migrate(database)
    # the parts of a desk that uploads have a use for
    desk = cast("Desk", SimpleNamespace(settings=settings, database=database, files=Files(folder)))
    port = settings.port if "BATCHDESK_PORT" in os.environ else 0
    listener = socket.create_server((settings.host, port))
    cookies = sign_in(database, folder / "cookies.json")
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1], "cookies": cookies}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(make_app(desk), http="httptools", loop="uvloop", log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
