"""Who is told of a job's end, by which ways and in which words."""

import pytest
from sqlmodel import col, select

from tests.jobs.bench import Bench, items
from webapp.authoring import load_registry
from webapp.jobs.claims import release
from webapp.jobs.deeds import Action
from webapp.jobs.housekeeping import forget_old_news
from webapp.jobs.news import inbox
from webapp.jobs.news.choices import Event, Way
from webapp.jobs.news.words import in_one_line, words_for
from webapp.kit import new_id, now
from webapp.store.tables import Delivery, InboxEntry, Job, Message, NewsChoice, Role, State, User

pytestmark = pytest.mark.both_databases


def letters(bench: Bench, user: User) -> list[tuple[str, str]]:
    """What somebody finds in the desk, newest first."""
    with bench.database.read() as session:
        return [(each.message.title, each.message.text) for each in inbox.page_of(session, user).letters]


def unread(bench: Bench, user: User) -> int:
    with bench.database.read() as session:
        return inbox.unread(session, user.id)


def choose(bench: Bench, user: User, *ways: Way, mail: str | None = None, webhook: str | None = None) -> None:
    """Have somebody hear of what ended well in these ways."""
    with bench.database.write() as session:
        session.merge(NewsChoice(user_id=user.id, ways={Event.well: list(ways)}, mail=mail, webhook=webhook))


def deliveries(bench: Bench) -> list[Delivery]:
    with bench.database.read() as session:
        found = list(session.exec(select(Delivery).order_by(col(Delivery.id))))
        session.expunge_all()
    return found


def test_the_owner_finds_the_sum_and_what_to_do_next(bench: Bench) -> None:
    bench.run("keep_rows", items(5))
    bench.run("keep_rows", items(1000, r7="reject", r9="reject"))
    job = bench.run("keep_rows", items(5, r4="give up"))
    assert job.state is State.failed
    failed, mend, well = letters(bench, bench.user)
    assert well == ("Job 1, items.csv: All 5 rows done.", "Nothing is left to do.")
    assert mend[0] == "Job 2, items.csv: 998 of 1,000 rows done. 2 need you."
    assert mend[1].startswith("Open the job, see what is wrong with each of these rows")
    assert failed[0] == "Job 3, items.csv: Stopped. 3 of 5 rows done. 1 needs you."
    assert failed[1].endswith("Open the job: it says what can be done.")
    assert unread(bench, bench.user) == 3


def test_administrators_are_told_of_what_failed_for_others_and_nobody_else(bench: Bench) -> None:
    boss, other = bench.person("boss", Role.admin), bench.person("other")
    with bench.database.write() as session:
        session.add(User(name="left", role=Role.admin, active=False))
    bench.run("keep_rows", items(5))
    job = bench.run("keep_rows", items(5, r4="give up"))
    assert [title for title, _ in letters(bench, boss)] == [
        f"ada’s job {job.number}, items.csv: Stopped. 3 of 5 rows done."
    ]
    assert letters(bench, other) == []
    with bench.database.read() as session:
        assert len(session.exec(select(InboxEntry)).all()) == 3


def test_who_calls_a_job_off_is_not_told_of_it(bench: Bench) -> None:
    bench.act(bench.submit("keep_rows", items(5)), Action.cancel)
    assert letters(bench, bench.user) == []


def test_a_worker_that_was_lost_too_often_is_told_of(bench: Bench) -> None:
    bench.submit("keep_rows", items(5))
    for _ in range(3):
        release(bench.database, bench.claim(), lost=True)
    assert [title for title, _ in letters(bench, bench.user)] == ["Job 1, items.csv: Stopped. 0 of 5 rows done."]


def test_each_event_goes_the_ways_that_were_chosen(bench: Bench) -> None:
    choose(bench, bench.user, Way.mail, Way.webhook, mail="ada@example.com", webhook="https://hooks.example/x")
    job = bench.run("keep_rows", items(5))
    assert letters(bench, bench.user) == []
    told = {(each.channel.value, each.address, each.event, each.title) for each in deliveries(bench)}
    title = "Job 1, items.csv: All 5 rows done."
    assert told == {("mail", "ada@example.com", "well", title), ("webhook", "https://hooks.example/x", "well", title)}
    body = deliveries(bench)[0].body
    assert (body["id"], body["state"], body["received"], body["done"]) == (str(job.id), "completed", 5, 5)
    bench.run("keep_rows", items(5, r2="reject"))
    assert len(letters(bench, bench.user)) == 1, "of what was not chosen, the usual"
    assert len(deliveries(bench)) == 2


