"""Statistics equal an independent count of the tables, whoever looks, whatever happens to jobs; bad addresses too."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from tests.schema import bring_schema
from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.queries import ENDED
from webapp.store.statistics import MEDIAN, P95, Figures, Remembered, Wanted, figures, quantile
from webapp.store.tables import Job, Outcome, Role, State, User

TYPES = ("clean_csv", "text")


def fill(database: Database, users: Sequence[User], count: int, until: datetime) -> None:
    """Jobs in every state, of some days, the last of which may not be over."""
    draw = random.Random(5)
    with database.write() as session:
        for number in range(count):
            ended = until - timedelta(minutes=draw.randint(0, 9 * 1440))
            ran, waited = draw.randint(0, 90_000), draw.choice([None, draw.randint(0, 7_200_000)])
            started = ended - timedelta(milliseconds=ran)
            state = draw.choice([*ENDED, State.queued, State.running, State.ready])
            over = state in ENDED
            received = draw.randint(0, 50)
            parts = [draw.randint(0, received // 5) for _ in range(4)]
            session.add(
                Job(
                    number=number + 1,
                    owner_id=draw.choice(users).id,
                    job_type=draw.choice(TYPES),
                    state=state,
                    received=received,
                    done=received - sum(parts),
                    rejected=parts[0],
                    failed=parts[1],
                    skipped=parts[2],
                    unknown=parts[3],
                    ran_ms=ran if over else None,
                    waited_ms=waited if over else None,
                    queued_at=started - timedelta(milliseconds=waited or 0),
                    started_at=None if state in {State.queued, State.ready} else started,
                    finished_at=ended if over else None,
                )
            )


def counted(database: Database, wanted: Wanted) -> list[Job]:
    """The jobs that count, chosen one by one."""
    with database.read() as session:
        jobs = session.exec(select(Job)).all()
        session.expunge_all()
    return [
        job
        for job in jobs
        if job.finished_at
        and wanted.since <= job.finished_at < wanted.until
        and (wanted.user.role is Role.admin or job.owner_id == wanted.user.id)
        and wanted.person in {None, job.owner_id}
        and wanted.job_type in {"", job.job_type}
    ]


def waiting_at(database: Database, at: datetime) -> int:
    """How many jobs waited at a moment, told from each job's own times."""
    with database.read() as session:
        count = 0
        for job in session.exec(select(Job)):
            if job.finished_at and job.started_at and job.waited_ms is not None:
                count += job.started_at - timedelta(milliseconds=job.waited_ms) <= at < job.started_at
            elif not job.finished_at and job.queued_at and job.state is State.queued:
                count += job.queued_at <= at
            elif not job.finished_at and job.queued_at and job.started_at and job.state is State.running:
                count += job.queued_at <= at < job.started_at
        return count


def begins_of(database: Database) -> list[datetime]:
    """When some job began to wait."""
    with database.read() as session:
        jobs = session.exec(select(Job)).all()
        ended = [job for job in jobs if job.finished_at and job.started_at and job.waited_ms is not None]
        return [
            *(job.started_at - timedelta(milliseconds=job.waited_ms or 0) for job in ended if job.started_at),
            *(job.queued_at for job in jobs if not job.finished_at and job.queued_at),
        ]


def require_equal(found: Figures, jobs: Sequence[Job]) -> None:
    def same(sums: Any, some: Sequence[Job]) -> None:
        assert sums.jobs == len(some)
        assert sums.received == sum(job.received for job in some)
        for state in ENDED:
            assert sums.states[state] == sum(job.state is state for job in some)
        for outcome in Outcome:
            assert sums.rows[outcome] == sum(getattr(job, outcome) for job in some)
        assert sorted(sums.ran) == sorted(job.ran_ms for job in some if job.ran_ms is not None)
        assert sorted(sums.waited) == sorted(job.waited_ms for job in some if job.waited_ms is not None)

    same(found.total, jobs)
    for day, sums in found.days.items():
        same(sums, [job for job in jobs if job.finished_at and job.finished_at.date() == day])
    for name, sums in found.types.items():
        same(sums, [job for job in jobs if job.job_type == name])
    for owner, sums in found.owners.items():
        same(sums, [job for job in jobs if job.owner_id == owner])
    assert sum(sums.jobs for sums in found.days.values()) == len(jobs)


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest) -> Iterator[tuple[Database, list[User]]]:
    """A desk in either database, with the jobs of three people."""
    if request.param == "sqlite":
        database = request.getfixturevalue("database")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
        bring_schema(database)
    users = [add_user(database, name, role, PASSWORD) for name, role in (("Ada", Role.admin), ("Bob", Role.operator))]
    users.append(add_user(database, "Cid", Role.operator, PASSWORD))
    fill(database, users, 300, now())
    yield database, users
    if request.param == "postgresql":
        database.close()


