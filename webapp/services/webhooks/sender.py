"""Sending one message after the other: at a pace, no longer than the receiver is there, each answer written down."""

import random
import threading
import time
from collections.abc import Iterator
from typing import Annotated

from webapp.authoring import ComeBackLater, Context, Depends, JobError, NotSent, Unsure
from webapp.services.http import Http, HttpService
from webapp.services.outgoing.errors import (
    AddressRefused,
    AnswerLost,
    BadCertificate,
    HttpTrouble,
    NotReached,
    Unknown,
)
from webapp.services.webhooks.answers import Answers, open_answers
from webapp.services.webhooks.template import Message
from webapp.services.webhooks.verdict import CUT_SHORT, LEAVE_ALONE, AskAgain, Heard, judge, seconds_to_wait

IN_A_ROW = 5
"""Failures one after the other after which the receiver is left alone for a while."""
PAUSE = (30.0, 60.0)
"""How long, in seconds: drawn between these, so that many jobs do not come back together."""
SHORT_SECONDS = 1.0
GOES_ON = "The job goes on by itself at this row."


class Sender:
    """One attempt's way to its receiver."""

    def __init__(self, http: Http, ctx: Context, answers: Answers) -> None:
        self._http, self._ctx, self._answers = http, ctx, answers
        self._lock = threading.Lock()
        """Several rows may be on their way at the same time."""
        self._failed = 0
        self._next_at = 0.0
        self._rest: ComeBackLater | None = None

    def wait_turn(self, per_second: float) -> None:
        """Wait until the next message may be sent.

        Raises:
            ComeBackLater: what was answered to the last one says that nothing is to be sent for a while.
        """
        self._raise_rest()
        with self._lock:
            wait = self._next_at - time.monotonic()
            self._next_at = max(self._next_at, time.monotonic()) + 1 / per_second
        if wait > SHORT_SECONDS:
            self._ctx.wait(wait)
        elif wait > 0:
            time.sleep(wait)
        self._ctx.check_cancelled()
        self._raise_rest()

    def send(self, message: Message, *, seconds: float, keyed: bool) -> None:
        """Send a message; what is raised says what became of it.

        Args:
            message: what is sent.
            seconds: how long the answer may take.
            keyed: whether it may be sent twice, because the receiver does a thing once for each key.

        Raises:
            AskAgain: it is to be sent again later.
            NotSent: the receiver refused it.
            Unsure: it may have been done; not if it is `keyed`.
            ComeBackLater: the receiver is not there, or wants to be left alone: nothing more is sent for a while.
            JobError: no row can be sent like this.
        """
        try:
            self._send(message, seconds, keyed=keyed)
        except AskAgain as error:
            if self._count_failure() >= IN_A_ROW:
                raise ComeBackLater(f"{IN_A_ROW} calls in a row came to nothing. {error} {GOES_ON}", pause()) from error
            raise
        except Unsure as error:
            if self._count_failure() >= IN_A_ROW and self._rest is None:
                self._rest = ComeBackLater(f"{IN_A_ROW} calls in a row came to nothing. {error} {GOES_ON}", pause())
            raise
        except NotSent:
            self._failed = 0
            raise
        self._failed = 0

    def _raise_rest(self) -> None:
        if self._rest is not None:
            raise ComeBackLater(self._rest.reason, self._rest.seconds)  # each lane its own

    def _count_failure(self) -> int:
        with self._lock:
            self._failed += 1
            return self._failed

    def _send(self, message: Message, seconds: float, *, keyed: bool) -> None:
        try:
            heard = self._heard(message, seconds, again=keyed)
        except (AddressRefused, Unknown, BadCertificate) as error:
            raise JobError(str(error)) from error
        except NotReached as error:
            raise ComeBackLater(f"{error} {GOES_ON}", pause()) from error
        except HttpTrouble as error:
            if keyed:
                raise AskAgain(f"{error} It may have arrived, and can be sent again with the same key.") from error
            raise Unsure(f"{error} Look at the receiver whether it has arrived.") from error
        self._answers.add(heard.status, heard.words)
        if heard.status in LEAVE_ALONE and heard.retry_after is not None:
            reason = f"The receiver wants to be left alone for a while: {heard.sentence}. {GOES_ON}"
            self._rest = ComeBackLater(reason, heard.retry_after)
            if keyed or heard.status not in CUT_SHORT:
                raise self._rest
        judge(heard, keyed=keyed)

    def _heard(self, message: Message, seconds: float, *, again: bool) -> Heard:
        headers = message.headers if again else {**message.headers, "connection": "close"}
        try:
            with self._http.send(
                message.method, message.url, headers=headers, body=message.body, seconds=seconds
            ) as answer:
                return Heard(answer.status, answer.words(), seconds_to_wait(answer.headers.get("retry-after")))
        except AnswerLost:
            if not again:
                raise
        return self._heard(message, seconds, again=False)  # a connection that had been idle; the key is the same


def pause() -> float:
    """How long to leave a receiver alone."""
    return random.uniform(*PAUSE)  # noqa: S311 (nothing secret)


def open_sender(http: HttpService, ctx: Context) -> Iterator[Sender]:
    """The way to the receiver, for one attempt."""
    with open_answers(ctx) as answers:
        yield Sender(http, ctx, answers)


SenderService = Annotated[Sender, Depends(open_sender)]
