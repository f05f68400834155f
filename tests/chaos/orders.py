"""What the operators of a chaos run hand in, and keep asking for until it is accepted."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.chaos.files import deeds, write_file
from tests.chaos.sinks import Sink
from tests.running import ENDED, Program
from webapp.jobs.deeds import Action
from webapp.web.action_view import resource

PATIENCE_S = 120.0
AT_ONCE = 5
ACTS = 0.08
"""How likely the operator does something to a job, each time they look."""
ACTIONS = (Action.pause, Action.resume, Action.cancel, Action.retry, Action.retry_rows)
DONE, REFUSED = 202, 409


@dataclass(slots=True)
class Order:
    """A job somebody wants; `job_id` once it is accepted."""

    tag: str
    sink: Sink
    rows: int
    file: Path | None
    job_id: str = ""

    def deeds(self) -> dict[int, str]:
        """What is to become of each row, as the file says and the job does."""
        if self.file is None:
            return {}
        return {row: deed if self.sink.judges or deed == "broken" else "" for row, deed in deeds(self.file).items()}


class Operators:
    """Hand in jobs of every kind, and see to it that some are always under way."""

    def __init__(
        self,
        programs: Sequence[Program],
        sinks: Sequence[Sink],
        folder: Path,
        chance: random.Random,
        again: float = 0.2,
    ) -> None:
        """`again` is how likely each job is handed in once more, under the same key."""
        self.orders: list[Order] = []
        self.trouble: BaseException | None = None
        self.unanswered: Callable[[], None] = lambda: None
        """What is done before one asks again."""
        self._open: list[Order] = []
        self._programs = programs
        self._sinks = sinks
        self._folder = folder
        self._chance = chance
        self._again = again
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="operators")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Hand in nothing more."""
        self._stop.set()
        self._thread.join(timeout=2 * PATIENCE_S)
        assert not self._thread.is_alive(), "a request does not end"

    def order(self, sink: Sink) -> Order:
        """Hand in a job; asked again for as long as nobody answers, and sometimes once more, as programs do."""
        tag = f"tag-{len(self.orders) + 1}"
        order = Order(tag, sink, sink.rows, self._file(sink, tag))
        order.job_id = self._submit(order)
        if self._chance.random() < self._again:
            again = self._submit(order)
            assert again == order.job_id, f"{tag} was accepted twice: {order.job_id} and {again}"
        self.orders.append(order)
        return order

    def act(self, order: Order, action: Action) -> None:
        """Ask for something, which may not be possible any more."""
        answer = self._ask("POST", f"/jobs/{order.job_id}/{resource(action)}")
        assert answer is None or answer.status_code in {DONE, REFUSED} or answer.status_code >= 500, answer.text

    def _ask(self, method: str, path: str) -> httpx.Response | None:
        try:
            return self._chance.choice(self._programs).request(method, path)
        except httpx.TransportError:
            return None

    def _file(self, sink: Sink, tag: str) -> Path | None:
        """A file of its own; the same one for all jobs whose results are compared."""
        if not sink.takes_file:
            return None
        name = tag if sink.counted else sink.name
        file = self._folder / f"{name}.csv"
        return file if file.exists() else write_file(file, name, sink.rows, self._chance.randrange(1_000_000))

    def _submit(self, order: Order) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            program = self._chance.choice(self._programs)
            params = order.sink.params(order.tag, order.rows)
            try:
                answer = program.try_submit(order.sink.job_type, order.file, once=order.tag, **params)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                return str(answer.json()["id"])
            assert answer is None or answer.status_code >= 500, answer.text
            assert time.monotonic() < deadline, "nobody accepts a job"
            time.sleep(0.1)
            self.unanswered()

    def _run(self) -> None:
        kinds = list(self._sinks)
        try:
            while not self._stop.is_set():
                self._open = [order for order in self._open if not self.has_ended(order)]
                if len(self._open) < AT_ONCE:
                    self._open.append(self.order(self._next(kinds)))
                if self.orders and self._chance.random() < ACTS:
                    self.act(self._chance.choice(self.orders[-2 * AT_ONCE :]), self._chance.choice(ACTIONS))
                self._stop.wait(0.1)
        except BaseException as error:  # noqa: BLE001 (told by the thread that waits for this one)
            self.trouble = error

    def _next(self, kinds: list[Sink]) -> Sink:
        """Each kind in turn, every round in another order."""
        if not kinds:
            kinds += self._sinks
        return kinds.pop(self._chance.randrange(len(kinds)))

    def state(self, order: Order) -> str:
        """The state of a job; nothing if nobody answers."""
        answer = self._ask("GET", f"/jobs/{order.job_id}")
        return str(answer.json()["state"]) if answer is not None and answer.status_code == 200 else ""

    def has_ended(self, order: Order) -> bool:
        """Whether a job has ended, as far as anybody answers."""
        return self.state(order) in ENDED
