"""Sending out what people want to hear by mail or webhook. Every process does it; one of them takes each."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from webapp.jobs.news import outbox
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.secrets import SecretBox
from webapp.store.tables import Channel, Delivery, Fate, NewsChoice, User

LOOK_SECONDS: Final = 1.0
PLACES: Final = 8  # for mails, and as many for webhooks: as many addresses are told at once
FOR_SLOW: Final = 4  # of these, for addresses that were slow the last time
SLOW_SECONDS: Final = 2.0
GONE: Final = "The address was changed or taken away before this was sent, so it was not."

log = logging.getLogger("batchdesk.news")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What sending needs."""

    settings: Settings
    database: Database
    secrets: SecretBox

    def link(self, delivery: Delivery) -> str | None:
        """The address of the job's page, as people reach it."""
        address = self.settings.address
        return f"{address}/jobs/{delivery.job_id}" if address and delivery.job_id else address


class Senders:
    """They tell many at once, and each address one thing after the other.

    Addresses that were slow the last time have half of the places at most, and one thing at a time: whoever answers at
    once waits for none of them.
    """

    def __init__(self, outgoing: Outgoing, stop: threading.Event, submit: Callable[..., object]) -> None:
        self._outgoing = outgoing
        self._stop = stop
        self._submit = submit
        self._lock = threading.Lock()
        self._at_work = set[outbox.Receiver]()
        self._slow = set[outbox.Receiver]()

    def look(self) -> int:
        """Begin to send what is due, wherever there is a place; how much was found."""
        if self._stop.is_set():
            return 0
        due = outbox.due(self._outgoing.database)
        if due:
            outbox.give_up_unknown(self._outgoing.database)
        for receiver, ids in due.items():
            if self._has_place(receiver):
                self._submit(self._tell, receiver, ids)
        return sum(map(len, due.values()))

    def _has_place(self, receiver: outbox.Receiver) -> bool:
        """Whether there is a place for one; it has it then."""
        with self._lock:
            same = {each for each in self._at_work if each[0] is receiver[0]}
            full = len(same) >= PLACES or (receiver in self._slow and len(same & self._slow) >= FOR_SLOW)
            if full or receiver in self._at_work:
                return False
            self._at_work.add(receiver)
            return True

    def _tell(self, receiver: outbox.Receiver, ids: Sequence[UUID]) -> None:
        told = False
        try:
            for delivery_id in ids:
                began = time.monotonic()
                told = _deliver(self._outgoing, delivery_id, self._stop) or told
                slow = time.monotonic() - began > SLOW_SECONDS
                with self._lock:
                    (self._slow.add if slow else self._slow.discard)(receiver)
                if slow:
                    break  # somebody else may wait for its place
        finally:
            with self._lock:
                self._at_work.discard(receiver)
        if told:
            self.look()  # there is a place now, and perhaps more for this one


def keep_delivering(outgoing: Outgoing, stop: threading.Event) -> None:
    """Send what is due, now and every second, until `stop` is set."""
    with ThreadPoolExecutor(len(Channel) * PLACES, thread_name_prefix="news") as pool:
        senders = Senders(outgoing, stop, pool.submit)
        while True:
            try:
                senders.look()
            except Exception:
                log.exception("looking for what is to be sent out failed; it is tried again")
            if stop.wait(LOOK_SECONDS):
                return


def _deliver(outgoing: Outgoing, delivery_id: UUID, stop: threading.Event) -> bool:
    """Whether it was there to be sent, and something has become of it."""
    if stop.is_set():
        return False
    try:
        held = outbox.take(outgoing.database, delivery_id)
        if held is None:
            return False
        _send(outgoing, held)
    except outbox.NotHeldError:
        log.warning("delivery %s is somebody else's by now", delivery_id)
    except Exception:
        log.exception("delivery %s could not be sent; it is tried again when its time is over", delivery_id)
        return False
    return True


def _send(outgoing: Outgoing, held: Delivery) -> None:
    with outgoing.database.read() as session:
        user, choice = session.get_one(User, held.user_id), session.get(NewsChoice, held.user_id)
    wanted = {} if choice is None else {Channel.mail: choice.mail, Channel.webhook: choice.webhook}
    if choice is None or not user.active or wanted[held.channel] != held.address:
        outbox.end(outgoing.database, held, Fate.failed, GONE)
    elif held.channel is Channel.mail:
        from webapp.jobs.news.mail import send_mail  # noqa: PLC0415 (only where mails are sent)

        send_mail(outgoing, held)
    else:
        from webapp.jobs.news.webhook import call_webhook  # noqa: PLC0415 (it brings all of HTTP along)

        call_webhook(outgoing, held, choice)
