"""Sending out what people want to hear by mail or webhook. Every process does it; one of them takes each."""

import logging
import threading
from collections.abc import Callable, Iterable
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
AT_ONCE: Final = 4  # a slow receiver holds up the others for a call or a few, each 15 seconds at most
GONE: Final = "The address was changed or taken away before this was sent, so it was not."

log = logging.getLogger("batchdesk.news")

Map = Callable[[Callable[[UUID], None], Iterable[UUID]], Iterable[None]]


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


def keep_delivering(outgoing: Outgoing, stop: threading.Event) -> None:
    """Send what is due, now and every second, until `stop` is set."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="news") as pool:
        while True:
            try:
                deliver_due(outgoing, stop, pool.map)
            except Exception:
                log.exception("looking for what is to be sent out failed; it is tried again")
            if stop.wait(LOOK_SECONDS):
                return


def deliver_due(outgoing: Outgoing, stop: threading.Event, map_: Map = map) -> int:
    """Send what is due, one after the other or as `map_` does it; how much there was."""
    ids = outbox.due(outgoing.database)
    if ids:
        outbox.give_up_unknown(outgoing.database)
        list(map_(lambda one: _deliver(outgoing, one, stop), ids))
    return len(ids)


def _deliver(outgoing: Outgoing, delivery_id: UUID, stop: threading.Event) -> None:
    if stop.is_set():
        return
    try:
        held = outbox.take(outgoing.database, delivery_id)
        if held is not None:
            _send(outgoing, held)
    except outbox.NotHeldError:
        log.warning("delivery %s is somebody else's by now", delivery_id)
    except Exception:
        log.exception("delivery %s could not be sent; it is tried again when its time is over", delivery_id)


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
