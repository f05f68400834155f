"""One-time links: how people get in who have no password yet, since there is no default one."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from webapp.accounts.passwords import check_password, hash_password
from webapp.accounts.users import clean_name, refuse_taken_name
from webapp.errors import NotFound, Refused
from webapp.kit import fingerprint, new_secret, now
from webapp.store.activity import record
from webapp.store.database import Database
from webapp.store.locks import hold
from webapp.store.tables import Role, SignInLink, User

VALID = timedelta(hours=24)
SPENT = (
    "This link has been used or is older than a day. If you have chosen a password, sign in with it; "
    "else ask an administrator for a new link. While nobody can sign in, Batchdesk prints a new link at each start."
)


def first_link(database: Database) -> str | None:
    """The secret of a link for the first administrator; None if one can sign in already.

    It is good for one use within 24 hours, and replaces an earlier one.
    """
    secret = new_secret()
    with database.write() as session:
        hold(session.connection(), "first administrator")
        admins = session.exec(select(User).where(User.role == Role.admin, col(User.active))).all()
        if any(user.password_hash for user in admins):
            return None
        _keep_link(session, admins[0] if admins else _new_admin(session), secret)
    return secret


def new_link(database: Database, user_id: UUID, by: User | None = None) -> str:
    """The secret of a link by which a user chooses a password: for one use within 24 hours, instead of earlier ones.

    Raises:
        NotFound: there is no such user.
        Refused: the user is disabled.
    """
    secret = new_secret()
    with database.write() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound("There is no such user.")
        if not user.active:
            raise Refused(f"{user.name} is disabled. Enable the account first.")
        _keep_link(session, user, secret)
        record(session, by, "make_link", who=str(user.id), name=user.name)
    return secret


def nobody_yet(database: Database) -> bool:
    """Whether nobody has chosen a password, so that nobody can sign in but by the first link."""
    with database.read() as session:
        return session.exec(select(User.id).where(col(User.password_hash).is_not(None)).limit(1)).first() is None


def find_link(database: Database, secret: str) -> User:
    """Whom the link lets in. Looking doesn't use it up.

    Raises:
        NotFound: it was used, replaced or is too old.
    """
    with database.read() as session:
        return _holder(session, secret)


def redeem_link(database: Database, secret: str, name: str, password: str) -> User:
    """Use the link: its user gets this name and password. It stays good if they are refused.

    Raises:
        BadInput: the name is taken or unusable, or the password is easily guessed.
        NotFound: the link was used, replaced or is too old.
    """
    find_link(database, secret)  # before the costly hash; whether it is still good is looked at again below
    name = clean_name(name)
    check_password(password, name)
    hashed = hash_password(password)
    with database.write() as session:
        user = _holder(session, secret)
        refuse_taken_name(session, name, but=user.id)
        unused = (col(SignInLink.fingerprint) == fingerprint(secret)) & col(SignInLink.used_at).is_(None)
        if not session.exec(update(SignInLink).where(unused).values(used_at=now())).rowcount:
            raise NotFound(SPENT)
        user.name, user.password_hash = name, hashed
        session.add(user)
        record(session, user, "redeem_link", name=name)
    return user


def _holder(session: Session, secret: str) -> User:
    user = session.exec(
        select(User)
        .join(SignInLink)
        .where(
            SignInLink.fingerprint == fingerprint(secret),
            col(SignInLink.used_at).is_(None),
            SignInLink.expires_at > now(),
            col(User.active),
        )
    ).first()
    if user is None:
        raise NotFound(SPENT)
    return user


def _keep_link(session: Session, user: User, secret: str) -> None:
    present = now()
    session.exec(delete(SignInLink).where(col(SignInLink.user_id) == user.id))
    session.add(
        SignInLink(fingerprint=fingerprint(secret), user_id=user.id, created_at=present, expires_at=present + VALID)
    )


def _new_admin(session: Session) -> User:
    taken = {name.casefold() for name in session.exec(select(User.name))}
    names = ("admin", *(f"admin-{n}" for n in range(2, len(taken) + 3)))
    user = User(name=next(name for name in names if name not in taken), role=Role.admin)
    session.add(user)
    session.flush()
    return user
