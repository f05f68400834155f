"""Hearing Procrastinate's doorbell: whoever is told of an entry, or takes one out, rings our own bell.

We listen ourselves: Procrastinate's worker, when its listener was cut off, goes on without, and only one machine's
would hear of an entry. Its worker takes the entries out, and finds those that nobody was told of.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection, sql
from psycopg.conninfo import make_conninfo

from webapp.store.database import Database
from webapp.store.postgres import ON_THE_WIRE

log = logging.getLogger("batchdesk.engine")

SCHEMA = "batchdesk_engine"
QUEUE = "batchdesk"
TASK = "batchdesk.ring"

CHANNEL = f"procrastinate_queue_v1#{QUEUE}"  # told of by a trigger of its own, with the transaction's end

POLL_SECONDS = 2.0
AGAIN_SECONDS = 2.0  # until it is tried again after the database was gone
SWEEP_SECONDS = 60.0
SWEEP = """
DELETE FROM procrastinate_jobs WHERE status <> 'todo' AND NOT EXISTS
  (SELECT FROM procrastinate_events WHERE job_id = procrastinate_jobs.id AND at > now() - interval '1 minute')
"""
"""Entries whose worker died over them; whether they were heard makes no difference any more."""


class Doorbell:
    """A thread that listens, whatever becomes of the database meanwhile."""

    def __init__(self, database: Database, ring: Callable[[], None]) -> None:
        self._database = database
        self._ring = ring
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._listen, name="doorbell", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; waits until that is so."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._loop = self._thread = None

    def _listen(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop or asyncio.new_event_loop()) as runner:
            runner.run(self._listen_again_and_again())

    async def _listen_again_and_again(self) -> None:
        """When the database was gone, or something else has ended what listens, it is begun anew."""
        while not self._stop.is_set():
            try:
                await self._listen_once()
            except Exception as error:  # noqa: BLE001 (whatever it is: jobs are found by looking meanwhile)
                log.warning("the doorbell can't be heard: %s; it is tried again", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), AGAIN_SECONDS)

    async def _listen_once(self) -> None:
        app = self._app()
        async with app.open_async():
            work = app.run_worker_async(
                queues=[QUEUE],
                fetch_job_polling_interval=POLL_SECONDS,
                listen_notify=False,
                delete_jobs="always",
                install_signal_handlers=False,
                shutdown_graceful_timeout=1,
            )
            together = (self._hear(), work, _sweep_now_and_then(app), self._stop.wait())
            tasks = [asyncio.ensure_future(each) for each in together]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _hear(self) -> None:
        async with await AsyncConnection.connect(self._conninfo(), autocommit=True) as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._ring()  # for what was told before
            async for _ in connection.notifies():
                self._ring()

    def _app(self) -> App:
        app = App(connector=PsycopgConnector(conninfo=self._conninfo(), min_size=1, max_size=3, timeout=10))

        @app.task(name=TASK, queue=QUEUE)
        async def ring(job_id: str) -> None:  # noqa: ARG001 (the table says which jobs wait)
            self._ring()

        return app

    def _conninfo(self) -> str:
        """How the desk itself reaches the database, but into Procrastinate's schema."""
        engine = self._database.engine
        _, arguments = engine.dialect.create_connect_args(engine.url)
        arguments.pop("context", None)
        options = f"{arguments.pop('options', '')} -c search_path={SCHEMA}".strip()
        return make_conninfo(**{**ON_THE_WIRE, **arguments, "options": options})


async def _sweep_now_and_then(app: App) -> None:
    while True:
        await app.connector.execute_query_async(SWEEP)
        await asyncio.sleep(SWEEP_SECONDS)
