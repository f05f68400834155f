"""What every page works with. Put together once in `app.py`, kept at `app.state.desk`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from webapp.accounts import Throttle
from webapp.store.statistics import Remembered

if TYPE_CHECKING:
    from webapp.authoring import Registry
    from webapp.engines.base import Engine
    from webapp.jobs.control import Control
    from webapp.jobs.removal import Removals
    from webapp.jobs.schedules import Schedules
    from webapp.jobs.submit import Submissions
    from webapp.settings import Settings
    from webapp.store.database import Database
    from webapp.store.files import Files
    from webapp.web.live import Hub


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the running desk. One in each process."""

    settings: Settings
    database: Database
    files: Files
    registry: Registry
    engine: Engine
    hub: Hub
    submissions: Submissions
    schedules: Schedules
    control: Control
    removals: Removals
    throttle: Throttle = field(default_factory=Throttle)
    remembered: Remembered = field(default_factory=Remembered)


def get_desk(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(get_desk)]