def test_nothing_is_told_that_nobody_wants_or_that_has_no_address(bench: Bench) -> None:
    choose(bench, bench.user)
    bench.run("keep_rows", items(5))
    choose(bench, bench.user, Way.mail, Way.webhook)
    bench.run("keep_rows", items(5))
    assert (letters(bench, bench.user), deliveries(bench)) == ([], [])


def test_what_only_the_browser_shows_makes_no_number(bench: Bench) -> None:
    choose(bench, bench.user, Way.popup)
    bench.run("keep_rows", items(5))
    assert unread(bench, bench.user) == 0
    with bench.database.read() as session:
        titles = [message.title for _, message in inbox.popups(session, bench.user.id)]
        assert titles == ["Job 1, items.csv: All 5 rows done."]


def test_an_end_that_is_not_kept_is_not_told_of(bench: Bench) -> None:
    bench.submit("keep_rows", items(3))
    old = bench.claim()
    release(bench.database, old, lost=True)
    bench.claim()
    release(bench.database, old, lost=True)  # not its claim any more
    assert letters(bench, bench.user) == []


def test_messages_are_read_one_by_one_or_as_far_as_they_were_seen(bench: Bench) -> None:
    other = bench.person("other")
    for _ in range(3):
        bench.run("keep_rows", items(2))
    with bench.database.write() as session:
        newest, middle, oldest = inbox.page_of(session, bench.user).letters
        inbox.mark_read(session, bench.user, middle.entry.id)
        inbox.mark_read(session, bench.user, middle.entry.id)
        assert inbox.unread(session, bench.user.id) == 2
        assert inbox.mark_all_read(session, other) == 0
        assert inbox.mark_all_read(session, bench.user, until=middle.entry.id) == 1
        assert [each.entry.id for each in inbox.page_of(session, bench.user, size=2).letters] == [
            newest.entry.id,
            middle.entry.id,
        ]
        older = inbox.page_of(session, bench.user, before=middle.entry.id)
        assert ([each.entry.id for each in older.letters], older.newer) == ([oldest.entry.id], oldest.entry.id)
        assert inbox.unread(session, bench.user.id) == 1


def test_old_messages_are_forgotten(bench: Bench) -> None:
    for _ in range(3):
        bench.run("keep_rows", items(2))
    with bench.database.write() as session:
        new, read, ancient = inbox.page_of(session, bench.user).letters
        read.entry.read_at = now() - inbox.KEPT * 1.1
        for letter in (read, ancient):
            letter.message.created_at = now() - inbox.KEPT * 1.2
        ancient.message.created_at = now() - inbox.KEPT_UNREAD * 1.1
        for letter in (read, ancient):
            session.add_all([letter.message, letter.entry])
    forget_old_news(bench.database)
    with bench.database.read() as session:
        assert list(session.exec(select(Message.id))) == [new.message.id]
        assert list(session.exec(select(InboxEntry.id))) == [new.entry.id]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a\nb\x00c\u2028d.csv", "a b c d.csv"),
        ("=?utf-8?q?x?=.csv", "= ?utf-8?q?x?=.csv"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_whatever_a_file_is_called_it_stands_in_one_line(given: str, shown: str) -> None:
    assert in_one_line(given) == shown


def test_a_job_without_rows_has_words_too() -> None:
    job = Job(number=7, owner_id=new_id(), job_type="make_codes", state=State.completed)
    assert words_for(job).title == "Job 7, Make codes: done."
    job.state, job.problem = State.failed, "The disk is full."
    assert words_for(job, "Olga").title == "Olga’s job 7, Make codes: did not work."
    assert words_for(job).text.startswith("The disk is full. ")
    job.state, job.problem, job.received, job.done, job.unknown = State.needs_attention, None, 2, 1, 1
    assert words_for(job).title == "Job 7, Make codes: 1 of 2 rows done. 1 needs you."
    assert "Of 1 row nobody knows" in words_for(job).text
    job.problem = "One mail was refused."
    assert words_for(job).text.startswith("One mail was refused. Of 1 row nobody knows")
    job.done, job.unknown = 2, 0
    assert words_for(job).title == "Job 7, Make codes: All 2 rows done. Something needs you."
    assert words_for(job).text == "One mail was refused. Open the job, and say there that you have seen to it."
    job = Job(number=8, owner_id=job.owner_id, job_type="load_table", state=State.completed, undo_of=job.id)
    job.received, job.done = 2, 2
    load_registry()
    assert words_for(job).title == "Job 8, Undo: Load rows into a table: All 2 rows taken back."
    job.done, job.failed, job.state = 1, 1, State.completed_with_errors
    assert "stay as they are" in words_for(job).text
