"""Writing down what somebody did, in the transaction of the deed, with the facts of the request that asked for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from webapp.store.tables import Activity, User

_asked: ContextVar[Mapping[str, str] | None] = ContextVar("asked", default=None)

LONGEST_ID: Final = 64


@contextmanager
def asked_by(facts: Mapping[str, str]) -> Iterator[None]:
    """Have all that is recorded meanwhile, here and in threads that are called from here, tell these facts."""
    token = _asked.set(facts)
    try:
        yield
    finally:
        _asked.reset(token)


def record(session: Session, user: User | UUID | None, action: str, job_id: UUID | None = None, **detail: Any) -> None:  # noqa: ANN401 (JSON values)
    """Write down a deed in the caller's transaction; without a user it was the desk's own.

    `detail` tells which way it was done, by names, numbers and ids: never what a cell, an entry or a secret holds.
    """
    facts = _asked.get()
    session.add(
        Activity(
            user_id=user.id if isinstance(user, User) else user,
            job_id=job_id,
            action=action,
            detail=detail,
            request=dict(facts) if facts else None,
            request_id=facts.get("request_id", "")[:LONGEST_ID] or None if facts else None,
        )
    )
