"""What comes of jobs once there is power again: their processes are gone, and nobody dies any more."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from tests.chaos.actors import Actor
from tests.chaos.audit import Finding, Wrong
from tests.chaos.power.cuts import Cut, Recorded, in_memory
from tests.chaos.power.disk import lay_out
from tests.chaos.sim_desk import LEASE_SECONDS, SimDesk
from tests.chaos.simulation import History, SimJob
from tests.chaos.sinks import JOB_TYPES
from webapp.jobs.claims import Task
from webapp.jobs.queue import claim_next
from webapp.jobs.run import work_to_the_end
from webapp.kit import new_id
from webapp.store.tables import Job

WORKER = new_id()


class NextDesk(SimDesk):
    """The desk that is started after each power failure."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, JOB_TYPES)

    def start_again(self, cut: Cut) -> None:
        """Begin with what is on the disk, and with what the far ends have received; all leases are over."""
        self.database.close()
        self.data.close()
        lay_out(cut.files, self.settings.data)
        self.user = self.person("ada")
        self.clock.advance(timedelta(days=1).total_seconds())
        self.received.clear()
        self._keys.clear()


class Aftermath(History):
    """The same for the jobs of a history."""

    def __init__(self, desk: NextDesk, cut: Cut, jobs: list[SimJob]) -> None:
        super().__init__(desk, cut.seed)
        with desk.database.read() as session:
            there = set(session.exec(select(Job.id)))
        self._jobs = [job for job in jobs if job.job_id in there]
        self._gone = [job for job in jobs if job.job_id not in there]

    def _work(self, actor: Actor) -> None:
        """As one worker: to put together the question for a job takes longer than to ask it."""
        actor.claim = claim_next(self._desk.database, WORKER, Task.run, LEASE_SECONDS)
        if actor.claim is not None:
            work_to_the_end(self._desk.shop, actor.claim, actor.stop)

    def findings(self) -> list[Finding]:
        """Work to the end, and audit it."""
        calm = self._calm_down()
        return [
            *(Finding(Wrong.lost, f"job {job.job_id} was handed in and is gone") for job in self._gone),
            *self._audit(),
            *([] if calm else [Finding(Wrong.stuck, "it does not come to an end")]),
        ]


def bad_cuts(first: int, histories: int, cuts: int, kept: Path) -> dict[str, list[Finding]]:
    """Have the power fail so often in so many histories; what was wrong after which failure."""
    bad = {}
    with in_memory() as memory:
        recorded = Recorded(memory / "recorded", "tests.chaos.power.histories", first, histories)
        desk = NextDesk(memory / "next")
        for cut in recorded.cuts(range(cuts)):
            if found := go_on(desk, cut):
                bad[cut.keep(kept)] = found
        desk.close()
    return bad


def go_on(desk: NextDesk, cut: Cut) -> list[Finding]:
    """Have the desk go on after a power failure."""
    said = [json.loads(line) for line in cut.said]
    desk.start_again(cut)
    for tag, row, key in (each["arrived"] for each in said if "arrived" in each):
        desk.arrive(tag, row, key)
    handed_in = next(each["jobs"] for each in said if "jobs" in each)
    jobs = [SimJob(UUID(job_id), job_type, tag, tuple(deeds)) for job_id, job_type, tag, deeds in handed_in]
    return Aftermath(desk, cut, jobs).findings()
