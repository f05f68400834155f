"""How long the figures of the last 30 days take with 1,000 jobs of a year, and with 200,000 of them, in SQLite.

Later looks take what was added up of days that are over from memory, if no job of these days has changed since.

    python benchmarks/figures.py [JOBS] [TIMES]

One line, for an administrator, who sees all jobs: the 95th percentile of later looks, of the first one alone, of all
of the year, and of a page of the activity.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from webapp.kit import new_id, now
from webapp.store.activity_list import ActivityFilter, activity_page
from webapp.store.database import Database
from webapp.store.migrate import migrate
from webapp.store.statistics import Remembered, Wanted, figures
from webapp.store.tables import Activity, Job, Role, State, User

YEAR = timedelta(days=365)
MONTH = timedelta(days=30)
TYPES = ("send_email", "load_table", "clean_csv", "images", "text", "call_webhook", "fetch_url", "mask_personal_data")
ENDS = (State.completed, State.completed, State.completed_with_errors, State.failed, State.cancelled)
AT_ONCE = 5_000


def fill(database: Database, users: list[User], jobs: int) -> None:
    """Jobs that ended through a year, one after the other."""
    draw, present = random.Random(7), now()
    for first in range(0, jobs, AT_ONCE):
        rows = [
            job(draw, users, number, present - YEAR * (1 - number / jobs))
            for number in range(first, min(first + AT_ONCE, jobs))
        ]
        with database.write() as session:
            session.execute(insert(Job), rows)
            deeds = [
                {"at": row["finished_at"], "user_id": row["owner_id"], "job_id": row["id"], "action": "hand_in"}
                for row in rows
            ]
            session.execute(insert(Activity), [{**deed, "detail": {}} for deed in deeds])
    with database.write() as session:
        session.connection().exec_driver_sql("ANALYZE")


def job(draw: random.Random, users: list[User], number: int, ended: object) -> dict[str, object]:
    """A job as its row."""
    ran, waited, received = draw.randint(100, 300_000), draw.randint(5, 20_000), draw.randint(1, 5_000)
    wrong = draw.randint(0, received // 50)
    started = ended - timedelta(milliseconds=ran)  # type: ignore[operator]
    times = {"started_at": started, "queued_at": started - timedelta(milliseconds=waited), "finished_at": ended}
    sums = {"received": received, "done": received - wrong, "rejected": wrong, "ran_ms": ran, "waited_ms": waited}
    what = {"owner_id": draw.choice(users).id, "job_type": draw.choice(TYPES), "state": draw.choice(ENDS)}
    return {**what, **times, **sums, "id": new_id(), "number": number + 1, "params": {}, "request": {}, "choices": {}}


def measure(jobs: int, times: int) -> tuple[float, float, float, float]:
    """Milliseconds: for 30 days, later and at first; for the year; for a page of the activity of the month before."""
    with tempfile.TemporaryDirectory() as name:
        database = Database(f"sqlite:///{Path(name) / 'desk.sqlite3'}")
        migrate(database)
        users = [User(name=f"user {number}", role=Role.admin) for number in range(20)]
        with database.write() as session:
            session.add_all(users)
        fill(database, users, jobs)
        today = now().replace(hour=0, minute=0, second=0, microsecond=0)
        month, year = (Wanted(users[0], today - days, today + timedelta(days=1)) for days in (MONTH, YEAR))
        first = slowest(times, lambda: look(database, month, None))
        remembered = Remembered()
        look(database, month, remembered)
        later = slowest(times, lambda: look(database, month, remembered))
        look(database, year, remembered)
        longest = slowest(times, lambda: look(database, year, remembered))
        listed = slowest(times, lambda: page(database, users[0]))
        database.close()
    return later, first, longest, listed


def look(database: Database, wanted: Wanted, remembered: Remembered | None) -> None:
    """Add it all up once."""
    with database.read() as session:
        figures(session, wanted, remembered)


def page(database: Database, user: User) -> None:
    """Show a page of the activity once."""
    with database.read() as session:
        activity_page(session, ActivityFilter(user, since=now() - 2 * MONTH, until=now() - MONTH), 50)


def slowest(times: int, do: Callable[[], None]) -> float:
    """The 95th percentile of so many times, in processor time: others may be at work on this machine."""
    took = []
    for _ in range(times):
        began = time.thread_time()
        do()
        took.append(1000 * (time.thread_time() - began))
    return sorted(took)[max(0, int(len(took) * 0.95) - 1)]


def main() -> None:
    """Measure few and many."""
    jobs, times = (int(sys.argv[1]) if len(sys.argv) > 1 else 200_000), (int(sys.argv[2]) if len(sys.argv) > 2 else 40)
    told = [
        f"{count:,} jobs a year: 30 days {later:.0f} ms (first look {first:.0f}), the year {year:.0f} ms, "
        f"activity {listed:.0f} ms"
        for count in (1_000, jobs)
        for later, first, year, listed in [measure(count, times)]
    ]
    print(f"statistics, p95 of processor time: {'; '.join(told)}")


if __name__ == "__main__":
    main()
