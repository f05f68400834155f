"""Figures for what watches the desk: as their readers want them, of nobody, and right."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.jobs.lifecycle import ENDED
from webapp.kit import now
from webapp.store.database import Database
from webapp.store.tables import Job, Role, State, User, Worker
from webapp.web.desk import Desk

SAMPLE = re.compile(r'(batchdesk_[a-z_]+)(\{state="[a-z_]+"\})? (\d+(?:\.\d+)?(?:e\+\d+)?)')


@pytest.fixture
def asked(app: FastAPI, database: Database) -> httpx.Response:
    add_user(database, "Ada", Role.admin, PASSWORD)
    token = create_token(database, "Ada")
    ann = add_user(database, "canary-name", Role.operator, PASSWORD)
    ago = now() - timedelta(minutes=5)
    with database.write() as session:
        for number, state in enumerate((State.queued, State.queued, State.running, State.completed), start=1):
            job = Job(number=number, owner_id=ann.id, job_type="clean_csv", state=state, file_name="canary-file.csv")
            job.queued_at, job.lease_until = ago, ago if state is State.running else None
            session.add(job)
        session.add(Worker(id=ann.id, name="canary-worker"))
    return Browser(app).get("/api/v1/metrics", headers={"Authorization": f"Bearer {token}"})


def figures(text: str) -> dict[str, float]:
    """Each by its name and label."""
    found = [SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    return {each[1] + (each[2] or ""): float(each[3]) for each in found if each}


def test_the_figures_are_those_of_the_desk(asked: httpx.Response, desk: Desk) -> None:
    found = figures(asked.text)
    assert found['batchdesk_jobs{state="queued"}'] == 2
    assert found['batchdesk_jobs{state="running"}'] == 1
    assert found['batchdesk_jobs{state="paused"}'] == 0
    assert 300 <= found["batchdesk_oldest_queued_seconds"] < 400
    assert 300 <= found["batchdesk_lease_overdue_seconds"] < 400
    assert (found["batchdesk_workers"], found["batchdesk_slots"]) == (1, desk.engine.health().slots)
    assert found["batchdesk_disk_free_bytes"] > 0
    assert 0 < found["batchdesk_database_log_bytes"] < 10_000_000


def test_their_readers_can_read_them(asked: httpx.Response) -> None:
    assert asked.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = asked.text.splitlines()
    assert asked.text.endswith("\n")
    described = [line.split()[2] for line in lines if line.startswith("# HELP ")]
    assert described == [line.split()[2] for line in lines if re.fullmatch(r"# TYPE \w+ gauge", line)]
    assert len(set(described)) == len(described) > 5
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert {line.partition("{")[0].split()[0] for line in samples} == set(described)
    assert len(samples) < 30, "no figure for each job, file or person"


def test_they_tell_of_no_person_and_no_file(asked: httpx.Response) -> None:
    assert "canary" not in asked.text
    assert not any(f'"{state}"' in asked.text for state in ENDED)


def test_a_desk_without_jobs_has_figures_too(app: FastAPI, ann: User, database: Database) -> None:
    with database.write() as session:
        session.get_one(User, ann.id).role = Role.admin
    token = create_token(database, ann.name)
    answer = Browser(app).get("/api/v1/metrics", headers={"Authorization": f"Bearer {token}"})
    found = figures(answer.text)
    assert found["batchdesk_oldest_queued_seconds"] == found["batchdesk_lease_overdue_seconds"] == 0
