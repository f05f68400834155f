"""For what watches the server: does it run, and can it do its work?"""

import os
import shutil
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from webapp.jobs.workers import SILENT_AFTER, alive, missing
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.files import FOLDERS
from webapp.store.migrate import is_current
from webapp.web.access import Probe
from webapp.web.desk import Desk, DeskDep

router = APIRouter()


@router.get("/healthz")
async def show_health(_: Probe) -> PlainTextResponse:
    """200 while the process answers at all: no look at anything else, so that only a dead one is restarted."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def show_readiness(request: Request, desk: DeskDep, _: Probe) -> JSONResponse:
    """200 if it can take work, else 503 with the reasons. A server of pages alone can, and notes that nobody works."""
    found = reasons(desk)
    if getattr(request.app.state, "draining", False):
        found.append("draining: this server is shutting down")
    answer: dict[str, Any] = {"ready": not found, "reasons": found, "notes": _notes(desk, found)}
    return JSONResponse(answer, 503 if found else 200)


def reasons(desk: Desk) -> list[str]:
    """Why the desk can't work: one line each, its first word is for machines. Nothing secret, no paths."""
    return [*_database(desk.database, desk.settings), *_disk(desk.settings)]


def _database(database: Database, settings: Settings) -> list[str]:
    try:
        with database.engine.connect() as connection:
            if not is_current(connection):
                return ["migrations: the database needs `batchdesk migrate`"]
        return _workers(database) if settings.workers else []
    except SQLAlchemyError:
        return ["database: it does not answer"]


def _notes(desk: Desk, found: list[str]) -> list[str]:
    """What does not keep this server from its work: others of the desk's processes do not do theirs."""
    if found:
        return []
    notes = [] if desk.settings.workers else _workers(desk.database)
    count = missing(desk.database)
    if count:
        notes.append(f"workers: {count} fell silent without taking leave, and no other has taken the place")
    return notes


def _workers(database: Database) -> list[str]:
    return [] if alive(database) else [f"workers: none has been heard of for {SILENT_AFTER.seconds} seconds"]


def _disk(settings: Settings) -> list[str]:
    try:
        free = shutil.disk_usage(settings.data).free
    except OSError:
        return ["disk: the data folder can't be reached"]
    folders = (settings.data, *(settings.data / name for name in FOLDERS))
    if not all(os.access(folder, os.W_OK) for folder in folders):
        return ["disk: the data folder can't be written to"]
    return [] if free >= settings.disk_reserve else ["disk: less is free than the reserve"]
