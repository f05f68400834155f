"""The mails that an hour and a day may have, whoever sends them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from tests.job_types.desk import Desk
from tests.mail_server import MailSink
from webapp.errors import Refused
from webapp.jobs.one_row import NO_MAIL_LEFT, OneRow
from webapp.jobs.submission import Submission
from webapp.store.tables import Activity, Allowance, State

Csv = Callable[..., Path]
Open = Callable[..., Desk]
LETTER = {"to": "email", "subject": "News", "text": "Hello"}
PEOPLE = "email\nada@example.com\nbob@example.com\ncyd@example.com\n"


@pytest.fixture
def desk_settings(sink: MailSink) -> dict[str, Any]:
    return {"mail_server": sink.address, "mail_from": "The Desk <desk@example.org>"}


def used(desk: Desk) -> dict[str, int]:
    with desk.database.read() as session:
        return {each.name: each.used for each in session.exec(select(Allowance))}


def test_a_job_that_waits_for_the_hour_uses_up_nothing_of_the_day(open_desk: Open, csv_file: Csv) -> None:
    desk = open_desk(mails_per_day=50, mails_per_hour=1)
    desk.run_on(desk.submit("send_email", csv_file(PEOPLE), **LETTER), most=5)
    assert used(desk) == {"mail": 1, "mail in a day": 1}


def test_a_report_keeps_to_the_day_too(open_desk: Open, sink: MailSink) -> None:
    desk = open_desk(mails_per_day=1)
    wanted = {"sections": ["summary"], "formats": ["csv"], "period": "all", "mail_to": ["a@b.org", "c@b.org"]}
    job = desk.run("report", None, **wanted).job
    assert (job.state, len(sink.taken)) == (State.scheduled, 1)
    assert "The desk sends 1 mails a day, and those of today are used up" in (job.problem or "")


def test_a_trial_is_one_of_the_mails_too(open_desk: Open, csv_file: Csv, sink: MailSink) -> None:
    desk = open_desk(mails_per_day=1)
    submissions = desk.control.submissions
    upload = desk._upload(csv_file(PEOPLE))
    job_id = submissions.prepare(Submission(desk.user, "send_email", upload.id)).id
    one_row = OneRow(submissions, desk.shop.settings)
    assert "sent to me@b.org instead" in one_row.trial(desk.user, job_id, LETTER, 1, "me@b.org")
    with pytest.raises(Refused, match=NO_MAIL_LEFT):
        one_row.trial(desk.user, job_id, LETTER, 2, "me@b.org")
    assert len(sink.taken) == 1


def test_the_activity_says_no_address(open_desk: Open) -> None:
    desk = open_desk()
    desk.run("report", None, sections=["summary"], formats=["csv"], period="all", mail_to=["a@b.org", "c@b.org"])
    with desk.database.read() as session:
        said = [each.detail["what"] for each in session.exec(select(Activity)) if each.action == "sent"]
    assert said == ["the report to recipient 1", "the report to recipient 2"]
