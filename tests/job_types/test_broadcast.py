"""Telling people something: each of them once, whatever becomes of the worker; and taking it back."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from tests.jobs.bench import Bench
from webapp.errors import BadInput, NotAllowed
from webapp.jobs.news import inbox
from webapp.jobs.run import run_claim
from webapp.store.tables import InboxEntry, Job, Message, Role, State, User

SAID = {"title": "Closed on Friday", "text": "We count the stock.\n\nAsk Ada."}


@pytest.fixture
def bench(tmp_path: Path, database_settings: dict[str, Any]) -> Iterator[Bench]:
    """A desk whose jobs are worked on by hand."""
    bench = Bench(tmp_path / "data", **database_settings)
    yield bench
    bench.close()


@pytest.fixture
def people(bench: Bench) -> dict[str, User]:
    """Ada may send messages; Vera looks, Olga and Paul work, and Gone has left."""
    roles = {"Vera": Role.viewer, "Olga": Role.operator, "Paul": Role.operator, "Boss": Role.admin, "Gone": Role.admin}
    people = {name: bench.person(name, role) for name, role in roles.items()}
    with bench.database.write() as session:
        session.get_one(User, people["Gone"].id).active = False
        ada = session.get_one(User, bench.user.id)
        ada.role = Role.admin
        bench.user = ada
    return {**people, "ada": bench.user}


def heard(bench: Bench, people: dict[str, User], *, unread: bool = False) -> set[str]:
    """Who has a message in the inbox that is not about a job's end."""
    with bench.database.read() as session:
        sent = select(InboxEntry.user_id).join(Message, Message.id == InboxEntry.message_id)  # type: ignore[arg-type]
        new = [col(InboxEntry.read_at).is_(None)] if unread else []
        found = set(session.exec(sent.where(Message.title == SAID["title"], *new)))
    return {name for name, user in people.items() if user.id in found}


def told(bench: Bench, job: Job) -> list[tuple[int, str, str | None]]:
    return [(each.first_row, each.outcome.value, each.reason) for each in bench.entries(job.id)]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("params", "who"),
    [
        ({}, {"ada", "Boss", "Olga", "Paul", "Vera"}),
        ({"to": "roles", "roles": ["operator"]}, {"Olga", "Paul"}),
        ({"to": "roles", "roles": ["viewer", "admin"]}, {"ada", "Boss", "Vera"}),
        ({"to": "people", "names": ["olga", " Vera "]}, {"Olga", "Vera"}),
    ],
)
def test_whom_it_is_for_hears_it(bench: Bench, people: dict[str, User], params: dict[str, Any], who: set[str]) -> None:
    job = bench.run("broadcast", **SAID, **params)
    assert (job.state, job.received, job.done) == (State.completed, len(who), len(who)), job.problem
    assert heard(bench, people) == who
    assert heard(bench, people, unread=True) == who - {"ada"}, "the author knows what it says"
    with bench.database.read() as session:
        letter = inbox.page_of(session, people[min(who - {"ada"})]).letters[0]
    assert (letter.message.title, letter.message.text) == (SAID["title"], SAID["text"])
    assert (letter.author, letter.entry.read_at) == ("ada", None)


def test_each_name_has_an_outcome(bench: Bench, people: dict[str, User]) -> None:
    job = bench.run("broadcast", **SAID, to="people", names=["Olga", "Nobody", "Gone", "OLGA", "Paul"])
    assert (job.state, heard(bench, people)) == (State.completed_with_errors, {"Olga", "Paul"})
    assert told(bench, job) == [
        (1, "done", None),
        (2, "rejected", "Nobody of this name may sign in here."),
        (3, "skipped", "Gone’s account is closed"),
        (4, "skipped", "Olga is named twice"),
        (5, "done", None),
    ]


