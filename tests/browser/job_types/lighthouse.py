"""A job that calls somewhere where nobody answers until a file is there, and is tried again by itself."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from webapp.authoring import Context, Retry, job

Answers = Annotated[str, Field(title="It answers once this file is there")]
OFTEN = Retry(attempts=3, on=(ConnectionError,), first_seconds=3, longest_seconds=3)


@job(title="Call the lighthouse", icon="clock", retry=OFTEN)
def call_lighthouse(ctx: Context, *, answers: Answers) -> None:
    """Ask the lighthouse for the weather."""
    if not Path(answers).exists():
        raise ConnectionError("no route to the lighthouse on 10.1.2.3")
    ctx.log(f"fair, at try {ctx.job.attempt}")