def test_all_figures_equal_a_count_of_the_tables(filled: tuple[Database, list[User]]) -> None:
    database, (ada, bob, cid) = filled
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    remembered = Remembered()
    for wanted in (
        Wanted(ada, today - timedelta(days=29), today + timedelta(days=1)),
        Wanted(ada, today - timedelta(days=6), today - timedelta(days=2)),
        Wanted(ada, today - timedelta(days=29), today + timedelta(days=1), person=cid.id),
        Wanted(ada, today - timedelta(days=29), today + timedelta(days=1), job_type="text"),
        Wanted(bob, today - timedelta(days=29), today + timedelta(days=1)),
        Wanted(bob, today - timedelta(days=29), today + timedelta(days=1), person=cid.id),
        Wanted(ada, today, today + timedelta(days=1)),
        Wanted(ada, today + timedelta(days=5), today + timedelta(days=9)),
    ):
        with database.read() as session:
            for _ in range(2):
                require_equal(figures(session, wanted, remembered), counted(database, wanted))
            found = figures(session, wanted)
        require_equal(found, counted(database, wanted))
        assert all(each.at <= now() for each in found.depth)
        if found.depth and wanted.user is ada and wanted.person is None and not wanted.job_type:
            ends = [each.at for each in found.depth[1:]] + [min(wanted.until, now())]
            parts = list(zip(found.depth, ends, strict=True))
            for each, end in parts[:: max(1, len(parts) // 40)]:
                moments = [each.at, *(begin for begin in begins_of(database) if each.at <= begin < end)]
                assert each.jobs == max(waiting_at(database, at) for at in moments), each


def test_what_is_remembered_of_past_days_is_forgotten_when_a_job_of_them_changes(
    filled: tuple[Database, list[User]],
) -> None:
    database, (ada, *_) = filled
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    wanted, remembered = Wanted(ada, today - timedelta(days=20), today + timedelta(days=1)), Remembered(most=1)
    changes: list[dict[str, Any]] = [
        {"done": 1000, "received": 1000},
        {"state": State.completed, "unknown": 0},
        {"finished_at": None, "state": State.queued, "queued_at": now()},
    ]
    for change in changes:
        with database.read() as session:
            figures(session, wanted, remembered)
        old = next(job for job in counted(database, wanted) if job.finished_at and job.finished_at < today)
        with database.write() as session:
            job = session.get_one(Job, old.id)
            for name, value in {**change, "revision": job.revision + 1}.items():
                setattr(job, name, value)
            session.add(job)
        with database.read() as session:
            require_equal(figures(session, wanted, remembered), counted(database, wanted))


@pytest.mark.parametrize(
    ("values", "median", "p95"),
    [([], None, None), ([7], 7, 7), ([1, 2], 1, 2), (list(range(1, 101)), 50, 95), ([3, 1, 2], 2, 3)],
)
def test_a_quantile_is_one_of_the_values(values: list[int], median: int | None, p95: int | None) -> None:
    assert (quantile(values, MEDIAN), quantile(values, P95)) == (median, p95)


@pytest.fixture
def ada(app: FastAPI, database: Database) -> Browser:
    """The browser of an administrator."""
    add_user(database, "Ada", Role.admin, PASSWORD)
    browser = Browser(app)
    browser.sign_in("Ada")
    return browser


@pytest.fixture
def some_jobs(ann: User, database: Database) -> None:
    """A few jobs of Ann's."""
    fill(database, [ann], 5, now())


def test_the_page_shows_figures_charts_and_tables_to_those_who_may_see_them(
    ada: Browser, ann_browser: Browser, ann: User, database: Database
) -> None:
    assert "No job ended on these days" in ann_browser.get("/statistics").text
    bob = add_user(database, "Bob <b>", Role.operator, PASSWORD)
    fill(database, [ann, bob], 60, now())
    everybody, own = ada.get("/statistics").text, ann_browser.get("/statistics").text
    for page in (everybody, own):
        assert page.count('<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img"') >= 5
        assert "Jobs that ended, as figures" in page
        assert "style=" not in page.replace("stylesheet", "")
    assert ("Bob &lt;b&gt;" in everybody, "Bob" in own, 'name="person"' in own) == (True, False, False)
    total = sum(bool(job.finished_at) for job in counted(database, Wanted(ann, now() - timedelta(days=30), now())))
    assert f"<dd>{total}</dd>" in own
    assert "of Bob" not in ann_browser.get(f"/statistics?person={bob.id}").text


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("from=2026-11-21&to=2026-11-20", 422, "The last day is before the first one."),
        ("from=now", 422, "This is no date."),
        ("from=2000-01-01&to=2199-12-31", 422, "more than ten years"),
        ("from=2016-12-01&to=2026-11-20", 200, ""),
        ("to=9999-12-31", 422, "This is no date."),
        ("from=2150-01-01", 200, "No job ended"),
        ("type=' OR 1=1 --", 200, "No job ended"),
        ("person=1", 422, "There is nobody like that here."),
        ("person=01a1fa4a-3c23-7233-8fa0-04bb0e7c2482", 200, "No job ended"),
        ("nonsense=1", 200, ""),
        (f"type={'x' * 5000}", 200, "No job ended"),
    ],
)
@pytest.mark.usefixtures("some_jobs")
def test_what_the_address_says_wrongly_is_answered_in_words(ada: Browser, query: str, status: int, words: str) -> None:
    page = ada.get(f"/statistics?{query}")
    assert (page.status_code, words in page.text) == (status, True)


def test_programs_get_the_same_figures(ada: Browser, ann: User, database: Database) -> None:
    fill(database, [ann], 40, now())
    headers = {"Authorization": f"Bearer {create_token(database, 'Ann')}"}
    told = ada.get("/api/v1/statistics?job_type=text", headers=headers).json()
    jobs = counted(database, Wanted(ann, now() - timedelta(days=30), now() + timedelta(days=1), job_type="text"))
    assert (told["total"]["jobs"], len(told["days"])) == (len(jobs), 30)
    assert told["total"]["rows"]["received"] == sum(job.received for job in jobs)
    assert told["total"]["running_ms"]["median"] == quantile([job.ran_ms or 0 for job in jobs], MEDIAN)
    assert [each["job_type"] for each in told["job_types"]] == ["text"]
    for wrong in ("from=2026-11-21&to=2026-11-20", "from=2000-01-01&to=2199-12-31", "user=Ann", "nonsense=1", "to=x"):
        assert ada.get(f"/api/v1/statistics?{wrong}", headers=headers).status_code == 422, wrong
