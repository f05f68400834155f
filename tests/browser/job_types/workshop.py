"""A job of steps that leaves a folder behind, which is cleaned up whatever became of it."""

import shutil
import time
from pathlib import Path
from typing import Annotated

from pydantic import Field

from webapp.authoring import Context, job

SERVICE_SECONDS = 0.02


def sweep(workshop: str) -> None:
    """Take the folder away."""
    shutil.rmtree(workshop, ignore_errors=True)


@job(title="Build a model", icon="archive", cleanup=sweep)
def build_model(ctx: Context, *, workshop: Annotated[str, Field(title="Folder to work in")]) -> None:
    """Lay the keel, and plank it until somebody has seen enough."""
    with ctx.step("Lay the keel"):
        Path(workshop).mkdir()
    with ctx.step("Plank it"):
        while True:
            ctx.check_cancelled()
            time.sleep(SERVICE_SECONDS)
