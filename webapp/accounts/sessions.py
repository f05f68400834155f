"""Signed-in browsers. The browser holds a secret, the database its fingerprint."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select

from webapp.errors import NotFound
from webapp.kit import fingerprint, new_secret, now
from webapp.store.activity import record
from webapp.store.database import Database
from webapp.store.tables import User, UserSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
NOTED_EVERY = timedelta(minutes=1)  # a page view must not cost a write


def open_session(database: Database, user_id: UUID, *, anew: bool = True) -> str:
    """Sign a browser in; returns the secret for its cookie. Sessions that have ended are swept away.

    A browser that goes on after its other sessions were ended is not signed in `anew`.
    """
    secret, present = new_secret(), now()
    kept = UserSession(
        fingerprint=fingerprint(secret),
        user_id=user_id,
        created_at=present,
        seen_at=present,
        expires_at=present + LONGEST,
    )
    with database.write() as session:
        ended = (col(UserSession.expires_at) <= present) | (col(UserSession.seen_at) <= present - IDLE)
        session.exec(delete(UserSession).where(ended))
        session.add(kept)
        if anew:
            session.exec(update(User).where(col(User.id) == user_id).values(signed_in_at=present))
            record(session, user_id, "sign_in")
    return secret


def find_session(database: Database, secret: str, *, note: bool = True) -> User | None:
    """Who is signed in with this secret: None once it is signed out, idle for 12 hours, 7 days old, or disabled.

    `note` says that somebody is there; a stream that only looks again says False.
    """
    present = now()
    with database.read() as session:
        found = session.exec(
            select(UserSession.seen_at, User)
            .join(User)
            .where(
                UserSession.fingerprint == fingerprint(secret),
                UserSession.expires_at > present,
                UserSession.seen_at > present - IDLE,
                col(User.active),
            )
        ).first()
    if found is None:
        return None
    seen_at, user = found
    if note and present - seen_at >= NOTED_EVERY:
        _note(database, secret, present)
    return user


def close_session(database: Database, secret: str) -> None:
    """Sign a browser out; one that isn't signed in stays so."""
    with database.write() as session:
        open_one = session.get(UserSession, fingerprint(secret))
        if open_one is not None:
            session.delete(open_one)
            record(session, open_one.user_id, "sign_out")


def close_sessions(database: Database, user_id: UUID, by: User | None = None) -> None:
    """Sign a user out everywhere. `by` is who does it, if not the desk.

    Raises:
        NotFound: there is no such user.
    """
    with database.write() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound("There is no such user.")
        session.exec(delete(UserSession).where(col(UserSession.user_id) == user_id))
        record(session, by, "end_sessions", who=str(user_id), name=user.name)


def _note(database: Database, secret: str, present: datetime) -> None:
    this = col(UserSession.fingerprint) == fingerprint(secret)
    with database.write() as session:
        session.exec(update(UserSession).where(this).values(seen_at=present))
