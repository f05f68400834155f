"""Looking at one row before the start: what was asked, and what is shown of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from webapp.authoring import JobType, Sight
from webapp.jobs.one_row import ROW, TO
from webapp.store.tables import Job

IDS: Final = {ROW: "look-row", TO: "look-to"}


@dataclass(frozen=True, slots=True)
class Look:
    """What was typed, what was seen or done, and what is wrong with it, by the names of its fields."""

    row: str = "1"
    to: str = ""
    sight: Sight | None = None
    done: str | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Pairs of an element's id and a sentence."""
        return [(IDS.get(name, ""), text) for name, text in self.problems.items()]


NOTHING_LOOKED_AT: Final = Look()


@dataclass(frozen=True, slots=True)
class LookView:
    """What the page offers: to look at a row, and to try it."""

    typed: Look
    previews: bool
    tries: bool


def view_look(job_type: JobType | None, look: Look) -> LookView | None:
    """What is offered; None if nothing is."""
    if job_type is None or not (job_type.preview or job_type.trial):
        return None
    return LookView(look, job_type.preview is not None, job_type.trial is not None)


def must_confirm(job_type: JobType | None, job: Job) -> bool:
    """Whether the number of rows is asked for; also while nobody knows it."""
    if job_type is None or job_type.confirm_above is None:
        return False
    return not job.counted or job.received > job_type.confirm_above
