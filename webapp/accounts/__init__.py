"""Accounts: users, their passwords, sessions, one-time links and tokens. These are all its use-cases."""

from webapp.accounts.links import find_link, first_link, new_link, nobody_yet, redeem_link
from webapp.accounts.roles import Person, disable, enable, list_users, set_role, user_id_of
from webapp.accounts.sessions import close_session, close_sessions, find_session, open_session
from webapp.accounts.throttle import Throttle
from webapp.accounts.tokens import create_token, find_token, list_tokens, revoke_token
from webapp.accounts.users import add_user, authenticate, set_password, set_password_of

__all__ = [
    "Person",
    "Throttle",
    "add_user",
    "authenticate",
    "close_session",
    "close_sessions",
    "create_token",
    "disable",
    "enable",
    "find_link",
    "find_session",
    "find_token",
    "first_link",
    "list_tokens",
    "list_users",
    "new_link",
    "nobody_yet",
    "open_session",
    "redeem_link",
    "revoke_token",
    "set_password",
    "set_password_of",
    "set_role",
    "user_id_of",
]
