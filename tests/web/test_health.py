"""Does it run, and can it work? Asked of a real desk whose parts we take away."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.web.conftest import Browser
from webapp.app import create_app
from webapp.jobs import workers
from webapp.kit import new_id, now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Worker


def ready(app: FastAPI) -> tuple[int, list[str]]:
    answer = Browser(app).get("/readyz")
    return answer.status_code, [reason.partition(":")[0] for reason in answer.json()["reasons"]]


def changed(settings: Settings, **changes: object) -> FastAPI:
    return create_app(settings.model_copy(update=changes))


def heard_of(database: Database, ago: timedelta, name: str = "", started: timedelta = timedelta(hours=1)) -> None:
    with database.write() as session:
        session.add(Worker(id=new_id(), name=name, started_at=now() - started, seen_at=now() - ago))


def test_a_desk_that_has_all_it_needs_is_ready(app: FastAPI) -> None:
    assert ready(app) == (200, [])


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_anybody_may_ask_under_any_name(browser: Browser, path: str) -> None:
    assert browser.get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_it_is_alive_even_without_a_database(settings: Settings, tmp_path: Path) -> None:
    app = changed(settings, database_url=f"sqlite:///{tmp_path}/no/such/folder/db")
    assert Browser(app).get("/healthz").text == "ok\n"
    assert ready(app) == (503, ["database"])


def test_it_is_not_ready_before_the_migrations(settings: Settings, tmp_path: Path) -> None:
    assert ready(changed(settings, database_url=f"sqlite:///{tmp_path}/empty.sqlite3")) == (503, ["migrations"])


def test_it_is_not_ready_after_an_older_versions_migrations(app: FastAPI, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert ready(app) == (503, ["migrations"])


def test_it_is_not_ready_when_the_disk_is_nearly_full(settings: Settings, database: Database) -> None:
    assert database
    assert ready(changed(settings, disk_reserve=10**18)) == (503, ["disk"])


def test_it_is_not_ready_without_a_worker_that_was_heard_of(settings: Settings, database: Database) -> None:
    app = changed(settings, workers=1)
    assert ready(app) == (503, ["workers"])
    heard_of(database, timedelta(seconds=31))
    assert ready(app) == (503, ["workers"])
    heard_of(database, timedelta(seconds=20))
    assert ready(app) == (200, [])


def test_a_worker_that_is_gone_while_others_are_alive_is_noted_until_another_takes_its_place(
    settings: Settings, database: Database
) -> None:
    app = changed(settings, workers=1)
    heard_of(database, timedelta(seconds=1), "here:1")
    heard_of(database, timedelta(minutes=2), "there:7")
    assert ready(app) == (200, [])
    note = "workers: 1 fell silent without taking leave, and no other has taken the place"
    assert Browser(app).get("/readyz").json()["notes"] == [note]
    heard_of(database, timedelta(seconds=1), "there:8", started=timedelta(minutes=1))
    assert Browser(app).get("/readyz").json()["notes"] == []


def test_workers_count_as_alive_here_as_long_as_everywhere_else(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = changed(settings, workers=1)
    heard_of(database, timedelta(seconds=20))
    monkeypatch.setattr(workers, "SILENT_AFTER", timedelta(seconds=10))
    assert ready(app) == (503, ["workers"])


def test_a_desk_that_runs_no_jobs_needs_no_worker(app: FastAPI, database: Database) -> None:
    heard_of(database, timedelta(days=1))
    assert ready(app) == (200, [])


def test_a_server_of_pages_alone_is_ready_and_notes_that_nobody_works(settings: Settings, database: Database) -> None:
    app = changed(settings, workers=0)
    assert ready(app) == (200, [])
    assert [note.partition(":")[0] for note in Browser(app).get("/readyz").json()["notes"]] == ["workers"]
    workers.beat(database, new_id(), "elsewhere")
    assert Browser(app).get("/readyz").json()["notes"] == []


def test_it_is_not_ready_while_it_shuts_down(app: FastAPI) -> None:
    app.state.draining = True
    assert ready(app) == (503, ["draining"])


def test_all_reasons_are_given_at_once_and_none_tells_a_path(settings: Settings, tmp_path: Path) -> None:
    app = changed(settings, disk_reserve=10**18, database_url=f"sqlite:///{tmp_path}/empty.sqlite3")
    app.state.draining = True
    assert ready(app) == (503, ["migrations", "disk", "draining"])
    assert str(tmp_path) not in Browser(app).get("/readyz").text


def test_it_answers_while_somebody_writes(app: FastAPI, database: Database) -> None:
    ready(app)
    with database.write() as session:
        heard_of_now = Worker(id=new_id())
        session.add(heard_of_now)
        session.flush()
        began = time.perf_counter()
        assert ready(app) == (200, [])
    assert time.perf_counter() - began < 1
