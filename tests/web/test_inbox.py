"""The inbox and what is chosen about it, as pages and as addresses for programs."""

import html
import re

import pytest
from sqlmodel import select

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.jobs.news.inbox import put
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Channel, Delivery, Fate, InboxEntry, Job, Message, NewsChoice, Role, State, User
from webapp.web.badge import Inbox
from webapp.web.badge_view import Badge
from webapp.web.desk import Desk

FORM = {"ways": ["well:inbox", "failed:mail", "failed:webhook", "any_failed:mail", "x:y"], "mail": "ann@example.com"}

MAIL = {"ways": ["failed:mail"], "mail": "ann@example.com"}


def write(database: Database, user: User, number: int, link: str | None = "/jobs") -> str:
    """A message for somebody; the address of its entry."""
    message = Message(title=f"News {number}", text="First <b>line</b>\nsecond", link=link)
    entry = InboxEntry(message_id=message.id, user_id=user.id, popup=True)
    with database.write() as session:
        put(session, message, [entry])
    return f"/inbox/{entry.id}"


def titles(page: str) -> list[str]:
    return re.findall(r"News \d+(?=</h2>)", page)


def unread(page: str) -> list[str]:
    """What the badge says."""
    return re.findall(r'<span class="unread">([^<]*)<', page)


def test_messages_are_read_page_by_page_newest_first(ann_browser: Browser, ann: User, database: Database) -> None:
    for number in range(30):
        write(database, ann, number)
    first = ann_browser.get("/inbox").text
    assert titles(first) == [f"News {number}" for number in range(29, 4, -1)]
    assert unread(first) == ["30"]
    assert "First &lt;b&gt;line" in first
    older = html.unescape(re.findall(r'rel="next" href="([^"]+)"', first)[0])
    second = ann_browser.get(older).text
    assert titles(second) == [f"News {number}" for number in range(4, -1, -1)]
    newer = html.unescape(re.findall(r'rel="prev" href="([^"]+)"', second)[0])
    assert titles(ann_browser.get(newer).text) == titles(first)
    assert titles(ann_browser.get("/inbox/list").text) == titles(first)


def test_one_is_read_by_pressing_or_by_going_where_it_leads(
    ann_browser: Browser, ann: User, database: Database
) -> None:
    one, other = write(database, ann, 1), write(database, ann, 2, link="/schedules")
    assert ann_browser.post(f"{one}/read", data={}).headers["location"] == "/inbox"
    assert unread(ann_browser.get("/jobs").text) == ["1"]
    assert ann_browser.post(f"{other}/opening", data={}).headers["location"] == "/schedules"
    assert unread(ann_browser.get("/jobs").text) == []
    assert ann_browser.post(f"{other}/opening", data={}).status_code == 303, "twice is once"


def test_all_are_read_as_far_as_they_were_seen(ann_browser: Browser, ann: User, database: Database) -> None:
    write(database, ann, 1)
    seen = re.findall(r'name="until" value="([^"]+)"', ann_browser.get("/inbox").text)[0]
    write(database, ann, 2)
    assert ann_browser.post("/inbox/read", data={"until": seen}).status_code == 303
    assert unread(ann_browser.get("/inbox").text) == ["1"]


def test_nobody_reads_or_marks_what_is_for_others(
    ann_browser: Browser, ada_browser: Browser, ann: User, database: Database
) -> None:
    entry = write(database, ann, 1)
    assert titles(ada_browser.get("/inbox").text) == []
    for path in (f"{entry}/read", f"{entry}/opening"):
        assert ada_browser.post(path, data={}).status_code == 404
    ada_browser.post("/inbox/read", data={})
    assert unread(ann_browser.get("/inbox").text) == ["1"]


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (7, "7"), (99, "99"), (100, "99+")])
def test_a_badge_counts_to_a_hundred(count: int, shown: str) -> None:
    assert Badge(count).number == shown


