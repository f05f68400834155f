"""What a job sends that belongs to none of its rows: it is written down before that it is being sent, and after.

Both stand in the job's activity, where people read them, and outlast whatever becomes of the job's account.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlmodel import Session, col, select

from webapp.authoring import ComeBackLater, NotSent
from webapp.jobs.activity import record
from webapp.jobs.work import Work, written_down
from webapp.store.tables import Activity

SENDING: Final = "sending"
SENT: Final = "sent"
NOT_SENT: Final = "not_sent"

RequireClaim = Callable[[Session], None]


class Letters:
    """Those of one job, as one of its claims sends them."""

    def __init__(self, work: Work, require_claim: RequireClaim) -> None:
        self._work = work
        self._require_claim = require_claim

    def became_of(self, what: str) -> str | None:
        """See `authoring.Context.became_of`."""
        with self._work.shop.database.read() as session:
            last = self._last(session, what)
        return {SENDING: "unknown", SENT: "sent"}.get(last or "")

    @contextmanager
    def once(self, what: str) -> Iterator[None]:
        """See `authoring.Context.send_once`.

        Raises:
            RuntimeError: it was sent, or may have been.
            FenceLostError: the job has a newer claim; the block is not entered.
        """
        self._note(SENDING, what)
        try:
            yield
        except (NotSent, ComeBackLater):
            self._note(NOT_SENT, what)
            raise
        self._note(SENT, what)

    def _note(self, action: str, what: str) -> None:
        with written_down(), self._work.shop.database.write() as session:
            self._require_claim(session)
            if action == SENDING and self._last(session, what) in {SENDING, SENT}:
                raise RuntimeError(f"{what!r} was sent, or may have been: ask ctx.became_of({what!r}) before")
            record(session, None, action, self._work.job_id, what=what)

    def _last(self, session: Session, what: str) -> str | None:
        """What was written down last about it."""
        ours = (col(Activity.job_id) == self._work.job_id, col(Activity.action).in_((SENDING, SENT, NOT_SENT)))
        query = select(Activity).where(*ours).order_by(col(Activity.id).desc())
        return next((each.action for each in session.exec(query) if each.detail.get("what") == what), None)