def test_a_thousand_people_are_told_in_one_go(bench: Bench, people: dict[str, User]) -> None:
    with bench.database.write() as session:
        session.add_all(User(name=f"person {number}", role=Role.operator) for number in range(1_200))
    job = bench.run("broadcast", **SAID)
    assert (job.done, heard(bench, people)) == (1_205, set(people) - {"Gone"})


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"title": ""}, "title", "Title is empty"),
    ({"title": "   "}, "title", "Write a title"),
    ({"title": "two\nlines"}, "title", "on one line"),
    ({"title": "x" * 151}, "title", "150"),
    ({"text": " \n "}, "text", "Write what you have to say"),
    ({"text": "x" * 5_001}, "text", "5000|5,000"),
    ({"link": "https://evil.example/"}, "link", "a page of this desk"),
    ({"link": "//evil.example/"}, "link", "a page of this desk"),
    ({"link": "/\\evil.example"}, "link", "a page of this desk"),
    ({"link": "javascript:alert(1)"}, "link", "a page of this desk"),
    ({"link": "/jobs\n"}, "link", "a page of this desk"),
    ({"to": "friends"}, "to", "everybody"),
    ({"to": "roles"}, "roles", "at least one role"),
    ({"to": "roles", "roles": ["boss"]}, "roles", "."),
    ({"to": "people"}, "names", "at least one person"),
    ({"to": "people", "names": [" "]}, "names", "at least one person"),
    ({"to": "people", "names": ["x"] * 1_001}, "names", "1000|1,000"),
]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(("params", "field", "words"), BAD)
def test_bad_entries_are_refused_beside_their_field(
    bench: Bench, params: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        bench.submit("broadcast", **{**SAID, **params})
    (problem,) = [text for name, text in refused.value.problems.items() if name.startswith(field)]
    assert any(word in problem for word in words.split("|")), problem


@pytest.mark.usefixtures("people")
def test_a_role_that_nobody_has_is_said(bench: Bench) -> None:
    with bench.database.write() as session:
        session.delete(session.exec(select(User).where(User.name == "Vera")).one())
    job = bench.run("broadcast", **SAID, to="roles", roles=["viewer"])
    assert (job.state, job.problem) == (
        State.failed,
        "Nobody has such a role, so nobody was told. Choose others.",
    )


def test_only_administrators_may(bench: Bench) -> None:
    with pytest.raises(NotAllowed, match="is for administrators"):
        bench.submit("broadcast", **SAID)


@pytest.mark.both_databases
@pytest.mark.parametrize("where", ["before the account", "behind the account"])
def test_nobody_hears_it_twice_or_not_at_all_after_a_crash(
    bench: Bench, people: dict[str, User], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.submit("broadcast", **SAID)
    name = {"before the account": "webapp.jobs.work.Work.commit", "behind the account": "webapp.jobs.ending.finish"}
    monkeypatch.setattr(name[where], dies)
    pid = os.fork()
    if pid == 0:
        try:
            run_claim(Bench(bench.settings.data, database_url=bench.settings.database_url).work())
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    monkeypatch.undo()
    with bench.database.write() as session:
        session.get_one(Job, job_id).state = State.queued
    job = bench.run_waiting(job_id)
    assert (job.state, job.done) == (State.completed, 5)
    with bench.database.read() as session:
        assert len(session.exec(select(InboxEntry).where(InboxEntry.message_id == job_id)).all()) == 5
    assert heard(bench, people) == set(people) - {"Gone"}


def dies(*_: object, **__: object) -> None:
    os._exit(9)


@pytest.mark.both_databases
def test_undo_takes_it_back_from_those_who_have_not_read_it(bench: Bench, people: dict[str, User]) -> None:
    job = bench.run("broadcast", **SAID)
    with bench.database.write() as session:
        mine = select(InboxEntry).where(InboxEntry.user_id == people["Olga"].id)
        inbox.mark_read(session, people["Olga"], session.exec(mine).one().id)
    undone = bench.run_waiting(bench.control().undo(bench.user, job.id).id)
    assert (undone.state, heard(bench, people)) == (State.completed, {"Olga"})


def test_who_is_no_administrator_any_more_can_neither_start_nor_undo_it(bench: Bench, people: dict[str, User]) -> None:
    job = bench.run("broadcast", **SAID)
    with bench.database.write() as session:
        session.get_one(User, bench.user.id).role = Role.operator
    with bench.database.read() as session:
        ada = session.get_one(User, bench.user.id)
    with pytest.raises(NotAllowed):
        bench.control().undo(ada, job.id)
    with pytest.raises(NotAllowed):
        bench.control().run_again(ada, job.id)
    assert heard(bench, people)
