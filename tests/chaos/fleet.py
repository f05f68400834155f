"""What a storm rages over: one desk on SQLite, or several processes that share a PostgreSQL."""

from collections.abc import Sequence
from pathlib import Path

from tests.chaos.killer import Deed, Member
from tests.chaos.receivers import Receivers
from tests.chaos.sinks import JOB_TYPES, World
from tests.postgres import PostgresServer
from tests.running import Program, RunningDesk, RunningWorker
from webapp.settings import Settings

LEASE_SECONDS = 2
REACH = "SET search_path = batchdesk_engine; "
LOSE_BELLS = REACH + "DELETE FROM procrastinate_jobs WHERE status = 'todo'"
DOUBLE_BELLS = f"""
    {REACH} INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, scheduled_at)
    SELECT queue_name, task_name, priority, args, 'todo', scheduled_at FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing')
"""


class Fleet:
    """Processes that serve, processes that only work, and what outlives them."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._given = {"job_types": str(JOB_TYPES), "lease_seconds": str(LEASE_SECONDS), "workers": "3", **settings}
        self._folder = folder
        self.world = World(Settings.model_validate({"data": folder / "data", **self._given}), folder / "receivers")
        self.serving: list[RunningDesk] = []
        self.working: list[RunningWorker] = []

    @property
    def members(self) -> Sequence[Member]:
        """All that can be killed by itself."""
        return [*self.serving, *self.working]

    def start(self) -> None:
        """Start everything."""
        self._receivers = Receivers(self.world.receivers)
        self._processes()
        for member in (*self.serving, *self.working):
            member.environment = self._receivers.environment
            member.start()
        self.world.prepare()

    def stop(self) -> None:
        """End everything."""
        for member in (*self.serving, *self.working):
            member.kill_quietly()
        self._receivers.stop()

    def programs(self) -> list[Program]:
        """Somebody who may run jobs, at each that serves."""
        first = self.serving[0].program()
        return [first.at(desk) for desk in self.serving]

    def deeds(self) -> dict[str, tuple[int, Deed]]:
        """What can be done to it beside killing its processes."""
        return {}

    def _processes(self) -> None:
        self.serving = [RunningDesk(self._folder / "data", **self._given)]


class PostgresFleet(Fleet):
    """Two that serve and two that work."""

    def __init__(self, folder: Path) -> None:
        self._postgres = PostgresServer()
        super().__init__(folder, database_url=self._postgres.url())

    def stop(self) -> None:
        """End everything, with the database."""
        super().stop()
        self._postgres.close()

    def deeds(self) -> dict[str, tuple[int, Deed]]:
        """The database dies, forgets who is connected, or its bells are lost or rung twice."""
        return {
            "PostgreSQL": (1, self._kill_database),
            "connections cut off": (1, self._cut_off),
            "bells lost": (2, lambda _: self._tamper(LOSE_BELLS)),
            "bells doubled": (2, lambda _: self._tamper(DOUBLE_BELLS)),
        }

    def _processes(self) -> None:
        data = self._folder / "data"
        self.serving = [RunningDesk(data, **{**self._given, "workers": "0"}) for _ in range(2)]
        self.working = [RunningWorker(data, **self._given) for _ in range(2)]

    def _kill_database(self, _: Member) -> int:
        self._postgres.kill()
        self._postgres.start()
        return 1

    def _cut_off(self, _: Member) -> int:
        self._postgres.cut_off()
        return 0

    def _tamper(self, statement: str) -> int:
        with self._postgres.connect() as connection:
            connection.execute(statement.encode())
        return 0


FLEETS = {"sqlite": Fleet, "postgresql": PostgresFleet}
