"""Who may sign in, and with which password."""

import unicodedata
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from webapp.accounts.passwords import check_password, hash_password, needs_new_hash, verify_password
from webapp.accounts.throttle import Throttle
from webapp.errors import BadInput, NotFound
from webapp.store.activity import record
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.tables import Role, User, UserSession

LONGEST_NAME = 100


def add_user(database: Database, name: str, role: Role, password: str | None, by: User | None = None) -> User:
    """Let somebody sign in; without a password once they have redeemed a link. `by` is who adds them, if not the desk.

    Raises:
        BadInput: the name is taken or unusable, or the password is easily guessed.
    """
    name = clean_name(name)
    if password is not None:
        check_password(password, name)
    user = User(name=name, role=role, password_hash=None if password is None else hash_password(password))
    with database.write() as session:
        refuse_taken_name(session, name)
        session.add(user)
        session.flush()
        record(session, by, "add_user", who=str(user.id), name=name, role=role)
    return user


def authenticate(  # noqa: PLR0913 (who, with what, from where)
    database: Database, throttle: Throttle, name: str, password: str, source: str, *, deed: str = "sign_in_failed"
) -> User | None:
    """The user, if the password is theirs. `source` is the address that the try comes from.

    An unknown, a disabled and a known name are answered alike and take equally long. A wrong try is written down as
    `deed`, without what was typed: people type passwords where names belong.

    Raises:
        TooMany: too many wrong tries for this account or from this source; says how long to wait.
    """
    name = _composed(name)
    throttle.take(name, source)
    with database.read() as session:
        user = _named(session, name)
    if not verify_password(user.password_hash if user else None, password):
        with database.write() as session:
            record(session, user, deed)
        return None
    throttle.give_back(name, source)
    if user and user.password_hash and needs_new_hash(user.password_hash):
        hashed = hash_password(password)
        with database.write() as session:
            session.exec(update(User).where(col(User.id) == user.id).values(password_hash=hashed))
    return user


def set_password(database: Database, user_id: UUID, password: str, by: User | None = None) -> None:
    """Give a user another password, and end all their sessions.

    Raises:
        BadInput: the password is easily guessed.
        NotFound: there is no such user.
    """
    with database.read() as session:
        user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    check_password(password, user.name)
    hashed = hash_password(password)
    with database.write() as session:
        session.exec(update(User).where(col(User.id) == user_id).values(password_hash=hashed))
        session.exec(delete(UserSession).where(col(UserSession.user_id) == user_id))
        record(session, by, "change_password", who=str(user_id), name=user.name)


def set_password_of(database: Database, name: str, password: str) -> None:
    """Give the user of that name another password, and end all their sessions.

    Raises:
        BadInput: the password is easily guessed.
        NotFound: there is no such user.
    """
    with database.read() as session:
        user = find_user(session, name)
    set_password(database, user.id, password)


def find_user(session: Session, name: str, *, disabled: bool = False) -> User:
    """The user of that name, in capitals or not; one that is `disabled` only if that is wanted.

    Raises:
        NotFound: there is none.
    """
    user = _named(session, _composed(name), disabled=disabled)
    if user is None:
        raise NotFound(f"There is no user named {name}.")
    return user


def clean_name(name: str) -> str:
    """The name as it is kept.

    Raises:
        BadInput: it is empty, too long, or has characters that can't be seen.
    """
    name = _composed(name)
    if not name:
        raise BadInput({"name": "Enter a name."})
    if len(name) > LONGEST_NAME:
        raise BadInput({"name": f"Use at most {LONGEST_NAME} characters."})
    if not name.isprintable():
        raise BadInput({"name": "The name has characters that can't be seen. Type it afresh."})
    return name


def refuse_taken_name(session: Session, name: str, but: UUID | None = None) -> None:
    """Make sure that nobody else has the name, in capitals or not.

    Raises:
        BadInput: somebody has.
    """
    hold(session.connection(), "names of users")
    for user in session.exec(select(User)):
        if user.name.casefold() == name.casefold() and user.id != but:
            raise BadInput({"name": "Somebody has this name already. Choose another one."})


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _named(session: Session, name: str, *, disabled: bool = False) -> User | None:
    """Looks at every user: SQLite knows the capitals of ASCII alone, and a name that is here takes no less time."""
    users = session.exec(select(User)).all()
    found = [user for user in users if user.name.casefold() == name.casefold() and (user.active or disabled)]
    return found[0] if found else None
