"""Send e-mails: each row has the outcome that the mail server gave it, and nobody gets a mail twice."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from tests.job_types.desk import Desk, Ran
from tests.mail_server import DROP, LOSE, MailSink, Taken
from webapp.authoring import Rejected, Row
from webapp.errors import BadInput
from webapp.jobs.batch import Batch
from webapp.jobs.claims import release
from webapp.jobs.ledger import Ledger
from webapp.jobs.run import run_claim
from webapp.kit import now
from webapp.store.tables import Allowance

Csv = Callable[..., Path]

LETTER = {"to": "email", "subject": "Your order {order}", "text": "Dear {name},\nit is on its way."}
PEOPLE = "name,email,order\nAda,ada@example.com,7\nBob,bob@example.com,8\nCy,cy@example.com,9\n"


@pytest.fixture
def desk_settings(sink: MailSink) -> dict[str, Any]:
    return {"mail_server": sink.address, "mail_from": "The Desk <desk@example.org>"}


def test_each_row_gets_a_mail_of_its_own(desk: Desk, csv_file: Csv, sink: MailSink) -> None:
    ran = desk.run("send_email", csv_file(PEOPLE), **LETTER)
    assert ran.job.state == "completed"
    assert [mail.recipients for mail in sink.taken] == [("ada@example.com",), ("bob@example.com",), ("cy@example.com",)]
    message = sink.taken[1].message
    assert message["To"] == "bob@example.com"
    assert message["Subject"] == "Your order 8"
    assert message["Message-ID"] == f"<{ran.job.id.hex}.2@example.org>"
    assert message.get_content().splitlines() == ["Dear Bob,", "it is on its way."]
    assert sink.counts["connect"] == 1


def test_html_answers_and_a_way_out_go_along(desk: Desk, csv_file: Csv, sink: MailSink) -> None:
    html = '<p>Dear {name}, <a href="https://shop.example/{order}">look</a></p>'
    more = {"html": html, "reply_to": "help@example.org", "unsubscribe": "https://shop.example/leave?who={email}"}
    desk.run("send_email", csv_file("name,email,order\n<b>&,a+b@example.com,7\n"), **LETTER, **more)
    message = sink.taken[0].message
    body = message.get_body(("html",))
    assert body is not None
    assert "<p>Dear &lt;b&gt;&amp;, " in body.get_content()
    assert message["Reply-To"] == "help@example.org"
    assert message["List-Unsubscribe"] == "<https://shop.example/leave?who=a%2Bb%40example.com>"


BAD = {
    "": "is empty: there is nobody to write to",
    "ada": "is not an e-mail address: An email address must have an @-sign",
    '"a@example.com, b@example.com"': "has to be one plain address",
    "a@example.com;b@example.com": "has to be one plain address, like ada@example.com: write each in a row of its own",
    '"a@example.com\nBcc: b@example.com"': "has a line break or a control character in it",
    "ada@localhost": "is not an e-mail address",
    '"""a b""@example.com"': "is not an e-mail address",
}


@pytest.mark.parametrize("cell", BAD)
def test_a_cell_that_is_not_one_address_rejects_its_row_and_no_other(
    desk: Desk, csv_file: Csv, sink: MailSink, cell: str
) -> None:
    ran = desk.run("send_email", csv_file(f"name,email,order\nAda,ada@example.com,7\nX,{cell},8\n"), **LETTER)
    ((row, outcome, column, _found, reason),) = ran.problems
    assert (row, outcome, column) == (2, "rejected", "email")
    assert (reason or "").startswith(BAD[cell])
    assert [mail.recipients for mail in sink.taken] == [("ada@example.com",)]


