"""A stream goes on as long as somebody may watch, and not a look longer."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillGoingOn

import httpx
import pytest
from sqlmodel import update

from tests.web.conftest import Browser
from webapp.accounts.sessions import close_sessions
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, Role, State, User
from webapp.web import stream

LOOK_S = 0.1
LONG_S = 20.0


def signed_out(database: Database, ann: User) -> None:
    close_sessions(database, ann.id)


def demoted(database: Database, ann: User) -> None:
    with database.write() as session:
        session.exec(update(User).where(User.id == ann.id).values(role=Role.viewer))  # type: ignore[arg-type]


@pytest.mark.parametrize("what", [signed_out, demoted])
def test_it_ends_when_its_user_may_not_watch_as_before(
    ann_browser: Browser,
    ann: User,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    what: Callable[[Database, User], None],
) -> None:
    monkeypatch.setattr(stream, "LOOK_AGAIN_SECONDS", LOOK_S)
    job = Job(number=1, owner_id=ann.id, job_type="clean_csv", state=State.queued, queued_at=now())
    with database.write() as session:
        session.add(job)
        session.flush()
        job_id = job.id
    with ThreadPoolExecutor(1) as thread:
        watching: Future[httpx.Response] = thread.submit(ann_browser.get, f"/jobs/{job_id}/stream")
        with pytest.raises(StillGoingOn):
            watching.result(LOOK_S * 10)
        what(database, ann)
        seen = watching.result(LONG_S)
    assert seen.status_code == 200
    assert "Waiting for its turn" in seen.text
    assert "event: done" not in seen.text
