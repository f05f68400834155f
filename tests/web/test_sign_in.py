"""In and out through the pages, as a browser sees it."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import select

from tests.schema import bring_schema
from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token, first_link, open_session
from webapp.accounts.throttle import SOURCE
from webapp.app import create_app
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Role, User, UserSession
from webapp.web.sign_in import local_path


def cookie(browser: Browser) -> str:
    return browser.cookies["batchdesk"]


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


# signing in


def test_a_fresh_desk_says_how_the_first_one_gets_in(browser: Browser, database: Database) -> None:
    page = browser.get("/sign-in").text
    assert "Nobody can sign in here yet" in page
    assert "An administrator can help" not in page
    secret = first_link(database)
    assert secret
    assert secret not in browser.get("/sign-in").text
    add_user(database, "Ann", Role.operator, PASSWORD)
    assert "An administrator can help" in browser.get("/sign-in").text


def test_a_stranger_is_asked_to_sign_in_and_led_back(browser: Browser, ann: User) -> None:
    asked = browser.get("/account?done=password")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/sign-in?next=/account%3Fdone%3Dpassword"
    page = browser.get(asked.headers["location"]).text
    assert 'value="/account?done=password"' in page
    answer = browser.post("/sign-in", data={"name": ann.name, "password": PASSWORD, "next": "/account?done=password"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert is_in(browser)


def test_who_is_signed_in_goes_on(ann_browser: Browser) -> None:
    assert ann_browser.get("/sign-in?next=/jobs").headers["location"] == "/jobs"


@pytest.mark.parametrize(("name", "password"), [("Ann", "wrong password"), ("Nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_read_the_same(browser: Browser, ann: User, name: str, password: str) -> None:
    assert ann.active
    answer = browser.sign_in(name, password)
    assert answer.status_code == 422
    assert "The name or the password is not right." in answer.text
    assert f'value="{name}"' in answer.text
    assert password not in answer.text
    assert not browser.cookies


def test_guessing_is_slowed_down_and_the_page_says_for_how_long(browser: Browser, ann: User) -> None:
    for _ in range(5):
        browser.sign_in(ann.name, "wrong password")
    answer = browser.sign_in(ann.name)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 21
    assert "Too many tries. Wait" in answer.text
    assert f'value="{ann.name}"' in answer.text


def test_a_forged_forwarded_address_does_not_help_to_guess(browser: Browser, ann: User) -> None:
    statuses = [
        browser.post(
            "/sign-in",
            data={"name": ann.name, "password": "wrong password"},
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(6)
    ]
    assert statuses == [422] * 5 + [429]


def test_the_name_is_shown_as_text(browser: Browser) -> None:
    answer = browser.sign_in('"><script>alert(1)</script>', "wrong password")
    assert "<script>alert" not in answer.text


def test_a_field_that_does_not_belong_there_is_refused(browser: Browser, ann: User) -> None:
    answer = browser.post("/sign-in", data={"name": ann.name, "password": PASSWORD, "role": "admin"})
    assert answer.status_code == 422
    assert not browser.cookies


def test_capitals_do_not_matter_in_a_name(browser: Browser, ann: User) -> None:
    assert browser.sign_in(ann.name.upper()).status_code == 303
    assert is_in(browser)


# the cookie


def test_the_cookie_on_plain_http(browser: Browser, ann: User) -> None:
    header = browser.sign_in(ann.name).headers["set-cookie"]
    assert re.fullmatch(r"batchdesk=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax", header)


def test_the_cookie_on_https(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, base_url="https://desk.example", workers=0)
    database = Database(settings.database)
    bring_schema(database)
    add_user(database, "Ann", Role.operator, PASSWORD)
    browser = Browser(create_app(settings), "https://desk.example")
    header = browser.sign_in("Ann").headers["set-cookie"]
    expected = r"__Host-batchdesk=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax; Secure"
    assert re.fullmatch(expected, header)
    assert is_in(browser)
    gone = browser.post("/sign-out").headers["set-cookie"]
    assert gone.startswith('__Host-batchdesk=""; ')
    assert "Secure" in gone
    database.close()


def test_signing_in_never_takes_over_a_session_that_was_there(browser: Browser, ann: User) -> None:
    browser.cookies.set("batchdesk", "planted-by-somebody-else", domain="127.0.0.1")
    browser.sign_in(ann.name)
    assert cookie(browser) != "planted-by-somebody-else"


def test_signing_in_again_ends_the_session_before(ann_browser: Browser, ann: User, database: Database) -> None:
    before = cookie(ann_browser)
    ann_browser.sign_in(ann.name)
    assert cookie(ann_browser) != before
    with database.read() as session:
        assert len(session.exec(select(UserSession)).all()) == 1


# signing out


def test_signing_out_ends_the_session_on_the_server(ann_browser: Browser) -> None:
    kept = cookie(ann_browser)
    answer = ann_browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert not ann_browser.cookies
    ann_browser.cookies.set("batchdesk", kept, domain="127.0.0.1")
    assert not is_in(ann_browser)


def test_signing_out_twice_is_no_error(browser: Browser) -> None:
    assert browser.post("/sign-out").status_code == 303


def test_nobody_is_signed_out_by_a_link(ann_browser: Browser) -> None:
    assert ann_browser.get("/sign-out").status_code == 405
    assert is_in(ann_browser)


# where to after signing in


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "\t//evil.example",
        "/\t/evil.example", "///evil.example", "http://127.0.0.1:8000@evil.example", "data:text/html,x",
        "javascript:alert(1)", "/jobs\r\nSet-Cookie: x=1", "", "jobs", "/" + "x" * 3000, "/sign-in",
        "/sign-out", " /jobs", "/a b",
    ],
)  # fmt: skip
def test_a_link_to_us_sends_nobody_elsewhere(address: str) -> None:
    assert local_path(address) == "/"


@pytest.mark.parametrize("address", ["/", "/jobs", "/jobs/1?state=failed&after=x", "/%09/evil.example", "/jobs#row-3"])
def test_our_own_addresses_are_followed(address: str) -> None:
    assert local_path(address) == address


# the one-time link


def test_the_first_administrator_gets_in_by_the_link(browser: Browser, database: Database) -> None:
    link = first_link(database)
    for _ in range(3):
        page = browser.get(f"/welcome?link={link}")
        assert page.status_code == 200
    assert not browser.cookies
    answer = browser.post("/welcome", data={"link": link, "name": "Grace", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Grace" in browser.get("/account").text
    again = browser.get(f"/welcome?link={link}")
    assert again.status_code == 404
    assert "prints a new link at each start" in again.text


def test_a_refused_password_keeps_link_and_name(browser: Browser, database: Database) -> None:
    link = first_link(database)
    answer = browser.post("/welcome", data={"link": link, "name": "Grace", "password": "short"})
    assert answer.status_code == 422
    assert "Use at least 10 characters." in answer.text
    assert f'value="{link}"' in answer.text
    assert 'value="Grace"' in answer.text


@pytest.mark.parametrize("link", ["", "made-up"])
def test_a_made_up_link_lets_nobody_in(browser: Browser, database: Database, link: str) -> None:
    assert first_link(database)
    assert browser.get(f"/welcome?link={link}").status_code == 404
    answer = browser.post("/welcome", data={"link": link, "name": "Mallory", "password": PASSWORD})
    assert answer.status_code == 404
    assert not browser.cookies


def test_made_up_links_are_throttled_by_where_they_come_from(app: FastAPI, database: Database) -> None:
    link = first_link(database)
    stranger = Browser(app, source="198.51.100.9")
    made_up = {"link": "made-up", "name": "Mallory", "password": PASSWORD}
    answers = [stranger.post("/welcome", data=made_up) for _ in range(SOURCE.tries + 1)]
    assert [answer.status_code for answer in answers] == [404] * SOURCE.tries + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    good = {"link": link, "name": "Grace", "password": PASSWORD}
    assert Browser(app).post("/welcome", data=good).status_code == 303


# the account page


def test_another_password_keeps_this_browser_and_ends_the_others(
    ann_browser: Browser, ann: User, database: Database
) -> None:
    elsewhere = open_session(database, ann.id)
    before = cookie(ann_browser)
    answer = ann_browser.post("/account/password", data={"current": PASSWORD, "password": "nine tall ships"})
    assert answer.status_code == 303
    assert "Your password is changed." in ann_browser.get(answer.headers["location"]).text
    for old in (elsewhere, before):
        ann_browser.cookies.clear()
        ann_browser.cookies.set("batchdesk", old, domain="127.0.0.1")
        assert not is_in(ann_browser)
    assert ann_browser.sign_in(ann.name, "nine tall ships").status_code == 303


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"current": "wrong password", "password": "nine tall ships"}, "This is not your present password."),
        ({"current": PASSWORD, "password": "short"}, "Use at least 10 characters."),
    ],
)
def test_a_refused_change_says_why_beside_the_field(ann_browser: Browser, form: dict[str, str], sentence: str) -> None:
    answer = ann_browser.post("/account/password", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert is_in(ann_browser)


def test_a_token_is_shown_once_and_can_be_revoked(ann_browser: Browser) -> None:
    made = ann_browser.post("/account/tokens")
    assert made.status_code == 201
    found = re.search(r'id="secret">([\w-]{43})<', made.text)
    assert found
    assert ann_browser.get("/account/tokens").headers["location"] == "/account"
    page = ann_browser.get("/account").text
    assert found[1] not in page
    revoke = re.search(r'action="(/account/tokens/[0-9a-f]{64}/revocation)"', page)
    assert revoke
    assert "revoked" in ann_browser.get(ann_browser.post(revoke[1]).headers["location"]).text
    assert revoke[1] not in ann_browser.get("/account").text


def test_nobody_sees_or_revokes_the_tokens_of_another(ann_browser: Browser, database: Database) -> None:
    bob = add_user(database, "Bob", Role.admin, PASSWORD)
    create_token(database, bob.name)
    assert "/revocation" not in ann_browser.get("/account").text.replace("/account/sessions/revocation", "")
    assert ann_browser.post(f"/account/tokens/{'0' * 64}/revocation").status_code == 404


def test_signing_out_everywhere_ends_this_session_too(ann_browser: Browser, ann: User, database: Database) -> None:
    open_session(database, ann.id)
    assert ann_browser.post("/account/sessions/revocation").headers["location"] == "/sign-in"
    with database.read() as session:
        assert not session.exec(select(UserSession)).all()


def test_a_disabled_user_is_out_with_the_next_request(ann_browser: Browser, ann: User, database: Database) -> None:
    with database.write() as session:
        session.add(ann)
        ann.active = False
    assert not is_in(ann_browser)
