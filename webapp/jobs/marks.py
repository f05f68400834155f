"""The mark of a row in a file of failed rows: it says which row of which job this is, and nobody else can make one."""

import base64
import hmac
from enum import Enum, auto

from webapp.store.secrets import SecretBox
from webapp.store.tables import Job

BYTES = 10  # 80 bits; whoever guesses has to send a file for each guess


class Mark(Enum):
    """What a mark that came back is."""

    ours = auto()
    older = auto()
    """Of this row, but it has come back mended since."""
    foreign = auto()
    """Of another job."""
    changed = auto()


class Marks:
    """Makes and tells marks, such as `J412-QW4KXD…`.

    The letter before the number keeps spreadsheets from taking it for one, or for a day.
    """

    def __init__(self, secrets: SecretBox) -> None:
        self._key = secrets.key_for("marks of rows")

    def of(self, job: Job, row: int, round_: int) -> str:
        """The mark of a row that has come back mended so many times."""
        digest = hmac.digest(self._key, f"{job.id}.{row}.{round_}".encode(), "sha256")
        return f"J{job.number}-{base64.b32encode(digest[:BYTES]).decode()}"

    def tell(self, text: str, job: Job, row: int, round_: int) -> Mark:
        """What a mark is that stands beside this row, which has come back so many times."""
        if hmac.compare_digest(text.encode(), self.of(job, row, round_).encode()):
            return Mark.ours
        if any(text == self.of(job, row, earlier) for earlier in range(round_)):
            return Mark.older
        number = job_number(text)
        return Mark.foreign if number is not None and number != job.number else Mark.changed


def job_number(text: str) -> int | None:
    """The number of the job that a mark names, whoever made it."""
    number = text.partition("-")[0].removeprefix("J")
    return int(number) if number.isascii() and number.isdecimal() and text.startswith("J") else None
