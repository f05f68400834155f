"""10,000 e-mails through a mail server that drops, delays and refuses, sent by a desk that is killed while it sends.

    python benchmarks/ten_thousand_mails.py [MAILS] [KILLS]

A real desk in processes of its own; the server's mailbox is the witness. Each row's outcome is compared with what has
arrived: done once, failed not at all, unknown once or not at all, and nobody twice.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.mail_server import DROP, LOSE, SLOW, MailSink
from tests.running import ENDED, RunningDesk

OF_MAILS = ["451 4.7.1 try later", "554 5.7.1 not wanted", DROP, LOSE, "421 4.3.2 closing", SLOW, SLOW]
OF_OTHERS = ["450 4.2.0 greylisted", "550 5.1.1 no such user", DROP, "421 4.3.2 closing", SLOW, SLOW]
IN_A_HUNDRED = 3
LETTER = {"to": "email", "subject": "Order {order}", "text": "Dear {name},\nyour order is on its way."}
PATIENCE_S = 3600.0


def trouble(dice: random.Random, done: Counter[str]) -> Callable[[str, int], str | None]:
    """What the server does to each verb, a few times in a hundred."""

    def choose(verb: str, _number: int) -> str | None:
        if verb in {"connect", "EHLO"} or dice.random() * 100 >= IN_A_HUNDRED:
            return None
        what = dice.choice(OF_MAILS if verb == "." else OF_OTHERS)
        done[f"{verb} {what}"] += 1
        return what

    return choose


def people(path: Path, mails: int) -> Path:
    """The list."""
    rows = "".join(f"P{number},p{number}@example.com,{number}\n" for number in range(1, mails + 1))
    path.write_text(f"name,email,order\n{rows}")
    return path


def main() -> None:
    """Send them, kill the desk now and then, compare."""
    mails, kills = [int(word) for word in (*sys.argv[1:], "10000", "10")[:2]]
    dice, done = random.Random(1), Counter[str]()
    sink = MailSink(trouble=trouble(dice, done)).start()
    with tempfile.TemporaryDirectory() as folder:
        server = {"mail_server": sink.address, "mail_from": "Desk <desk@example.org>", "mails_per_hour": "10000000"}
        desk = RunningDesk(Path(folder) / "data", lease_seconds="2", **server).start()
        program = desk.program()
        began = time.monotonic()
        job_id = program.submit("send_email", people(Path(folder) / "people.csv", mails), **LETTER)
        for kill in range(1, kills + 1):
            program.wait_for_rows(job_id, mails * kill // (kills + 1), PATIENCE_S)
            desk.kill()
            desk.start()
        job = program.wait(job_id, ENDED, PATIENCE_S)
        took = time.monotonic() - began
        told = {
            row: each["outcome"]
            for each in program.problems(job_id)
            for row in range(each["row"], each["last_row"] + 1)
        }
        desk.kill()
    sink.stop()
    report(job, told, Counter(str(mail.message["Message-ID"]) for mail in sink.taken), took)
    sys.stdout.write(f"the server: {sum(done.values())} troubles, {sink.counts['connect']} connections\n")


def report(job: dict[str, Any], told: dict[int, str], arrived: Counter[str], took: float) -> None:
    """Compare, and print one line for each figure."""
    wrong, unknown_arrived = [], 0
    for row in range(1, job["rows"]["received"] + 1):
        times = arrived[f"<{job['id'].replace('-', '')}.{row}@example.org>"]
        outcome = told.get(row, "done")
        unknown_arrived += outcome == "unknown" and times == 1
        if times not in {"done": (1,), "failed": (0,), "unknown": (0, 1)}.get(outcome, ()):
            wrong.append((row, outcome, times))
    rows = job["rows"]
    said = ", ".join(
        f"{name} {rows[name]:,}" for name in ("done", "failed", "unknown", "rejected", "skipped", "waiting")
    )
    sys.stdout.write(
        f"{rows['received']:,} mails in {took:.0f} s: {said}; {job['state']}\n"
        f"arrived {sum(arrived.values()):,}, twice {sum(count > 1 for count in arrived.values())}, "
        f"of the unknown {unknown_arrived}; outcomes that are wrong: {len(wrong)} {wrong[:5]}\n"
    )
    assert not wrong


if __name__ == "__main__":
    main()
