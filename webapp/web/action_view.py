"""What may be done with a job, as buttons: their words, where they lead, and what they ask first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from webapp.authoring import JobType
from webapp.jobs.control import PRIORITY_COUNTS
from webapp.jobs.deciding import may_see, may_unsee
from webapp.jobs.deeds import Action, actions
from webapp.jobs.items import unit_of
from webapp.jobs.lifecycle import ENDED, TRANSITIONS, Move
from webapp.jobs.undoing import refusal
from webapp.kit import now
from webapp.store.tables import Job, State
from webapp.web.format import plural

NOUNS: Final = {Action.cancel: "cancellation"}
"""Where an action's address is not simply its name."""

LOOKS: Final[dict[Action, tuple[str, str, str]]] = {
    Action.pause: ("Pause", "pause", "line"),
    Action.resume: ("Go on", "play", ""),
    Action.cancel: ("Cancel", "stop", "danger-line"),
    Action.force: ("Stop by force", "stop", "danger-line"),
    Action.run_now: ("Run now", "play", "line"),
    Action.retry: ("Try it again", "repeat", ""),
    Action.retry_rows: ("Try the failed rows again", "repeat", ""),
}
"""Label, icon and look; the first is overruled where the rows can be counted."""

FORCE_QUESTION: Final = (
    "Break off what it is doing now? Rows that are done stay done. If something was being sent in this moment, nobody "
    "will know whether it was: that row becomes unknown, and you decide about it."
)


@dataclass(frozen=True, slots=True)
class Button:
    """One thing that may be done now. One with a `question` asks it before it acts; `sure` and `keep` answer it."""

    action: Action
    address: str
    label: str
    icon: str
    look: str
    question: str
    sure: str
    keep: str


def resource(action: Action) -> str:
    """The last part of an action's address."""
    return NOUNS.get(action, action.replace("_", "-"))


def offered(job: Job, job_type: JobType | None, undone: UUID | None) -> list[str]:
    """All that programs may ask of a job now, by the last part of its address; `undone` is the job that undoes it."""
    more = {
        "start": job_type is not None and job.state in TRANSITIONS[Move.start].sources,
        "unknown": may_see(job) or may_unsee(job) or (job.state in ENDED and job.unknown > 0),
        "run-again": job_type is not None and job.state in ENDED and job.undo_of is None and job.removal is None,
        "undo": not refusal(job, job_type, undone),
        "priority": job.state in PRIORITY_COUNTS,
        "time": job.state is State.scheduled,
    }
    may = actions(job, job_type, now(), undone=undone is not None)
    return [resource(action) for action in may] + [name for name, is_offered in more.items() if is_offered]


def buttons_of(job: Job, job_type: JobType | None, not_reached: int, *, undone: bool) -> Sequence[Button]:
    """The buttons of a job in their order; `not_reached` is how many rows it ended before, `undone` as in `actions`."""
    in_rows = job.reading is not None and not (job_type and job_type.restart)
    go_on = _go_on(not_reached, unit_of(job.reading)) if in_rows and job.counted else "Try it again"
    return [_button(job, action, go_on) for action in actions(job, job_type, now(), undone=undone)]


def _button(job: Job, action: Action, go_on: str) -> Button:
    label, icon, look = LOOKS[action]
    asked = {Action.force: FORCE_QUESTION, Action.cancel: _cancel_question(job)}
    answers = {Action.force: "Yes, break it off", Action.cancel: "Yes, cancel it"}
    labels = {Action.retry: go_on, Action.retry_rows: _try_again(job)}
    return Button(
        action=action,
        address=f"/jobs/{job.id}/{resource(action)}",
        label=labels.get(action, label),
        icon=icon,
        look=look,
        question=asked.get(action, ""),
        sure=answers.get(action, ""),
        keep="No, wait" if action is Action.force else "No, keep it",
    )


def _go_on(not_reached: int, unit: str) -> str:
    if not not_reached:
        return "Go on"
    return f"Go on with the {plural(not_reached, unit)} that {'was' if not_reached == 1 else 'were'} not reached"


def _try_again(job: Job) -> str:
    failed = f"failed {unit_of(job.reading)}"
    return f"Try the {failed if job.failed == 1 else plural(job.failed, failed)} again"


def _others(job: Job) -> str:
    """What becomes of the rows that are not reached."""
    if not job.counted or not job.waiting:
        return f"{unit_of(job.reading)}s that are not reached are skipped"
    return f"the {plural(job.waiting, unit_of(job.reading))} not reached {'is' if job.waiting == 1 else 'are'} skipped"


def _cancel_question(job: Job) -> str:
    if not job.attempt:
        return "Cancel this job? Nothing has happened yet, and nothing will."
    if job.reading is None:
        return "Stop this job? What it has done stays done."
    return f"Stop this job? {unit_of(job.reading).capitalize()}s that are done stay done; {_others(job)}."
