"""The power fails at any moment: what was committed is there, the rest is there in its order or not at all.

Processes of their own write by the desk's sessions, on the SQLite that it comes with. What they ask of the disk is
recorded; then the disk is laid out as it may be when the power fails at some moment, again and again, and opened. Names
in folders may be lost like bytes in files. A sector is written whole or not, and one that was not written to stays.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError

from tests.chaos.power.cuts import Recorded, in_memory
from tests.chaos.power.disk import lay_out
from tests.chaos.power.writers import NAME, text
from webapp.store.database import connect

CUTS, FEW = 600, 100


@dataclass
class Found:
    """What the disks came to."""

    wrong: list[str] = field(default_factory=list)
    """The databases that are not whole, or hold other commits than the first ones."""
    lost: list[str] = field(default_factory=list)
    """Commits that were synced and said to be there, and are not."""
    forgotten: int = 0
    """How many were lost that were said to be there, and not synced."""


def look(folder: Path) -> int:
    """How many commits are there: the first ones, and each of them wholly.

    Raises:
        AssertionError, DatabaseError: it is not so.
    """
    engine = connect(f"sqlite:///{folder / NAME}")
    try:
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            if not inspect(connection).has_table("total"):
                return -1
            total: int = connection.exec_driver_sql("SELECT sum FROM total").scalar_one()
            numbers = list(range(1, total + 1))
            assert connection.exec_driver_sql("SELECT number FROM other ORDER BY number").scalars().all() == numbers
            texts = connection.exec_driver_sql("SELECT number, text FROM one ORDER BY number").all()
            assert [tuple(row) for row in texts] == [(number, text(number)) for number in numbers]
            return total
    finally:
        engine.dispose()


def cut_off(how: str, cuts: int, kept: Path) -> Found:
    """Look at the disk after so many power failures while writers sync all, some or none of their commits."""
    found = Found()
    with in_memory() as memory:
        recorded = Recorded(memory / "recorded", "tests.chaos.power.writers", how)
        for cut in recorded.cuts(range(cuts)):
            lay_out(cut.files, memory / "next")
            try:
                there = look(memory / "next")
            except (AssertionError, DatabaseError, pysqlite3.DatabaseError) as error:
                found.wrong.append(f"{cut.keep(kept)}: {error}")
                continue
            said = {int(number): synced == "True" for number, synced in map(str.split, cut.said)}
            missing = {number: synced for number, synced in said.items() if number > there}
            if lost := [number for number, synced in missing.items() if synced]:
                found.lost.append(f"{cut.keep(kept)}: {lost}")
            found.forgotten += sum(not synced for synced in missing.values())
    return found


@pytest.mark.parametrize("how", ["all", "some", "none"])
def test_what_is_synced_is_there_and_nothing_is_torn(how: str, tmp_path: Path) -> None:
    found = cut_off(how, CUTS, tmp_path)
    assert (found.wrong, found.lost) == ([], [])
    assert (found.forgotten > 0) is (how != "all"), "what is not synced may be lost: or these disks forget nothing"


def test_a_database_that_waits_for_no_disk_is_found_out(tmp_path: Path) -> None:
    found = cut_off("never", FEW, tmp_path)
    assert found.wrong
    assert found.lost
