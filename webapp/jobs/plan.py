"""What a schedule is to do, and when, as somebody entered it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from webapp.errors import BadInput
from webapp.jobs.settled import NOTHING_SETTLED, Settled
from webapp.store.tables import Missed

LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class When:
    """When jobs are made, as it was entered: `at` a moment, or by `cron` in a time zone."""

    cron: str | None = None
    at: datetime | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule is to do, as it was entered; `params` are raw values."""

    name: str
    job_type: str
    when: When
    params: Mapping[str, Any] = field(default_factory=dict)
    upload_id: UUID | None = None
    settled: Settled = NOTHING_SETTLED
    missed: Missed = Missed.run_once
    priority: int = 0


@contextmanager
def gathered(problems: dict[str, str]) -> Iterator[None]:
    """Put what is no good with the other problems, and go on."""
    try:
        yield
    except BadInput as error:
        problems.update(error.problems)
