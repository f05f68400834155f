"""What an answer means for the row: done, refused, to be sent again later, or unknown."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.authoring import NotSent, Unsure
from webapp.services.outgoing.answer import in_short

NOT_TAKEN = frozenset({408, 425, 429, 503})
"""What a receiver says that has not done it, and wants it later."""
LEAVE_ALONE = frozenset({429, 503})
"""What is said to all that is sent, and not only to this, if it says for how long."""
IN_FLIGHT = 409
SERVER_ERROR = 500


class AskAgain(NotSent):
    """The receiver has not done it yet, or nobody knows and it may be sent again; it is tried again by itself."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Heard:
    """What a receiver answered."""

    status: int
    words: str
    retry_after: float | None = None

    @property
    def sentence(self) -> str:
        """The answer, as it stands beside a row."""
        return in_short(self.status, self.words)


def judge(heard: Heard, *, keyed: bool) -> None:
    """Say what became of the row that was answered so; `keyed`: whether it may be sent again with the same key.

    Raises:
        AskAgain: it is to be sent again later.
        NotSent: the receiver refused it.
        Unsure: it may have been done.
    """
    if 200 <= heard.status < 300:  # noqa: PLR2004 (what HTTP says)
        return
    if heard.status in NOT_TAKEN or (keyed and (heard.status >= SERVER_ERROR or heard.status == IN_FLIGHT)):
        raise AskAgain(f"The receiver wants it later, and has not taken it: {heard.sentence}.", heard.retry_after)
    if heard.status >= SERVER_ERROR:
        raise Unsure(f"The receiver made an error, and may have done it all the same: {heard.sentence}.")
    if 300 <= heard.status < 400:  # noqa: PLR2004
        raise NotSent(f"The receiver is at another address now, which was not followed: {heard.sentence}.")
    raise NotSent(f"The receiver refused it: {heard.sentence}.")


def seconds_to_wait(header: str | None) -> float | None:
    """What `Retry-After` asks for: seconds, or a date."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header)
    try:
        return max((parsedate_to_datetime(header).astimezone(UTC) - datetime.now(UTC)).total_seconds(), 0.0)
    except ValueError:
        return None
