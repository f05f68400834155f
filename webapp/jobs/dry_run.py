"""Dry runs: jobs whose parameter `dry_run` is ticked. They only find out what would happen, and do no row."""

from typing import Final

from webapp.store.tables import Job, State

DRY_RUN: Final = "dry_run"
SAID: Final = "Dry run: nothing was changed."


def is_dry_run(job: Job) -> bool:
    """Whether a job was to change nothing."""
    return job.params.get(DRY_RUN) is True and job.undo_of is None


def was_tried_out(job: Job) -> bool:
    """Whether a job has come to its end and was to change nothing: rows that would be refused need nobody yet."""
    return is_dry_run(job) and job.state is State.completed_with_errors