def test_the_badge_changes_with_what_comes_and_what_is_read(desk: Desk, ann: User, database: Database) -> None:
    topic = Inbox(desk, ann.id)
    before = topic.version()
    entry = write(database, ann, 1)
    after = topic.render()
    assert (after.version != before, unread(after.html)) == (True, ["1"])
    assert f'data-popup="{entry.removeprefix("/inbox/")}"' in after.html
    with database.write() as session:
        session.exec(select(InboxEntry)).one().read_at = now()
    assert topic.version() not in {before, after.version}


def test_a_program_reads_and_marks(ann_browser: Browser, ann: User, database: Database) -> None:
    token = {"Authorization": f"Bearer {create_token(database, ann.name)}", "Accept": "application/json"}
    for number in range(3):
        write(database, ann, number)
    page = ann_browser.get("/api/v1/inbox?limit=2", headers=token).json()
    assert ([each["title"] for each in page["messages"]], page["unread"]) == (["News 2", "News 1"], 3)
    rest = ann_browser.get(page["next"], headers=token).json()
    assert ([each["title"] for each in rest["messages"]], rest["next"]) == (["News 0"], None)
    one = page["messages"][0]["id"]
    for _ in range(2):
        assert ann_browser.post(f"/api/v1/inbox/{one}/read", headers=token).status_code == 204
    marked = ann_browser.post("/api/v1/inbox/read", headers=token, json={"until": page["messages"][1]["id"]})
    assert marked.json() == {"marked": 2}
    assert ann_browser.get("/api/v1/inbox", headers=token).json()["unread"] == 0
    for path in ("/api/v1/inbox?limit=0", "/api/v1/inbox?limit=101", "/api/v1/inbox?page=2", "/api/v1/inbox?before=x"):
        assert ann_browser.get(path, headers=token).status_code == 422, path
    assert ann_browser.post("/api/v1/inbox/read", headers=token, json={"all": True}).status_code == 422


def test_what_is_chosen_is_kept_and_a_secret_shown_once(ann_browser: Browser, ann: User, desk: Desk) -> None:
    form = {**FORM, "webhook": "https://chat.example/hook"}
    answer = ann_browser.post("/notifications", data=form)
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    with desk.database.read() as session:
        kept = session.get_one(NewsChoice, ann.id)
    assert kept.ways == {"well": ["inbox"], "needs_me": [], "failed": ["mail", "webhook"]}
    assert secret not in (kept.secret or "")
    assert desk.submissions.secrets.unlock(kept.secret) == {"secret": secret}
    page = ann_browser.get("/notifications").text
    assert "whsec_" not in page
    assert set(re.findall(r'value="([a-z_]+:[a-z]+)"[^>]* checked', page)) == {
        "well:inbox",
        "failed:mail",
        "failed:webhook",
    }
    assert ann_browser.post("/notifications", data=form).status_code == 303, "nothing new, no new secret"
    renewed = re.findall(r"whsec_[A-Za-z0-9+/=]+", ann_browser.post("/notifications/secret", data={}).text)
    assert renewed != [secret]
    ann_browser.post("/notifications", data={**form, "webhook": "", "ways": []})
    assert ann_browser.post("/notifications/secret", data={}).status_code == 409


BAD = [
    ({"mail": "ann@"}, "mail", "is not an e-mail address"),
    ({"mail": "ann@example.com, bob@example.com"}, "mail", "one plain address"),
    ({"mail": "", "ways": ["well:mail"]}, "mail", "say where to"),
    ({"webhook": "chat.example"}, "webhook", "http"),
    ({"webhook": "ftp://chat.example/"}, "webhook", "http"),
    ({"webhook": "https://chat example/"}, "webhook", "space"),
    ({"webhook": "https://u:p@chat.example/"}, "webhook", "."),
    ({"webhook": "https://chat.example/" + "x" * 2_000}, "webhook", "longer than 2,000"),
    ({"webhook": "", "ways": ["well:webhook"]}, "webhook", "say which"),
]