@pytest.mark.parametrize(
    ("name", "html", "reason"),
    [
        ('"Ada\r\nBcc: b@example.com"', None, "The subject has a line break"),
        ("=?utf-8?q?a=0ABcc?=", None, "The subject holds “=?…?”"),
        ("javascript:alert(1)", '<a href="{name}">x</a>', "The HTML text leads to “javascript:alert(1)”"),
    ],
)
def test_a_cell_that_would_break_out_rejects_its_row(
    desk: Desk, csv_file: Csv, name: str, html: str | None, reason: str
) -> None:
    letter = {**LETTER, "subject": "Dear {name}", "html": html}
    ran = desk.run("send_email", csv_file(f"name,email,order\n{name},ada@example.com,7\n"), **letter)
    assert ran.counts == {"rejected": 1}
    assert (ran.problems[0][-1] or "").startswith(reason)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"to": "mail"}, "to", "is not a column of this file"),
        ({"subject": "Dear {nmae}"}, "subject", "Did you mean {name}?"),
        ({"text": "Dear {name"}, "text", "“{” is never closed"),
        ({"text": "{{ {name.__class__} }}"}, "text", "names {name.__class__}, which is not a column"),
        ({"html": "<script>x</script>"}, "html", "has <script>"),
        ({"html": "<a href='javascript:x'>"}, "html", "leads to “javascript:x”"),
        ({"unsubscribe": "https://müller.example/leave?who={email}"}, "unsubscribe", "letter outside of plain ASCII"),
        ({"unsubscribe": "http://shop.example"}, "unsubscribe", "has to begin with https:// or mailto:"),
        ({"reply_to": "help"}, "reply_to", "is not an e-mail address"),
        ({"per_minute": 0}, "per_minute", "must be at least 1"),
        ({"subject": ""}, "subject", "is empty"),
    ],
)
def test_a_bad_entry_is_refused_beside_its_field(
    desk: Desk, csv_file: Csv, given: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("send_email", csv_file(PEOPLE), **{**LETTER, **given})
    assert list(refused.value.problems) == [field]
    assert sentence in refused.value.problems[field]


@pytest.mark.parametrize(
    ("name", "unsubscribe", "reason"),
    [
        ("Ada\nBcc: b@example.com", None, "The subject has a line break"),
        ("Ada", "https://müller.example/leave", "The address to unsubscribe has a letter outside of plain ASCII"),
    ],
)
def test_what_stands_in_the_way_of_a_mail_is_said_where_it_is_looked_at(
    desk: Desk, name: str, unsubscribe: str | None, reason: str
) -> None:
    show = desk.shop.registry.get("send_email").preview
    assert show is not None
    given = {**LETTER, "subject": "Dear {name}", "html": None, "reply_to": None, "unsubscribe": unsubscribe}
    row = Row({"name": name, "email": "ada@example.com", "order": "7"})
    with pytest.raises(Rejected, match=reason):
        show(row=row, given=given, settings=desk.shop.settings)


REPEATED = "name,email,order\nA,ada@example.com,1\nB,bob@example.com,2\nC, ADA@Example.com ,3\nD,,4\nE,,5\n"


def test_an_address_that_comes_again_gets_one_mail_and_the_row_says_so(
    desk: Desk, csv_file: Csv, sink: MailSink
) -> None:
    ran = desk.run("send_email", csv_file(REPEATED), **LETTER)
    assert ran.counts == {"done": 2, "skipped": 1, "rejected": 2}
    assert ran.problems[0] == (3, "skipped", None, None, "row 1 has the same address")
    assert len(sink.taken) == 2


def test_an_address_may_get_several_mails_if_that_was_chosen(desk: Desk, csv_file: Csv, sink: MailSink) -> None:
    ran = desk.run("send_email", csv_file(REPEATED), **LETTER, skip_repeats=False)
    assert ran.counts == {"done": 3, "rejected": 2}
    assert len(sink.taken) == 3


def test_a_mail_that_is_refused_failed_in_the_servers_words(desk: Desk, csv_file: Csv, sink: MailSink) -> None:
    sink.trouble = lambda verb, number: "550 5.1.1 no such user" if (verb, number) == ("RCPT", 2) else None
    ran = desk.run("send_email", csv_file(PEOPLE), **LETTER)
    reason = "the mail server refused this recipient: “550 5.1.1 no such user”"
    assert ran.problems == [(2, "failed", None, None, reason)]
    assert ran.counts == {"done": 2, "failed": 1}


def test_a_mail_that_is_not_taken_now_is_tried_again_with_the_same_message_id(
    desk: Desk, csv_file: Csv, sink: MailSink
) -> None:
    sink.trouble = lambda verb, number: "451 4.7.1 greylisted" if verb == "." and number in {2, 4} else None
    ran = desk.run_on(desk.submit("send_email", csv_file(PEOPLE), **LETTER))
    assert ran.job.state == "completed"
    assert ran.job.retries == 2
    assert sorted(str(mail.message["Message-ID"]) for mail in sink.taken) == [
        f"<{ran.job.id.hex}.{row}@example.org>" for row in (1, 2, 3)
    ]


def test_silence_after_the_dot_is_unknown_and_never_sent_again_by_itself(
    desk: Desk, csv_file: Csv, sink: MailSink
) -> None:
    sink.trouble = lambda verb, number: {1: LOSE, 2: DROP}.get(number) if verb == "." else None
    ran = desk.run_on(desk.submit("send_email", csv_file(PEOPLE), **LETTER))
    assert ran.job.state == "needs_attention"
    assert [problem[:2] for problem in ran.problems] == [(1, "unknown"), (2, "unknown")]
    assert "gave no answer when it had the whole mail" in (ran.problems[0][-1] or "")
    assert [mail.recipients for mail in sink.taken] == [("ada@example.com",), ("cy@example.com",)]


def test_without_a_mail_server_the_job_says_so(tmp_path: Path, csv_file: Csv) -> None:
    bare = Desk(tmp_path / "bare")
    ran = bare.run("send_email", csv_file(PEOPLE), **LETTER)
    bare.close()
    assert ran.job.state == "failed"
    assert "This desk has no mail server" in (ran.job.problem or "")


def test_what_a_day_may_not_have_goes_out_the_next_day(tmp_path: Path, sink: MailSink, csv_file: Csv) -> None:
    settings = {"mail_server": sink.address, "mail_from": "desk@example.org", "mails_per_day": 2}
    desk = Desk(tmp_path / "frugal", **settings)
    ran = desk.run("send_email", csv_file(PEOPLE), **LETTER)
    assert (ran.job.state, ran.job.waiting, len(sink.taken)) == ("scheduled", 1, 2)
    assert "The desk sends 2 mails a day, and those of today are used up" in (ran.job.problem or "")
    assert ran.job.run_at is not None
    assert ran.job.run_at - now() <= timedelta(days=1)
    with desk.database.write() as session:
        for used in session.exec(select(Allowance)).all():
            used.hour -= timedelta(days=1)
            session.add(used)
    assert desk.run_on(ran.job.id).counts == {"done": 3}
    desk.close()


def test_mails_go_out_no_faster_than_they_may(desk: Desk, csv_file: Csv, sink: MailSink) -> None:
    ran = desk.run("send_email", csv_file(PEOPLE), **LETTER, per_minute=300)
    assert ran.counts == {"done": 3}
    assert ran.job.started_at is not None
    assert ran.job.finished_at is not None
    assert (ran.job.finished_at - ran.job.started_at).total_seconds() >= 0.4
    assert len(sink.taken) == 3


class Killed(BaseException):
    """The process is gone, as far as one that lives can play it."""


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("commit", range(1, 5))
def test_killed_at_any_commit_nobody_gets_two_mails(
    desk: Desk, csv_file: Csv, sink: MailSink, commit: int, *, after: bool
) -> None:
    job_id = desk.submit("send_email", csv_file(PEOPLE), **LETTER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "commit", dies_at(commit, after=after))
        work = desk.claim()
        with suppress(Killed):
            run_claim(work)
    release(desk.database, work.claim, lost=True)
    account_for(desk.run_on(job_id), 3, sink.taken)


def dies_at(commit: int, *, after: bool) -> Callable[..., None]:
    """`Ledger.commit` that kills the process before or after its n-th time."""
    real, commits = Ledger.commit, count(1)

    def die(ledger: Ledger, batch: Batch, **more: Any) -> None:
        number = next(commits)
        if number < commit or (after and number == commit):
            real(ledger, batch, **more)
        if number >= commit:
            raise Killed

    return die


def received(mails: list[Taken]) -> Counter[str]:
    """How often each mail has arrived, by its Message-ID."""
    return Counter(str(mail.message["Message-ID"]) for mail in mails)


def trouble_at_random(seed: int) -> Callable[[str, int], str | None]:
    """A server that drops, refuses and puts off, each verb a few times in a hundred."""
    dice = random.Random(seed)
    of_mails = ["451 4.7.1 later", "554 5.7.1 spam", DROP, LOSE, "421 4.3.2 closing"]
    of_others = ["450 4.2.0 later", "550 5.1.1 unknown", DROP, "421 4.3.2 closing"]

    def trouble(verb: str, _number: int) -> str | None:
        if verb in {"connect", "EHLO", "STARTTLS"} or dice.random() > 0.04:
            return None
        return dice.choice(of_mails if verb == "." else of_others)

    return trouble


def account_for(ran: Ran, rows: int, taken: list[Taken]) -> None:
    """Compare every row's outcome with what the server has."""
    arrived = received(taken)
    told = {row: outcome for row, outcome, *_ in ran.problems}
    for row in range(1, rows + 1):
        times, outcome = arrived[f"<{ran.job.id.hex}.{row}@example.org>"], told.get(row, "done")
        allowed = {"done": {1}, "failed": {0}, "unknown": {0, 1}}[outcome]
        assert times in allowed, (row, outcome, times)
    assert ran.job.accounted == rows


@pytest.mark.parametrize("seed", [1, 2])
def test_every_mail_is_accounted_for_whatever_the_server_does(
    desk: Desk, csv_file: Csv, sink: MailSink, seed: int
) -> None:
    sink.trouble = trouble_at_random(seed)
    rows = "\n".join(f"P{number},p{number}@example.com,{number}" for number in range(1, 301))
    ran = desk.run_on(desk.submit("send_email", csv_file(f"name,email,order\n{rows}\n"), **LETTER))
    account_for(ran, 300, sink.taken)
    assert {"done", "failed", "unknown"} <= set(ran.counts)
