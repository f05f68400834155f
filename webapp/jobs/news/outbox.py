"""What is to be sent out: taken by one process at a time, and what became of each try. Each step is one update."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from webapp.authoring import Retry
from webapp.jobs.halt import halted, taken_at
from webapp.jobs.lifecycle import changed
from webapp.kit import new_id, now
from webapp.store.database import Database
from webapp.store.tables import Channel, Delivery, Fate
from webapp.store.types import DatabaseNow

AT_ONCE: Final = 1_000
OF_EACH: Final = 20
HELD_SECONDS: Final = 180.0  # longer than any try takes
KEPT: Final = timedelta(days=30)
TRIES: Final = Retry(attempts=12, first_seconds=5, longest_seconds=3600)
"""Twelve tries within some two hours."""

BROKE_OFF: Final = (
    "The desk was stopped while it was handing this mail over, so nobody knows whether it arrived. "
    "It is not sent again by itself."
)
RESTORED: Final = (
    "The desk was restored from a back-up in which this had not been sent yet. Nobody knows whether it was sent "
    "afterwards, so it is not sent by itself."
)
Receiver = tuple[Channel, str]
"""By which way, and the address."""

_UNENDED = col(Delivery.ended_at).is_(None)


class NotHeldError(Exception):
    """Somebody else has taken it meanwhile, or it has ended."""


def due(database: Database) -> Mapping[Receiver, Sequence[UUID]]:
    """What can be taken now by whom it is for, whoever has waited longest first; nothing while the desk stands still.

    Of each a few only: however much waits for one, it keeps nobody else from being found.
    """
    ready = (_UNENDED, col(Delivery.due_at) <= DatabaseNow())
    whose = (col(Delivery.channel), col(Delivery.address))
    place = func.row_number().over(partition_by=whose, order_by=col(Delivery.due_at)).label("place")
    waiting = select(col(Delivery.id), *whose, col(Delivery.due_at), place).where(*ready).subquery()
    query = select(waiting.c.id, waiting.c.channel, waiting.c.address).where(waiting.c.place <= OF_EACH)
    found: dict[Receiver, list[UUID]] = {}
    with database.read() as session:
        if halted(session):
            return found
        for each, *receiver in session.execute(query.order_by(waiting.c.place, waiting.c.due_at).limit(AT_ONCE)):
            found.setdefault((receiver[0], receiver[1]), []).append(each)
    return found


def give_up_unknown(database: Database) -> int:
    """End mails of which nobody knows whether they were sent; how many."""
    mails = (_UNENDED, col(Delivery.channel) == Channel.mail)
    with database.write() as session:
        if halted(session):
            return 0
        broke_off = (*mails, col(Delivery.fate) == Fate.sending, col(Delivery.due_at) <= DatabaseNow())
        count = _end(session, Fate.unknown, BROKE_OFF, *broke_off)
        moment = taken_at(session)
        before = () if moment is None else (*mails, col(Delivery.created_at) <= moment)
        return count + _end(session, Fate.unknown, RESTORED, *before) if before else count


def take(database: Database, delivery_id: UUID) -> Delivery | None:
    """Hold something that is due for a while; None if it is not due any more, or the desk stands still."""
    ready = (_UNENDED, col(Delivery.due_at) <= DatabaseNow(), col(Delivery.fate) != Fate.sending)
    held: dict[str, Any] = {"holder": new_id(), "fate": Fate.taken, "due_at": DatabaseNow(HELD_SECONDS)}
    with database.write() as session:
        ours = update(Delivery).where(col(Delivery.id) == delivery_id, *ready)
        if halted(session) or changed(session, ours.values(held)) != 1:
            return None
        return session.get_one(Delivery, delivery_id)


@contextmanager
def sending(database: Database, held: Delivery) -> Iterator[None]:
    """Around the moment after which nobody can tell whether it arrived, unless the block says so.

    Raises:
        NotHeldError: it is not ours any more; nothing may be sent.
    """
    _change(database, held, fate=Fate.sending, due_at=DatabaseNow(HELD_SECONDS))
    yield


def end(database: Database, held: Delivery, fate: Fate, said: str) -> None:
    """Write down what became of it, for good.

    Raises:
        NotHeldError: it is not ours any more; nothing was written.
    """
    _change(database, held, fate=fate, said=said, tries=held.tries + 1, ended_at=now())


def try_again(database: Database, held: Delivery, said: str, seconds: float = 0.0) -> None:
    """Have it tried again, not before so many seconds; after the last try it has failed.

    Raises:
        NotHeldError: it is not ours any more; nothing was written.
    """
    tries = held.tries + 1
    if tries >= TRIES.attempts:
        end(database, held, Fate.failed, f"{said} It was tried {tries} times.")
        return
    wait = max(TRIES.wait_seconds(tries), seconds)
    _change(database, held, fate=Fate.waiting, said=said, tries=tries, due_at=DatabaseNow(wait), holder=None)


def put_off(database: Database, held: Delivery, said: str, seconds: float) -> None:
    """Have it wait without counting as a try.

    Raises:
        NotHeldError: it is not ours any more; nothing was written.
    """
    _change(database, held, fate=Fate.waiting, said=said, due_at=DatabaseNow(seconds), holder=None)


def forget_old(session: Session) -> None:
    """Forget what ended a month ago."""
    session.execute(delete(Delivery).where(col(Delivery.ended_at) < now() - KEPT))


def _change(database: Database, held: Delivery, **values: Any) -> None:  # noqa: ANN401 (column values)
    ours = (col(Delivery.id) == held.id, col(Delivery.holder) == held.holder, _UNENDED)
    with database.write() as session:
        if changed(session, update(Delivery).where(*ours).values(values)) != 1:
            raise NotHeldError


def _end(session: Session, fate: Fate, said: str, *which: Any) -> int:  # noqa: ANN401
    return changed(session, update(Delivery).where(*which).values(fate=fate, said=said, ended_at=now()))
