"""Bearer tokens: how programs sign in, acting as their user."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, func, select

from webapp.accounts.users import find_user
from webapp.errors import NotFound, Refused
from webapp.kit import fingerprint, new_secret
from webapp.store.activity import record
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.tables import ApiToken, User

MOST = 20
SHOWN = 8  # letters of a token's fingerprint, by which people know it


def create_token(database: Database, name: str, by: User | None = None) -> str:
    """A new token for the user of that name; it can't be shown again. `by` is who makes it, if not the desk.

    Raises:
        NotFound: there is no such user, or they are disabled.
        Refused: they have as many as a user may have.
    """
    secret = new_secret()
    with database.write() as session:
        user = find_user(session, name)
        hold(session.connection(), f"tokens of {user.id}")
        count = session.exec(select(func.count()).where(col(ApiToken.user_id) == user.id)).one()
        if count >= MOST:
            raise Refused(f"There are {MOST} tokens already. Revoke one that is no longer used.")
        session.add(ApiToken(fingerprint=fingerprint(secret), user_id=user.id))
        record(session, by, "create_token", who=str(user.id), name=user.name, token=fingerprint(secret)[:SHOWN])
    return secret


def find_token(database: Database, secret: str) -> User | None:
    """Whose token it is; None if it was revoked or its user is disabled."""
    with database.read() as session:
        mine = ApiToken.fingerprint == fingerprint(secret)
        return session.exec(select(User).join(ApiToken).where(mine, col(User.active))).first()


def list_tokens(database: Database, user_id: UUID) -> Sequence[ApiToken]:
    """A user's tokens, newest first. What is kept of one is its fingerprint."""
    with database.read() as session:
        mine = select(ApiToken).where(ApiToken.user_id == user_id)
        return session.exec(mine.order_by(col(ApiToken.created_at).desc())).all()


def revoke_token(database: Database, user_id: UUID, token: str) -> None:
    """End one of the user's tokens, named by its fingerprint.

    Raises:
        NotFound: the user has no such token.
    """
    this = (col(ApiToken.fingerprint) == token) & (col(ApiToken.user_id) == user_id)
    with database.write() as session:
        if not session.exec(delete(ApiToken).where(this)).rowcount:
            raise NotFound("This token has been revoked already.")
        record(session, user_id, "revoke_token", token=token[:SHOWN])
