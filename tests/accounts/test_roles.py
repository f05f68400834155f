"""Looking after people: roles, disabling, links; the last administrator stays, and all of it is written down."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from webapp.accounts import (
    Throttle,
    add_user,
    authenticate,
    close_session,
    close_sessions,
    create_token,
    disable,
    enable,
    find_session,
    find_token,
    list_users,
    new_link,
    open_session,
    redeem_link,
    revoke_token,
    set_password,
    set_role,
    user_id_of,
)
from webapp.errors import BadInput, NotFound, Refused
from webapp.kit import fingerprint, new_id
from webapp.store.activity import asked_by
from webapp.store.database import Database
from webapp.store.tables import Activity, Role, User

PASSWORD = "seven small boats"
ANOTHER = "eight large ships"


def done(database: Database) -> list[tuple[str, str | None]]:
    """What was done to whom, the first thing first."""
    with database.read() as session:
        return [(each.action, each.detail.get("name")) for each in session.exec(select(Activity).order_by("id"))]


def user(database: Database, name: str) -> User:
    with database.read() as session:
        return session.exec(select(User).where(User.name == name)).one()


@pytest.fixture
def ada(database: Database) -> User:
    return add_user(database, "Ada", Role.admin, PASSWORD)


@pytest.fixture
def olga(database: Database, ada: User) -> User:
    return add_user(database, "Olga", Role.operator, PASSWORD, by=ada)


def test_a_role_changes_and_twice_is_once(database: Database, ada: User, olga: User) -> None:
    for _ in range(2):
        set_role(database, olga.id, Role.viewer, by=ada)
    assert user(database, "Olga").role is Role.viewer
    assert done(database)[2:] == [("set_role", "Olga")]


def test_whoever_is_disabled_gets_in_by_nothing(database: Database, ada: User, olga: User) -> None:
    secret, token = open_session(database, olga.id), create_token(database, "Olga")
    link = new_link(database, olga.id, by=ada)
    disable(database, olga.id, by=ada)
    assert find_session(database, secret) is None
    assert find_token(database, token) is None
    assert authenticate(database, Throttle(), "Olga", PASSWORD, "here") is None
    with pytest.raises(NotFound):
        redeem_link(database, link, "Olga", ANOTHER)
    with pytest.raises(Refused, match="disabled"):
        new_link(database, olga.id)
    enable(database, olga.id, by=ada)
    assert find_session(database, secret) is None, "the session has ended for good"
    assert find_token(database, token) is not None
    assert authenticate(database, Throttle(), "olga", PASSWORD, "here") is not None


@pytest.mark.parametrize("how", ["disable", "role"])
def test_the_last_administrator_who_can_sign_in_stays(database: Database, ada: User, olga: User, how: str) -> None:
    def take(user_id: object) -> None:
        disable(database, user_id, by=ada) if how == "disable" else set_role(database, user_id, Role.viewer)  # type: ignore[arg-type]

    invited = add_user(database, "Ines", Role.admin, None)
    with pytest.raises(Refused, match="last administrator"):
        take(ada.id)
    set_role(database, olga.id, Role.admin)
    take(ada.id)
    with pytest.raises(Refused, match="last administrator"):
        take(olga.id)
    redeem_link(database, new_link(database, invited.id), "Ines", ANOTHER)
    take(olga.id)


def test_two_administrators_do_not_take_it_from_each_other_at_once(database: Database, ada: User) -> None:
    for turn in range(5):
        other = add_user(database, f"Bea {turn}", Role.admin, PASSWORD)

        def take(of: User, by: User) -> bool:
            try:
                set_role(database, of.id, Role.operator, by=by)
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(take, ada, other)
            second = threads.submit(take, other, ada)
            assert sorted([first.result(), second.result()]) == [False, True]
        assert sum(each.user.role is Role.admin for each in list_users(database)) == 1
        set_role(database, ada.id, Role.admin)
        set_role(database, other.id, Role.viewer)


def test_a_link_lets_somebody_choose_a_password_once(database: Database, ada: User) -> None:
    ines = add_user(database, "Ines", Role.viewer, None, by=ada)
    assert authenticate(database, Throttle(), "Ines", "", "here") is None
    first, second = new_link(database, ines.id, by=ada), new_link(database, ines.id, by=ada)
    with pytest.raises(NotFound):
        redeem_link(database, first, "Ines", PASSWORD)
    redeem_link(database, second, "Ines", PASSWORD)
    with pytest.raises(NotFound):
        redeem_link(database, second, "Ines", ANOTHER)
    assert authenticate(database, Throttle(), "Ines", PASSWORD, "here") is not None


def test_everybody_is_listed_with_their_last_sign_in_and_open_sessions(
    database: Database, ada: User, olga: User
) -> None:
    add_user(database, "bert", Role.viewer, PASSWORD)
    open_session(database, olga.id)
    open_session(database, olga.id)
    set_role(database, olga.id, Role.admin)
    disable(database, ada.id, by=olga)
    listed = list_users(database)
    assert [(each.user.name, each.sessions, each.user.signed_in_at is not None) for each in listed] == [
        ("bert", 0, False),
        ("Olga", 2, True),
        ("Ada", 0, False),
    ]


@pytest.mark.usefixtures("ada")
def test_who_is_not_there_is_said(database: Database) -> None:
    for act in (disable, enable, close_sessions, new_link):
        with pytest.raises(NotFound):
            act(database, new_id())
    with pytest.raises(NotFound):
        set_role(database, new_id(), Role.admin)
    with pytest.raises(NotFound, match="Nobody"):
        user_id_of(database, "Nobody")
    with pytest.raises(BadInput):
        add_user(database, "ADA", Role.viewer, None)
    assert done(database) == [("add_user", "Ada")]


def test_all_of_it_is_written_down_with_who_did_it_and_never_a_secret(
    database: Database, ada: User, olga: User
) -> None:
    with asked_by({"method": "POST", "path": "/users", "request_id": "abcdefgh"}):
        secret = open_session(database, olga.id)
        close_session(database, secret)
        close_session(database, secret)
        assert authenticate(database, Throttle(), "Olga", "wrong password", "here") is None
        assert authenticate(database, Throttle(), "hunter2 in the name", "x", "here") is None
        token = create_token(database, "Olga", by=olga)
        revoke_token(database, olga.id, fingerprint(token))
        set_password(database, olga.id, ANOTHER, by=ada)
        link = new_link(database, olga.id, by=ada)
        redeem_link(database, link, "Olga", PASSWORD)
        close_sessions(database, olga.id, by=ada)
    with database.read() as session:
        kept = session.exec(select(Activity).order_by("id")).all()[2:]
        session.expunge_all()
    o, a = olga.id, ada.id
    assert [(each.action, each.user_id) for each in kept] == [
        ("sign_in", o),
        ("sign_out", o),
        ("sign_in_failed", o),
        ("sign_in_failed", None),
        ("create_token", o),
        ("revoke_token", o),
        ("change_password", a),
        ("make_link", a),
        ("redeem_link", o),
        ("end_sessions", a),
    ]
    assert {each.request_id for each in kept} == {"abcdefgh"}
    told = " ".join(str(each.model_dump()) for each in kept)
    for hidden in (PASSWORD, ANOTHER, "wrong password", "hunter2", secret, token, link):
        assert hidden not in told
