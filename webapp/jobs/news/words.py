"""What is said of a job that has ended: its sum, and what to do next."""

from dataclasses import dataclass
from typing import Any, Final

from webapp.authoring.words import job_title
from webapp.jobs.dry_run import SAID, is_dry_run, was_tried_out
from webapp.jobs.items import unit_of
from webapp.store.tables import Job, State

LONGEST_NAME: Final = 80
FACTS: Final = ("received", "done", "rejected", "failed", "skipped", "unknown")


@dataclass(frozen=True, slots=True)
class Words:
    """A headline, and a sentence or two on what to do next."""

    title: str
    text: str


def words_for(job: Job, owner: str | None = None) -> Words:
    """What is said of a job to its owner; to others with the `owner`'s name."""
    name = in_one_line(job.file_name or job_title(job.job_type))
    name = f"Undo: {name}" if job.undo_of else name
    whose = f"{owner}’s job" if owner else "Job"
    return Words(f"{whose} {job.number}, {name}: {_sum(job)}{'' if owner else _needs(job)}", _next(job))


def facts_for(job: Job) -> dict[str, Any]:
    """What a webhook is told of a job."""
    counts = {name: getattr(job, name) for name in FACTS}
    ended = job.finished_at.isoformat() if job.finished_at else None
    facts = {"id": str(job.id), "number": job.number, "type": job.job_type, "file_name": job.file_name}
    return {**facts, "state": job.state.value, "finished_at": ended, **counts}


def in_one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """A text as it can stand in a sentence and in the subject of a mail, whatever somebody has called a file."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in text).replace("=?", "= ?").split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _sum(job: Job) -> str:
    if is_dry_run(job) and job.received and not job.done and job.state is not State.failed:
        return SAID
    if not job.received:
        return "did not work." if job.state is State.failed else "done."
    unit = unit_of(job.reading)
    rows = f"1 {unit}" if job.received == 1 else f"{job.received:,} {unit}s"
    did = "taken back" if job.undo_of else "done"
    done = f"All {rows} {did}." if job.done == job.received else f"{job.done:,} of {rows} {did}."
    return f"Stopped. {done}" if job.state is State.failed else done


def _needs(job: Job) -> str:
    need = job.rejected + job.failed + job.unknown
    if was_tried_out(job):
        return f" {need:,} would not go in." if need else ""
    if not need:
        return " Something needs you." if job.state is State.needs_attention else ""
    return f" {need:,} {'needs' if need == 1 else 'need'} you."


def _next(job: Job) -> str:
    if job.state is State.completed:
        return "Nothing is left to do."
    if job.state is State.failed:
        return f"{job.problem or 'It stopped before its end.'} Open the job: it says what can be done."
    problem = f"{job.problem} " if job.problem else ""
    if job.unknown:
        rows = "1 row" if job.unknown == 1 else f"{job.unknown:,} rows"
        return f"{problem}Of {rows} nobody knows whether they were done. Open the job and say what became of them."
    if job.state is State.needs_attention:
        return f"{problem}Open the job, and say there that you have seen to it."
    if job.undo_of:
        return "Open the job: it lists the rows that stay as they are, and says why."
    these = f"these {unit_of(job.reading)}s"
    then = "before it is done really" if was_tried_out(job) else "and mend them: it says how they come back"
    return f"Open the job, see what is wrong with each of {these}, {then}."