@pytest.mark.parametrize(("changes", "field", "said"), BAD)
def test_bad_entries_are_refused_beside_their_field_and_nothing_is_lost(
    ann_browser: Browser, desk: Desk, changes: dict[str, object], field: str, said: str
) -> None:
    answer = ann_browser.post("/notifications", data={**FORM, "ways": ["well:inbox"], **changes})
    assert answer.status_code == 422
    (summary,) = re.findall(rf'<a href="#{field}">([^<]+)</a>', answer.text)
    assert said in html.unescape(summary)
    for value in (str(value) for name, value in changes.items() if name != "ways" and value):
        assert html.escape(value) in answer.text, "what was typed is still there"
    with desk.database.read() as session:
        assert session.exec(select(NewsChoice)).first() is None


def test_only_administrators_hear_of_others_jobs(ann_browser: Browser, ada_browser: Browser) -> None:
    assert "A job of somebody else failed" not in ann_browser.get("/notifications").text
    assert "A job of somebody else failed" in ada_browser.get("/notifications").text


def test_a_test_goes_to_each_address_and_is_listed(ann_browser: Browser, ann: User, database: Database) -> None:
    assert ann_browser.post("/notifications/test", data={}).status_code == 409
    ann_browser.post("/notifications", data=MAIL)
    answer = ann_browser.post("/notifications/test", data={})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications?done=test#sent-title")
    page = ann_browser.get("/notifications?done=test").text
    assert page.index("Send a test") < page.index("A test is on its way") < page.index('id="sent"'), "beside its button"
    with database.write() as session:
        delivery = session.exec(select(Delivery)).one()
        assert (delivery.user_id, delivery.channel, delivery.address) == (ann.id, Channel.mail, "ann@example.com")
        delivery.fate, delivery.said, delivery.tries = Fate.failed, "It is not there.", 3
    for path in ("/notifications", "/notifications/sent"):
        page = ann_browser.get(path).text
        assert all(words in page for words in ("A test from your desk", "It is not there.", "3 tries", "Failed")), path


def test_tests_are_not_sent_without_end(ann_browser: Browser) -> None:
    ann_browser.post("/notifications", data=MAIL)
    statuses = [ann_browser.post("/notifications/test", data={}).status_code for _ in range(21)]
    assert statuses == [303] * 20 + [409]


def test_looking_at_a_job_reads_what_the_desk_told_of_it(ann_browser: Browser, ann: User, database: Database) -> None:
    job = Job(number=1, owner_id=ann.id, job_type="load_table", state=State.completed)
    other = Job(number=2, owner_id=ann.id, job_type="load_table", state=State.completed)
    with database.write() as session:
        session.add_all([job, other])
        session.flush()
        for about, author in ((job, None), (other, None), (job, ann.id)):
            message = Message(title="News", text="It ended.", job_id=about.id, author_id=author)
            put(session, message, [InboxEntry(message_id=message.id, user_id=ann.id)])
    address = f"/jobs/{job.id}"
    page = ann_browser.get(address).text
    assert f'hx-post="{address}/news"' in page
    assert unread(ann_browser.get(address).text) == ["3"], "asking for the page changes nothing"
    assert ann_browser.post(f"{address}/news").status_code == 204
    page = ann_browser.get(address).text
    assert unread(page) == ["2"], "not what was told of another job, nor what somebody wrote"
    assert "/news" not in page
    answer = ann_browser.post(f"/jobs/{other.id}/news?back=true")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{other.id}")
    assert unread(ann_browser.get("/inbox").text) == ["1"]


def test_what_was_told_of_a_job_of_somebody_else_is_nowhere(ann_browser: Browser, database: Database) -> None:
    bob = add_user(database, "Bob", Role.operator, PASSWORD)
    job = Job(number=1, owner_id=bob.id, job_type="load_table", state=State.completed)
    with database.write() as session:
        session.add(job)
    assert ann_browser.post(f"/jobs/{job.id}/news").status_code == 404
