"""What an answer means for the row: done, refused, to be sent again later, or unknown."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.authoring import NotSent, Unsure
from webapp.services.outgoing.answer import in_short

NOT_TAKEN = frozenset({425, 429})
"""What a receiver says that has not done it, and wants it later."""
CUT_SHORT = frozenset({408, 503})
"""What is also said, by one in between, when the receiver has done it and only its answer did not come through."""
MOVED = frozenset({301, 302, 303})
"""What is also said once it is done, as by forms: the address is that of a page which says so."""
SEE_OTHER = 303
LEAVE_ALONE = frozenset({429, 503})
"""What is said to all that is sent, and not only to this, if it says for how long."""
IN_FLIGHT = 409
SERVER_ERROR = 500
LONGEST_WAIT = 86_400.0
"""No receiver is left alone for longer than a day: it is asked again."""


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
    if 200 <= heard.status < 300 or (keyed and heard.status == SEE_OTHER):  # noqa: PLR2004 (what HTTP says)
        return
    error = heard.status >= SERVER_ERROR or heard.status in CUT_SHORT
    if heard.status in NOT_TAKEN or (keyed and (error or heard.status == IN_FLIGHT)):
        raise AskAgain(f"The receiver wants it later, and has not taken it: {heard.sentence}.", heard.retry_after)
    if error:
        raise Unsure(f"The receiver made an error, and may have done it all the same: {heard.sentence}.")
    if heard.status in MOVED and not keyed:
        raise Unsure(f"The receiver leads to another address, as many do once it is done: {heard.sentence}.")
    if 300 <= heard.status < 400:  # noqa: PLR2004
        raise NotSent(f"The receiver is at another address now, which was not followed: {heard.sentence}.")
    raise NotSent(f"The receiver refused it: {heard.sentence}.")


def seconds_to_wait(header: str | None) -> float | None:
    """What `Retry-After` asks for: seconds, or a date; no more than a day."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return min(float(header), LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(header).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):  # no date, or one that no calendar holds
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)
