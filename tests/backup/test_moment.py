"""Two databases as they were in one moment, whatever is committed meanwhile."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from webapp.backup.moment import copy_database, one_moment, open_copy
from webapp.store.database import connect

PATIENCE_S = 30


class Writer:
    """Counts in the data database first, then in the desk's, as a job does; it never pauses."""

    def __init__(self, desk: Engine, data: Engine) -> None:
        self.count = 0
        self._engines = [engine.execution_options(write=True) for engine in (data, desk)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)
        for engine in self._engines:
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE counted (n INTEGER)")
                connection.exec_driver_sql("INSERT INTO counted VALUES (0)")

    def start(self) -> None:
        self._thread.start()

    def _write(self) -> None:
        while not self._stop.is_set():
            for engine in self._engines:
                with engine.begin() as connection:
                    connection.exec_driver_sql("UPDATE counted SET n = n + 1")
            self.count += 1

    def wait_for_more(self, seconds: float) -> bool:
        """Whether it counted on three times within so many seconds."""
        enough, deadline = self.count + 3, time.monotonic() + seconds
        while self.count < enough and time.monotonic() < deadline:
            time.sleep(0.001)
        return self.count >= enough

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """The desk's and the data database."""
    engines = connect(f"sqlite:///{tmp_path / 'desk'}"), connect(f"sqlite:///{tmp_path / 'data'}")
    yield engines
    for engine in engines:
        engine.dispose()


@pytest.fixture
def writer(engines: tuple[Engine, Engine]) -> Iterator[Writer]:
    writer = Writer(*engines)
    yield writer
    writer.stop()


def test_no_account_is_seen_without_its_effect_and_at_most_one_effect_without_its_account(
    engines: tuple[Engine, Engine], writer: Writer
) -> None:
    desk, data = engines

    def dawdle(_: object) -> None:
        """Between the two looks there is time enough for others to commit, if anybody lets them."""
        if threading.current_thread() is threading.main_thread():
            writer.wait_for_more(0.3)

    for engine in engines:
        event.listen(engine, "begin", dawdle)
    writer.start()
    with one_moment(desk, data) as seen:
        accounted, done = (each.exec_driver_sql("SELECT n FROM counted").scalar_one() for each in seen)
    assert accounted <= done <= accounted + 1


def test_a_copy_holds_what_was_seen_and_others_write_on_meanwhile(
    engines: tuple[Engine, Engine], writer: Writer, tmp_path: Path
) -> None:
    writer.start()
    ticks: list[int] = []
    with one_moment(*engines) as (desk, _):
        seen = desk.exec_driver_sql("SELECT n FROM counted").scalar_one()
        assert writer.wait_for_more(PATIENCE_S), "the desk goes on working"
        copy_database(desk, tmp_path / "copy", ticks.append)
    with open_copy(tmp_path / "copy").connect() as copy:
        assert copy.exec_driver_sql("SELECT n FROM counted").scalar_one() == seen
    assert sum(ticks) == (tmp_path / "copy").stat().st_size
    assert not list(tmp_path.glob("copy-*")), "it is one file"
