"""A job as its page shows it: every value that a template needs, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from webapp.authoring import Registry
from webapp.jobs.deciding import may_see, may_unsee
from webapp.jobs.dry_run import is_dry_run, was_tried_out
from webapp.jobs.items import is_list, unit_of
from webapp.jobs.lifecycle import ENDED, PREPARING
from webapp.jobs.mended import file_to_mend
from webapp.jobs.mended_cells import mendings
from webapp.jobs.mending import AS_A_WHOLE, refusal
from webapp.jobs.steps import Step, steps_of
from webapp.jobs.undoing import Undone
from webapp.store import queries
from webapp.store.tables import Attempt, Job, LedgerEntry, LogLine, Outcome, State
from webapp.web.cause_view import Cause, causes_of
from webapp.web.control_view import ControlView, view_control
from webapp.web.file_view import FileView, view_files
from webapp.web.pace import Pace, is_interrupted, pace_of, worked_for

SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Rows:
    """The sum that always adds up: received = done + rejected + failed + skipped + unknown + waiting."""

    received: int
    done: int
    rejected: int
    failed: int
    skipped: int
    unknown: int
    waiting: int
    unit: str = "row"
    """What one of them is called."""

    @classmethod
    def of(cls, job: Job) -> "Rows":
        """The rows of a job."""
        counts = {str(outcome): getattr(job, outcome) for outcome in Outcome}
        return cls(received=job.received, waiting=job.waiting, unit=unit_of(job.reading), **counts)

    @property
    def accounted(self) -> int:
        """Rows with an outcome."""
        return self.received - self.waiting

    @property
    def wrong(self) -> int:
        """Rows that somebody should look at."""
        return self.rejected + self.failed + self.unknown


@dataclass(frozen=True, slots=True)
class JobView:
    """What a job's page shows."""

    id: UUID
    number: int
    title: str
    icon: str
    job_type: str
    state: str
    owner: str
    file_name: str | None
    file_to_mend: str
    upload_id: UUID | None
    has_rows: bool
    has_model: bool
    of_files: bool
    may_send_back: bool
    as_a_whole: bool
    may_see: bool
    may_unsee: bool
    seen: bool
    dry_run: bool
    tried_out: bool
    sent_back: int
    lacks: Sequence[str]
    settled: int
    repair: bool
    rows: Rows
    counted: bool
    shown: Mapping[str, Any] | None
    progress: Mapping[str, Any] | None
    pace: Pace | None
    worked_for: float
    interrupted: bool
    ahead: int
    running: int
    problem: str | None
    findings: Mapping[str, Any] | None
    preview: Mapping[str, Any] | None
    params: Mapping[str, Any]
    request: Mapping[str, Any]
    attempt: int
    attempts: Sequence[Attempt]
    steps: Sequence[Step]
    problems: Sequence[LedgerEntry]
    causes: Sequence[Cause]
    control: ControlView
    log: Sequence[LogLine]
    files: Sequence[FileView]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    keep: bool
    removal: str | None
    removed_at: datetime | None

    @property
    def preparing(self) -> bool:
        """Whether it has not been started yet."""
        return self.state in PREPARING

    @property
    def shown_state(self) -> str:
        """Its state as people are told it: what was undone is not there any more, however well it went."""
        return shown_state(self.state, self.control.undone)

    @property
    def calls(self) -> bool:
        """Whether somebody should look at what went wrong: it is not seen to, undone, or a dry run."""
        return not self.seen and not self.tried_out and self.shown_state != "undone"

    @property
    def did(self) -> str:
        """What happened to a row that is done."""
        return "taken back" if self.control.undo_of else "done"

    @property
    def damage(self) -> Sequence[Mapping[str, Any]]:
        """What was done to cells: of all rows once they are checked, of the first ones until then."""
        found = self.findings if self.findings and "damage" in self.findings else self.preview
        damage: Sequence[Mapping[str, Any]] = (found or {}).get("damage", ())
        return damage

    @property
    def repairs(self) -> int:
        """How many broken records have a sure repair: of all once they are checked, of the first ones until then."""
        if self.findings and "repairs" in self.findings:
            return int(self.findings["repairs"])
        return sum(bool(record.get("safe")) for record in (self.preview or {}).get("broken", ()))

    @property
    def ended(self) -> bool:
        """Whether nothing about it will change by itself."""
        return self.state in ENDED

    @property
    def heading(self) -> str:
        """What the browser's tab says."""
        name = f"{self.title} · {self.file_name}" if self.file_name else self.title
        if self.ended or self.preparing or not self.rows.received:
            return name
        return f"{self.percent} % · {name}"

    @property
    def percent(self) -> int:
        """How much of it is done; 100 only at the end."""
        if not self.rows.received:
            return 0
        return min(100 if self.ended else 99, 100 * self.rows.accounted // self.rows.received)

    @property
    def checked(self) -> Rows | None:
        """The rows as the check foresees them: what can be used as done, what is set aside as rejected."""
        if not self.findings:
            return None
        rows, rejected, skipped = (self.findings.get(name, 0) for name in ("rows", "rejected", "skipped"))
        return Rows(
            rows,
            rows - rejected - skipped,
            rejected,
            failed=0,
            skipped=skipped,
            unknown=0,
            waiting=0,
            unit=self.rows.unit,
        )


def view_job(session: Session, registry: Registry, job: Job, lease_seconds: float) -> JobView:
    """Gather what the page of a job shows; `lease_seconds` is how long a worker may be silent."""
    job_type = registry.job_types.get(job.job_type)
    attempts = queries.attempts(session, job.id)
    rows = Rows.of(job)
    why_not = refusal(session, job, job_type)
    control = view_control(session, job, job_type, attempts)
    needs = not was_tried_out(job) and shown_state(job.state, control.undone) != "undone"
    return JobView(
        id=job.id,
        number=job.number,
        title=title_of(registry, job),
        icon=(job_type.icon if job_type else None) or "file",
        job_type=job.job_type,
        state=job.state.value,
        owner=queries.owner_names(session, [job]).get(job.owner_id, ""),
        file_name=job.file_name,
        file_to_mend=file_to_mend(job),
        upload_id=job.upload_id,
        has_rows=job.reading is not None or job.undo_of is not None or job.received > 0,
        has_model=bool(job_type and job_type.row_model),
        of_files=is_list(job.reading),
        may_send_back=rows.rejected + rows.failed > 0 and job.state in ENDED and not why_not,
        dry_run=is_dry_run(job),
        tried_out=was_tried_out(job),
        as_a_whole=why_not == AS_A_WHOLE,
        may_see=may_see(job) and needs,
        may_unsee=may_unsee(job) and needs,
        seen=job.doubt == queries.SEEN,
        sent_back=len(mendings(session, job)) if job.attempt > 1 else 0,
        lacks=tuple(job.match["missing"]) if job.match and job.state is State.draft else (),
        settled=job.settled,
        repair=bool(job.choices.get("repair")),
        rows=rows,
        counted=job.counted,
        shown=job.shown,
        progress=job.progress,
        pace=pace_of(job, attempts),
        worked_for=worked_for(attempts),
        interrupted=is_interrupted(job, lease_seconds),
        running=queries.running(session) if job.state is State.queued else 0,
        ahead=queries.queue_ahead(session, job) if job.state is State.queued else 0,
        problem=job.problem,
        findings=job.findings,
        preview=job.preview,
        params=job.params,
        request=job.request,
        attempt=job.attempt,
        attempts=attempts,
        steps=steps_of(attempts),
        problems=queries.problem_rows(session, job.id, size=SHOWN_PROBLEMS) if rows.wrong else (),
        causes=causes_of(session, job.id, rows.wrong) if job.state in ENDED else (),
        control=control,
        log=queries.log_tail(session, job.id),
        files=view_files(queries.result_files(session, job.id), registry),
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        keep=job.keep,
        removal=job.removal,
        removed_at=job.removed_at,
    )


def shown_state(state: str, undone: Undone | None) -> str:
    """The state of a job as people are told it, where another one may have undone it."""
    if undone is None:
        return state
    return "undone_in_part" if undone.in_part else "undone"


def title_of(registry: Registry, job: Job) -> str:
    """What people call a job."""
    job_type = registry.job_types.get(job.job_type)
    title = job_type.title if job_type else job.job_type
    return f"Undo: {title}" if job.undo_of else title
