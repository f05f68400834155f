"""Looking after people: who there is, what they may do, and that somebody is left who can look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from webapp.accounts.users import find_user
from webapp.errors import NotFound, Refused
from webapp.kit import now
from webapp.store.activity import record
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.tables import Role, SignInLink, User, UserSession

LAST: Final = (
    "This is the last administrator who can sign in. Make somebody else an administrator first, and let them sign in."
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user, and in how many browsers they are signed in."""

    user: User
    sessions: int


def list_users(database: Database) -> Sequence[Person]:
    """Everybody, by name; those who may sign in first."""
    open_ones = select(UserSession.user_id, func.count()).where(UserSession.expires_at > now())
    with database.read() as session:
        users = session.exec(select(User).order_by(col(User.active).desc(), func.lower(User.name))).all()
        counts = dict(session.exec(open_ones.group_by(col(UserSession.user_id))).all())
        session.expunge_all()
    return [Person(user, counts.get(user.id, 0)) for user in users]


def user_id_of(database: Database, name: str) -> UUID:
    """The user of that name, disabled or not.

    Raises:
        NotFound: there is none.
    """
    with database.read() as session:
        return find_user(session, name, disabled=True).id


def set_role(database: Database, user_id: UUID, role: Role, by: User | None = None) -> None:
    """Let somebody do more or less, from their next request on. Twice is the same as once.

    Raises:
        NotFound: there is no such user.
        Refused: nobody would be left to look after the desk.
    """
    with database.write() as session:
        user = _locked(session, user_id)
        if user.role is role:
            return
        if role is not Role.admin:
            _require_another(session, user)
        before, user.role = user.role, role
        session.add(user)
        record(session, by, "set_role", who=str(user_id), name=user.name, role=role, before=before)


def disable(database: Database, user_id: UUID, by: User | None = None) -> None:
    """Let somebody in no more: their sessions end, links and tokens are refused. What they did and have stays.

    Raises:
        NotFound: there is no such user.
        Refused: nobody would be left to look after the desk.
    """
    with database.write() as session:
        user = _locked(session, user_id)
        if not user.active:
            return
        _require_another(session, user)
        user.active = False
        session.add(user)
        for table in (UserSession, SignInLink):
            session.exec(delete(table).where(col(table.user_id) == user_id))
        record(session, by, "disable_user", who=str(user_id), name=user.name)


def enable(database: Database, user_id: UUID, by: User | None = None) -> None:
    """Let somebody in again, with the password and the tokens that they had.

    Raises:
        NotFound: there is no such user.
    """
    with database.write() as session:
        user = _locked(session, user_id)
        if not user.active:
            user.active = True
            session.add(user)
            record(session, by, "enable_user", who=str(user_id), name=user.name)


def _locked(session: Session, user_id: UUID) -> User:
    """The user, while nobody else changes who may do what: two could take the last administrator from each other."""
    hold(session.connection(), "roles")
    user = session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _require_another(session: Session, user: User) -> None:
    """See that an administrator who can sign in is left without this user."""
    if user.role is not Role.admin:
        return
    left = (col(User.id) != user.id, User.role == Role.admin, col(User.active), col(User.password_hash).is_not(None))
    if not session.exec(select(func.count()).select_from(User).where(*left)).one():
        raise Refused(LAST)
