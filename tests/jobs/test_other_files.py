"""Files that are parameters: they reach the function, only those who may use them can, and they stay."""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from tests.jobs.bench import Bench
from webapp.errors import BadInput, Refused
from webapp.jobs.plan import Plan, When
from webapp.jobs.schedules import Schedules
from webapp.jobs.submission import Submission
from webapp.kit import now
from webapp.store.tables import LogLine, Role, Upload, User
from webapp.store.uploads import Uploads

pytestmark = pytest.mark.both_databases
GONE = "Beside is not on the desk any more. Choose the file again."


def hand_in(bench: Bench, user: User | None = None, key: str | None = None, **params: Any) -> UUID:
    return bench.submissions.submit(Submission(user or bench.user, "read_beside", submit_key=key), params).id


def said(bench: Bench, job_id: UUID) -> list[str]:
    with bench.database.read() as session:
        return list(session.exec(select(LogLine.message).where(LogLine.job_id == job_id)).all())


def age(bench: Bench) -> Uploads:
    """Let two days go by."""
    with bench.database.write() as session:
        session.execute(update(Upload).values(created_at=now() - timedelta(days=2)))
    return Uploads(bench.database, bench.shop.files, largest=1_000_000, reserve=0)


def test_a_file_reaches_the_function_and_its_name_is_the_desks(bench: Bench) -> None:
    file = bench.upload("hello", "words.txt")
    job_id = hand_in(bench, beside=f"{file} ../other name", more=str(file))
    assert bench.job(job_id).params == {"beside": f"{file} words.txt", "more": f"{file} words.txt"}
    bench.run_waiting(job_id)
    assert said(bench, job_id) == ["words.txt, 5: hello"] * 2


BAD = {
    "x": "Beside is not a file that was handed in.",
    "../../etc/passwd": "Beside is not a file that was handed in.",
    "296143ce-8c71-40a9-88c6-0b7a649a88fa": GONE,
    "": "Beside is not a file that was handed in.",
}


@pytest.mark.parametrize("given", BAD)
def test_what_is_no_file_is_refused(bench: Bench, given: str) -> None:
    with pytest.raises(BadInput) as refused:
        hand_in(bench, beside=given)
    assert refused.value.problems == {"beside": BAD[given]}


def test_somebody_elses_file_and_an_unfinished_one_are_refused_like_none(bench: Bench) -> None:
    file = bench.upload("secret", "mine.txt")
    with pytest.raises(BadInput) as refused:
        hand_in(bench, bench.person("eve"), beside=str(file))
    assert refused.value.problems == {"beside": GONE}
    with bench.database.write() as session:
        session.execute(update(Upload).where(col(Upload.id) == file).values(sha256=None))
    with pytest.raises(BadInput) as refused:
        hand_in(bench, beside=str(file))
    assert refused.value.problems == {"beside": GONE}


def test_an_administrator_repeats_the_job_of_another_with_its_file(bench: Bench) -> None:
    job_id = hand_in(bench, beside=str(bench.upload("hello", "words.txt")))
    admin = bench.person("root", Role.admin)
    again = bench.submissions.repeat(admin, bench.job(job_id))
    bench.submissions.start(admin, again.id, again.params)
    bench.run_waiting(job_id)
    bench.run_waiting(again.id)
    assert said(bench, again.id) == ["words.txt, 5: hello"]


def test_a_file_stays_as_long_as_a_job_or_a_schedule_has_it(bench: Bench) -> None:
    of_job, of_schedule, of_none = (bench.upload(name, f"{name}.txt") for name in ("job", "schedule", "none"))
    hand_in(bench, beside=str(of_job))
    plan = Plan("Daily", "read_beside", When("0 3 * * *", None, "UTC"), {"beside": str(of_schedule)})
    Schedules(bench.submissions).make(bench.user, plan, "key")
    uploads = age(bench)
    for each in (of_job, of_schedule, of_none):
        os.utime(uploads.files.upload(each), (0, 0))
    assert uploads.expire() == 1
    assert [uploads.files.upload(each).exists() for each in (of_job, of_schedule, of_none)] == [True, True, False]
    with pytest.raises(Refused, match="belongs to a job or a schedule"):
        uploads.abandon(uploads.find(bench.user.id, of_job))


def test_the_same_bytes_sent_again_with_the_same_key_are_the_same_request(bench: Bench) -> None:
    first = hand_in(bench, key="k", beside=str(bench.upload("hello", "words.txt")))
    assert hand_in(bench, key="k", beside=str(bench.upload("hello", "words.txt"))) == first
    with pytest.raises(BadInput):
        hand_in(bench, key="k", beside=str(bench.upload("other", "words.txt")))
