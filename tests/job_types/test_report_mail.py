"""A report that is mailed: with its files, once to each, by hand and on a schedule; counted where the mails arrive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from tests.job_types.desk import Desk
from tests.job_types.readers import table_of_csv, tables_of_book, tables_of_page, words_of_pdf
from tests.job_types.test_report import add_job
from tests.mail_server import DROP, LOSE, MailSink
from webapp.jobs.firing import fire_due
from webapp.jobs.plan import Plan, When
from webapp.jobs.run import run_claim
from webapp.jobs.schedules import Schedules
from webapp.services.reports import post
from webapp.store.tables import Job, Schedule, State

ADA, BOB = "ada@example.com", "bob@example.com"
SHORT = {"sections": ["summary"], "formats": ["csv"], "period": "all"}


@pytest.fixture
def desk_settings(sink: MailSink) -> dict[str, Any]:
    return {"mail_server": sink.address, "mail_from": "The Desk <desk@example.org>"}


def recipients(sink: MailSink) -> list[str]:
    return [address for mail in sink.taken for address in mail.recipients]


def test_each_gets_a_mail_of_their_own_with_the_files(desk: Desk, sink: MailSink) -> None:
    wanted = {"title": "What we did", "sections": ["summary"], "formats": ["html", "pdf", "xlsx", "csv"]}
    ran = desk.run("report", None, **wanted, period="today", mail_to=[ADA, BOB, "ADA@example.com"])
    assert ran.job.state is State.completed
    assert sorted(recipients(sink)) == sorted(["ADA@example.com", BOB])
    message = sink.taken[0].message
    today = datetime.now(UTC).date()
    assert message["Subject"] == f"What we did: {today.day} {today:%b} {today.year}"
    body = message.get_body(("plain",))
    assert body is not None
    assert "No job was handed in within this time." in body.get_content()
    files = {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()}
    assert files == ran.files
    assert sorted(str(name).rpartition(".")[2] for name in files) == ["csv", "html", "pdf", "xlsx"]


def test_on_a_schedule_each_report_is_about_the_day_before(desk: Desk, sink: MailSink) -> None:
    with desk.database.write() as session:
        for number, days in enumerate((0, 1, 1, 2), 1):
            at = datetime.now(UTC) - timedelta(days=days)
            add_job(session, Random(number), number, desk.user, created_at=at, state=State.completed)
    schedules = Schedules(desk.control.submissions)
    params = {"title": "Daily", "sections": ["summary", "days"], "period": "yesterday", "mail_to": [ADA]}
    wanted = {**params, "formats": ["html", "pdf", "xlsx", "csv"]}
    plan = Plan("Every morning", "report", When(cron="0 6 * * *"), wanted)
    made = schedules.make(desk.user, plan, str(uuid4()))
    for _ in range(2):
        with desk.database.read() as session:
            due = session.get_one(Schedule, made.id).next_at
        assert fire_due(schedules, due) == 1
        run_claim(desk.claim())
    with desk.database.read() as session:
        states = session.exec(select(Job.state).where(col(Job.schedule_id) == made.id)).all()
    assert states == [State.completed, State.completed]
    assert recipients(sink) == [ADA, ADA]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    for mail in sink.taken:
        files = {part.get_filename(): part.get_payload(decode=True) for part in mail.message.iter_attachments()}
        contents = {name: content for name, content in files.items() if isinstance(content, bytes)}
        assert f"daily-{yesterday}.pdf" in contents
        plain = table_of_csv(contents[f"daily-{yesterday}-days.csv"])
        page = tables_of_page(contents[f"daily-{yesterday}.html"])["Day by day"]
        assert [row[:2] for row in plain[1:]] == [row[:2] for row in page[1:]] == [[yesterday, "2"], ["All", "2"]]
        assert tables_of_book(contents[f"daily-{yesterday}.xlsx"])["Day by day"] == page
        assert " ".join(page[1]) in words_of_pdf(contents[f"daily-{yesterday}.pdf"])


@pytest.mark.parametrize("what", [DROP, LOSE])
def test_a_mail_that_broke_off_is_unknown_and_not_sent_again(desk: Desk, sink: MailSink, what: str) -> None:
    sink.trouble = lambda verb, number: what if (verb, number) == (".", 1) else None
    ran = desk.run("report", None, **SHORT, mail_to=[ADA, BOB])
    assert ran.job.state is State.needs_attention
    assert (ran.job.problem or "").startswith(f"Nobody can tell whether the mail to {ADA} arrived")
    assert recipients(sink) == ([ADA, BOB] if what == LOSE else [BOB])
    assert ran.files


def test_one_that_is_refused_is_said_and_the_others_get_it(desk: Desk, sink: MailSink) -> None:
    sink.trouble = lambda verb, number: "550 5.1.1 no such user" if (verb, number) == ("RCPT", 1) else None
    ran = desk.run("report", None, **SHORT, mail_to=[ADA, BOB])
    assert ran.job.state is State.needs_attention
    assert ran.job.problem == (
        f"The report was made, but {ADA} did not get it: the mail server refused this recipient: "
        "“550 5.1.1 no such user”."
    )
    assert recipients(sink) == [BOB]


def test_one_that_is_taken_later_gets_it_later_and_the_others_once(desk: Desk, sink: MailSink) -> None:
    sink.trouble = lambda verb, number: "451 4.7.1 greylisted" if (verb, number) == ("RCPT", 1) else None
    ran = desk.run_on(desk.submit("report", None, **SHORT, mail_to=[ADA, BOB]))
    assert ran.job.state is State.completed
    assert recipients(sink) == [BOB, ADA]


def test_a_server_that_is_away_is_waited_for_with_the_report_at_hand(desk: Desk, sink: MailSink) -> None:
    sink.stop()
    job_id = desk.submit("report", None, **SHORT, mail_to=[ADA])
    run_claim(desk.claim())
    waiting = desk.result(job_id)
    assert waiting.job.state is State.scheduled
    assert "mail server" in (waiting.job.problem or "")
    assert waiting.files
    back = MailSink(port=sink.port).start()
    assert desk.run_on(job_id).job.state is State.completed
    back.stop()
    assert recipients(back) == [ADA]


def test_without_a_mail_server_the_report_is_there_and_why_it_was_not_mailed(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "other")
    assert desk.run("report", None, **SHORT).job.state is State.completed
    ran = desk.run("report", None, **SHORT, mail_to=[ADA])
    assert ran.job.state is State.failed
    assert "The report is made, and lies below." in (ran.job.problem or "")
    assert "this desk has no mail server" in (ran.job.problem or "")
    assert ran.files
    desk.close()


def test_what_is_too_large_for_a_mail_is_said(desk: Desk, sink: MailSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "MOST_BYTES", 10)
    ran = desk.run("report", None, **SHORT, mail_to=[ADA])
    assert ran.job.state is State.needs_attention
    assert "not mailed: its files have" in (ran.job.problem or "")
    assert sink.taken == []


@pytest.mark.parametrize(
    ("title", "state"), [("A\r\nBcc: eve@example.com", "completed"), ("=?utf-8?q?x?=", "needs_attention")]
)
def test_a_title_ends_no_header(desk: Desk, sink: MailSink, title: str, state: str) -> None:
    ran = desk.run("report", None, **SHORT, title=title, mail_to=[ADA])
    assert ran.job.state == state
    assert all(mail.message["Bcc"] is None for mail in sink.taken)
    assert recipients(sink) == ([ADA] if state == "completed" else [])
