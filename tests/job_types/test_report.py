"""Report on the desk: what it says is what the tables say, in every format, and for those who may see it."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pysqlite3
import pytest
from sqlmodel import Session

from tests.job_types.desk import Desk, Ran
from tests.job_types.readers import table_of_csv, tables_of_book, tables_of_page, words_of_pdf
from webapp.errors import BadInput
from webapp.services.reports import pdf
from webapp.store.tables import Job, LedgerEntry, Outcome, Role, State, User

ALL = ["summary", "days", "job_types", "people", "causes", "failed_jobs", "times"]
FORMATS = ["html", "pdf", "xlsx", "csv"]
NOVEMBER = {"period": "dates", "first_day": "2025-11-01", "last_day": "2025-11-30"}
OUTCOMES = ["done", "rejected", "failed", "skipped", "unknown"]
NASTY = ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "#panic(1) *b* $x$ @x", "a\tb\x07c\r\nd\u202eelif"]


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk on which two people have handed in three hundred jobs in the autumn of 2025."""
    with desk.database.write() as session:
        fill(session, desk)
    return desk


def fill(session: Session, desk: Desk) -> None:
    """Write down these jobs."""
    draw = random.Random(19)
    bob = User(name="bob", role=Role.operator)
    session.add(bob)
    session.flush()
    for number in range(1, 301):
        add_job(session, draw, number, draw.choice([desk.user, bob]))
    for number, state in enumerate((State.draft, State.checking, State.ready), 301):
        add_job(session, draw, number, desk.user, state=state, created_at=datetime(2025, 11, 5, tzinfo=UTC))


def add_job(session: Session, draw: random.Random, number: int, owner: User, **given: Any) -> Job:
    """A job that has ended somehow, with its account."""
    handed_in = datetime(2025, 10, 20, tzinfo=UTC) + timedelta(minutes=draw.randrange(60 * 24 * 60))
    began = handed_in + timedelta(seconds=draw.random() * 50)
    rows = {outcome: draw.choice([0, 0, 1, draw.randrange(3000)]) for outcome in OUTCOMES}
    state = draw.choice([State.completed, State.completed_with_errors, State.failed, State.cancelled, State.running])
    ended = None if state is State.running else began + timedelta(seconds=draw.random() * 500)
    values = {
        "owner_id": owner.id,
        "job_type": draw.choice(["clean_csv", "import_contacts", "send_email", "gone_type"]),
        "state": state,
        "created_at": handed_in,
        "started_at": began,
        "finished_at": ended,
        "received": sum(rows.values()) + (7 if state is State.running else 0),
        "problem": draw.choice(NASTY) if state is State.failed else None,
        **rows,
        **given,
    }
    job = Job(number=number, **values)
    session.add(job)
    session.flush()
    first = 1
    for outcome, count in rows.items():
        if count:
            reason = None if outcome == "done" else draw.choice(NASTY)
            entry: dict[str, Any] = {
                "outcome": Outcome(outcome),
                "column": draw.choice([None, "Größe"]),
                "reason": reason,
            }
            session.add(LedgerEntry(job_id=job.id, attempt=1, first_row=first, last_row=first + count - 1, **entry))
            first += count
    return job


