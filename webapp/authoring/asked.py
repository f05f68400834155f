"""What a job's `check` and `one_at_a_time` answer: the author's own code, which may raise or answer anything."""

import logging
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from webapp.authoring.errors import JobError, ParamsError

BROKEN: Final = (
    "The job's own code made an error while it looked at these entries, so the job can't be started with them. "
    "Tell an administrator: the log says more."
)
LONGEST: Final = 200

log = logging.getLogger("batchdesk.authoring")


def problems_by(check: Callable[[Mapping[str, Any]], object], job: str, given: Mapping[str, Any]) -> dict[str, str]:
    """What a job's check says of its parameters: a sentence for each that does not fit; under "" if it is none's."""
    found, problem = _answer("check", check, job, given)
    if problem is not None or found is None:
        return {"": problem} if problem else {}
    if isinstance(found, Mapping) and all(isinstance(each, str) for pair in found.items() for each in pair):
        return dict(found)
    log.error("check of %s answered %r: it has to answer a sentence for each parameter, as {'last': '…'}", job, found)
    return {"": BROKEN}


def key_by(only_one: Callable[[Mapping[str, Any]], object], job: str, given: Mapping[str, Any]) -> str | None:
    """What a job may not share with another that runs; None if it may run beside any.

    Raises:
        ParamsError: the function can't say.
    """
    found, problem = _answer("one_at_a_time", only_one, job, given)
    if problem is None and not isinstance(found, str | int | float | Decimal | date | UUID | Enum | None):
        log.error("one_at_a_time of %s answered %r: it has to answer a text, or None", job, found)
        problem = BROKEN
    if problem is not None:
        raise ParamsError({"": problem})
    return None if found is None else f"{job}:{found.value if isinstance(found, Enum) else found}"[:LONGEST]


def _answer(
    option: str, function: Callable[[Mapping[str, Any]], object], job: str, given: Mapping[str, Any]
) -> tuple[object, str | None]:
    """What the function answered, and what is to be said if it did not."""
    try:
        return function(given), None
    except JobError as error:
        return None, str(error)
    except Exception:
        log.exception("%s of %s made an error", option, job)
        return None, BROKEN