def ask(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    """Ask the desk's own database, past all of the desk's code."""
    connection = pysqlite3.connect(str(desk.data_path.with_name("batchdesk.sqlite3")))
    try:
        return list(connection.execute(sql).fetchall())
    finally:
        connection.close()


def only(ran: Ran, ending: str) -> bytes:
    (content,) = (content for name, content in ran.files.items() if name.endswith(ending))
    return content


COUNTS = """count(*), coalesce(sum(state = 'failed'), 0), sum(received), sum(done), sum(rejected), sum(failed),
    sum(skipped), sum(unknown), sum(received - done - rejected - failed - skipped - unknown)"""
ADAS = """FROM job WHERE owner_id = (SELECT id FROM user WHERE name = 'ada') AND created_at LIKE '2025-11-%'
    AND state NOT IN ('draft', 'checking', 'ready')"""
BY_DAY = f"SELECT date(created_at), {COUNTS} {ADAS} GROUP BY 1 ORDER BY 1"
BY_TYPE = f"SELECT job_type, {COUNTS} {ADAS} GROUP BY 1 ORDER BY count(*) DESC, sum(received) DESC"
CAUSES = """SELECT sum(last_row - first_row + 1), count(DISTINCT job_id) FROM ledger JOIN job ON job.id = job_id
    WHERE owner_id = (SELECT id FROM user WHERE name = 'ada') AND job.created_at LIKE '2025-11-%'
    AND state NOT IN ('draft', 'checking', 'ready') AND outcome IN ('rejected', 'failed', 'unknown')"""


def figures(row: tuple[Any, ...]) -> list[str]:
    return [f"{value:,}" if isinstance(value, int) else str(value) for value in row]


def test_each_format_says_what_the_tables_say(busy: Desk) -> None:
    ran = busy.run("report", None, title="November", sections=ALL, formats=FORMATS, **NOVEMBER)
    assert ran.job.state is State.completed
    page, book = tables_of_page(only(ran, ".html")), tables_of_book(only(ran, ".xlsx"))
    days = {row[0]: row for row in map(figures, ask(busy, BY_DAY))}
    for table in (page["Day by day"], book["Day by day"]):
        every = [f"2025-11-{day:02}" for day in range(1, 31)]
        assert [row[0] for row in table[1:-1]] == every
        assert [row for row in table[1:-1] if row[1] != "0"] == list(days.values())
        assert all(row[1:] == ["0"] * 9 for row in table[1:-1] if row[0] not in days)
        assert table[-1] == ["All", *figures(ask(busy, f"SELECT {COUNTS} {ADAS}")[0])]
    titles = {"clean_csv": "Clean a CSV", "import_contacts": "Import contacts", "send_email": "Send e-mails"}
    kinds = [[titles.get(row[0], row[0]), *row[1:]] for row in map(figures, ask(busy, BY_TYPE))]
    assert page["Jobs by kind"][1:-1] == book["Jobs by kind"][1:-1] == kinds
    assert sum(int(row[4].replace(",", "")) for row in page["Why rows went wrong"][1:-1]) == ask(busy, CAUSES)[0][0]
    failed = f"SELECT number, date(created_at) {ADAS} AND state = 'failed' ORDER BY number DESC"
    assert [(row[0], row[3]) for row in page["Jobs that failed"][1:]] == [
        (str(number), day) for number, day in ask(busy, failed)
    ]


def test_taking_rows_back_is_told_from_the_work_that_it_undid(desk: Desk) -> None:
    with desk.database.write() as session:
        when = {"job_type": "load_table", "created_at": datetime(2025, 11, 5, tzinfo=UTC), "state": State.completed}
        load = add_job(session, random.Random(1), 1, desk.user, **when)
        add_job(session, random.Random(2), 2, desk.user, undo_of=load.id, **when)
    ran = desk.run("report", None, title="November", sections=["job_types", "times"], formats=["html"], **NOVEMBER)
    page = tables_of_page(only(ran, ".html"))
    for section in ("Jobs by kind", "How long jobs took"):
        named = [row[:2] for row in page[section][1:] if row[0] != "All"]
        assert sorted(named) == [["Load rows into a table", "1"], ["Undo: Load rows into a table", "1"]]


def test_every_format_has_the_same_figures(busy: Desk) -> None:
    ran = busy.run("report", None, title="November", sections=ALL, formats=FORMATS, **NOVEMBER)
    page, book = tables_of_page(only(ran, ".html")), tables_of_book(only(ran, ".xlsx"))
    paper = words_of_pdf(only(ran, ".pdf"))
    assert len(page) == len(ALL)
    assert book == page
    for title, rows in page.items():
        for row in rows[1:]:
            assert title not in {"Day by day", "Jobs by kind", "How long jobs took"} or " ".join(row) in paper
    keys = {"summary": "All in all", "days": "Day by day", "job_types": "Jobs by kind", "people": "Jobs by person"}
    for key, title in {**keys, "times": "How long jobs took"}.items():
        plain = table_of_csv(only(ran, f"-{key}.csv"))
        assert [[cell.replace(",", "") for cell in row] for row in page[title]] == plain


def test_how_long_jobs_took_is_what_the_clock_says(busy: Desk) -> None:
    ran = busy.run("report", None, sections=["times"], formats=["csv"], **NOVEMBER)
    took = "(julianday(finished_at) - julianday(started_at)) * 86400"
    found = ask(busy, f"SELECT count(*), min({took}), max({took}), sum({took}) {ADAS} AND job_type = 'clean_csv'")[0]
    row = next(row for row in table_of_csv(only(ran, ".csv")) if row[0] == "Clean a CSV")
    assert int(row[1]) == ask(busy, f"SELECT count(finished_at) {ADAS} AND job_type = 'clean_csv'")[0][0]
    for mine, theirs in zip((row[2], row[4], row[5]), found[1:], strict=True):
        assert float(mine) == pytest.approx(theirs, abs=0.2)


def test_one_sees_the_jobs_that_one_may_see(busy: Desk) -> None:
    def people(**more: Any) -> list[str]:
        ran = busy.run("report", None, sections=["people"], formats=["csv"], **NOVEMBER, **more)
        return [row[0] for row in table_of_csv(only(ran, ".csv"))[1:-1]]

    assert people() == ["ada"]
    with busy.database.write() as session:
        busy.user = session.merge(busy.user)
        busy.user.role = Role.admin
    assert sorted(people()) == ["ada", "bob"]


def test_a_day_is_that_of_the_time_zone(desk: Desk) -> None:
    with desk.database.write() as session:
        late = datetime(2025, 11, 9, 23, 30, tzinfo=UTC)
        add_job(session, random.Random(1), 1, desk.user, created_at=late)
    wanted = {"sections": ["days"], "formats": ["csv"], "period": "dates", "first_day": "2025-11-10"}

    def found(zone: str) -> list[str]:
        ran = desk.run("report", None, last_day="2025-11-10", zone=zone, **wanted)
        return [row[0] for row in table_of_csv(only(ran, ".csv"))[1:-1] if row[1] != "0"]

    assert found("Asia/Tokyo") == ["2025-11-10"]
    assert found("UTC") == []


def test_what_people_wrote_is_text_everywhere(desk: Desk) -> None:
    title = "<img src=x onerror=alert(1)> #panic(1) =1+1 \u202e"
    with desk.database.write() as session:
        for number, problem in enumerate(NASTY, 1):
            add_job(session, random.Random(number), number, desk.user, state=State.failed, problem=problem)
    ran = desk.run("report", None, title=title, sections=ALL, formats=FORMATS, period="all")
    assert ran.job.state is State.completed
    page = only(ran, ".html").decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\u202e" not in page
    paper = words_of_pdf(only(ran, ".pdf"))
    assert "#panic(1) *b* $x$ @x" in paper
    assert "<script>alert(1)</script>" in paper
    cells = [cell for row in table_of_csv(only(ran, "-failed_jobs.csv")) for cell in row]
    assert '\'=HYPERLINK("http://x")' in cells
    assert tables_of_book(only(ran, ".xlsx"))["Jobs that failed"][1:]


def test_a_page_stands_alone(busy: Desk) -> None:
    page = only(busy.run("report", None, sections=ALL, **NOVEMBER), ".html").decode()
    assert page.count("<svg xmlns") == 4
    assert "default-src 'none'" in page
    assert not any(word in page for word in ("<script", "<link", "@import", "url(", " src=", " href="))
    plain = only(busy.run("report", None, sections=ALL, charts=False, **NOVEMBER), ".html").decode()
    assert "<svg" not in plain
    assert tables_of_page(plain.encode()).keys() == tables_of_page(page.encode()).keys()


def test_the_same_jobs_make_the_same_files(busy: Desk) -> None:
    wanted = {"sections": ["summary", "days"], "formats": ["csv"], **NOVEMBER}
    assert busy.run("report", None, **wanted).files == busy.run("report", None, **wanted).files


def test_a_desk_without_jobs_has_a_report_too(desk: Desk) -> None:
    ran = desk.run("report", None, sections=ALL, formats=FORMATS, period="last_year")
    assert ran.job.state is State.completed
    assert tables_of_page(only(ran, ".html")) == {"All in all": [["What", "How many"], ["Jobs", "0"]]}
    assert "No job was handed in within this time." in only(ran, ".html").decode()


def test_a_report_does_not_count_itself(desk: Desk) -> None:
    first = desk.run("report", None, period="today")
    assert tables_of_page(only(first, ".html"))["All in all"][1] == ["Jobs", "0"]
    second = desk.run("report", None, period="today")
    assert tables_of_page(only(second, ".html"))["All in all"][1:3] == [["Jobs", "1"], ["Jobs: completed", "1"]]


def test_the_bars_under_jobs_are_of_jobs(busy: Desk) -> None:
    page = only(busy.run("report", None, sections=["job_types", "people"], **NOVEMBER), ".html").decode()
    assert "Jobs by kind" in page
    assert "Rows by" not in page


BAD = [
    ({"period": "dates"}, "first_day", "Give the first day, the last day, or both."),
    (
        {"period": "dates", "first_day": "2026-02-02", "last_day": "2026-02-01"},
        "last_day",
        "The last day must not come before the first.",
    ),
    ({"period": "dates", "first_day": "31.01.2026"}, "first_day", "is not a date: write it as 2026-01-31"),
    ({"period": "tomorrow"}, "period", "is not one of"),
    ({"zone": "Mars/Olympus"}, "zone", "is no time zone. Write it as continent and city, as in Europe/Berlin"),
    ({"zone": "berlin"}, "zone", "Did you mean Europe/Berlin?"),
    ({"zone": "Europe/Berln"}, "zone", "Did you mean Europe/Berlin"),
    ({"zone": "new york"}, "zone", "Did you mean America/New_York?"),
    ({"sections": []}, "sections", "Tick at least one section."),
    ({"sections": ["salaries"]}, "sections", "is not one of"),
    ({"formats": []}, "formats", "Tick at least one format."),
    ({"formats": ["docx"]}, "formats", "is not one of"),
    ({"per": "hour"}, "per", "is not one of"),
    ({"title": "x" * 121}, "title", "more than 120 characters"),
    ({"mail_to": ["ada"]}, "mail_to", "is not an e-mail address"),
    ({"mail_to": [f"a{number}@example.com" for number in range(21)]}, "mail_to", "more than 20 entries"),
]


@pytest.mark.parametrize(
    ("given", "field", "sentence"), BAD, ids=[f"{field}-{place}" for place, (_, field, _) in enumerate(BAD)]
)
def test_a_bad_entry_is_refused_beside_its_field(
    desk: Desk, given: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("report", None, **given)
    assert list(refused.value.problems) == [field]
    assert sentence in refused.value.problems[field]


def test_too_many_days_are_refused_in_words(desk: Desk) -> None:
    with desk.database.write() as session:
        for number, year in enumerate((2000, 2025), 1):
            day = datetime(year, 1, 1, tzinfo=UTC)
            add_job(session, random.Random(1), number, desk.user, created_at=day)
    ran = desk.run("report", None, sections=["days"], period="all")
    assert ran.job.state is State.failed
    assert "there are more than 1,000 days: choose a shorter time" in (ran.job.problem or "")
    assert desk.run("report", None, sections=["days"], period="all", per="month").job.state is State.completed


def test_a_desk_without_the_part_for_pdf_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = desk.submit("report", None, formats=["pdf"])
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    with pytest.raises(BadInput) as refused:
        desk.submit("report", None, formats=["pdf"])
    assert "batchdesk[pdf]" in refused.value.problems["formats"]
    ran = desk.run_on(job_id)
    assert ran.job.state is State.failed
    assert "batchdesk[pdf]" in (ran.job.problem or "")
    assert desk.run("report", None, formats=["html"]).job.state is State.completed


def test_postgres_tells_the_same(busy: Desk, tmp_path: Path, postgres_desk_url: str) -> None:
    wanted = {"sections": ALL, "formats": ["csv"], "charts": False, **NOVEMBER}
    here = busy.run("report", None, **wanted)
    there = Desk(tmp_path / "there", database_url=postgres_desk_url)
    with there.database.write() as session:
        fill(session, there)
    ran = there.run("report", None, **wanted)
    there.close()
    assert ran.job.state is State.completed
    assert ran.files == here.files
