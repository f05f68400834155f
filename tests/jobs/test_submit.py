"""Handing in: one job for one click, a number for each, and a start that happens once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.jobs.bench import Bench, items
from webapp.errors import BadInput, NotFound, Refused
from webapp.jobs.claims import Task
from webapp.jobs.deeds import Action
from webapp.jobs.submission import Submission
from webapp.store.tables import Job, State

pytestmark = pytest.mark.both_databases

AT_ONCE = 20


def at_once(bench: Bench, *keys: str | None) -> list[Job]:
    """Hand in one job for each key, all in the same moment."""
    gate = threading.Barrier(len(keys))

    def submit(key: str | None) -> Job:
        submission = Submission(bench.user, "keep_some", submit_key=key)
        gate.wait()
        return bench.submissions.submit(submission, {})

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(submit, keys))


@pytest.mark.both_databases
def test_the_same_key_at_once_is_one_job(bench: Bench) -> None:
    jobs = at_once(bench, *["the form"] * AT_ONCE)
    assert len({job.id for job in jobs}) == 1
    assert bench.try_claim() is not None
    assert bench.try_claim() is None


@pytest.mark.both_databases
def test_jobs_without_a_key_are_many_and_each_has_its_number(bench: Bench) -> None:
    jobs = at_once(bench, *[None] * AT_ONCE)
    assert sorted(job.number for job in jobs) == list(range(1, AT_ONCE + 1))


def test_the_same_key_of_another_person_is_another_job(bench: Bench) -> None:
    (first,) = at_once(bench, "the form")
    second = bench.submissions.submit(Submission(bench.person("eve"), "keep_some", submit_key="the form"), {})
    assert first.id != second.id


def test_a_file_with_rows_is_checked_before_it_is_ready(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "id,do\n1,\n3\nx,\n")
    assert bench.job(job_id).state is State.checking
    assert bench.try_claim() is None, "a check is no run"
    job = bench.run_waiting(job_id, Task.check)
    assert (job.state, job.received, job.counted, job.accounted) == (State.ready, 3, True, 0)
    assert job.findings is not None
    assert (job.findings["rows"], job.findings["rejected"]) == (3, 2)
    assert job.findings["causes"][0]["examples"][0]["row"] == 2
    assert (job.worker, job.lease_until, job.stalls) == (None, None, 0)


def test_a_file_without_rows_is_ready_at_once(bench: Bench) -> None:
    assert bench.job(bench.prepare("hash_file", b"\0\1")).state is State.ready


@pytest.mark.parametrize("state", ["checking", "ready"])
def test_starting_twice_is_starting_once(state: str, bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    if state == "ready":
        bench.run_waiting(job_id, Task.check)
    for _ in range(2):
        bench.submissions.start(bench.user, job_id, {"pause": "0"})
    job = bench.run_waiting(job_id)
    assert (job.state, job.attempt) == (State.completed, 1)
    bench.submissions.start(bench.user, job_id, {})
    assert bench.job(job_id).state is State.completed


def test_a_start_that_is_no_good_changes_nothing(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    with pytest.raises(BadInput) as refused:
        bench.submissions.start(bench.user, job_id, {"pause": "soon", "colour": "red"})
    assert set(refused.value.problems) == {"pause", "colour"}
    with pytest.raises(NotFound):
        bench.submissions.start(bench.person("eve"), job_id, {})
    assert bench.job(job_id).state is State.checking


def test_a_job_that_was_called_off_cannot_be_started(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    bench.act(job_id, Action.cancel)
    with pytest.raises(Refused):
        bench.submissions.start(bench.user, job_id, {})
    assert bench.job(job_id).state is State.cancelled


def test_a_file_that_lacks_a_column_waits_as_a_draft_that_names_it(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "colour,do\nred,\n")
    job = bench.job(job_id)
    assert job.state is State.draft
    assert "“id”" in (job.problem or "")
    assert bench.try_claim(Task.check) is None
    with pytest.raises(BadInput):
        bench.submit("keep_rows", "colour,do\nred,\n")


@pytest.mark.parametrize(
    ("text", "params", "field"),
    [(None, {}, "file"), ("", {}, "file"), ("%PDF-1.7 and so on", {}, "file"), (items(1), {"pause": "x"}, "pause")],
)
def test_what_cannot_be_used_is_refused_and_leaves_no_job(
    text: str | None, params: dict[str, Any], field: str, bench: Bench
) -> None:
    with pytest.raises(BadInput) as refused:
        bench.submit("keep_rows", text, **params)
    assert list(refused.value.problems) == [field]
    assert bench.try_claim() is None
    assert bench.try_claim(Task.check) is None


def test_a_file_of_somebody_else_cannot_be_used(bench: Bench) -> None:
    upload = bench.upload(items(1))
    with pytest.raises(BadInput):
        bench.submissions.submit(Submission(bench.person("eve"), "keep_rows", upload), {})


def test_secrets_are_kept_apart_and_locked(bench: Bench) -> None:
    job = bench.job(bench.submit("talk", token="hush"))
    assert "hush" not in f"{job.params} {job.secrets}"
    assert bench.shop.secrets.unlock(job.secrets) == {"token": "hush"}


def test_a_check_whose_model_errs_goes_on(bench: Bench) -> None:
    job = bench.run_waiting(bench.prepare("fussy_rows", "id,do\n1,\n2,bad\n3,\n"), Task.check)
    assert job.state is State.ready
    assert job.findings is not None
    assert job.findings["rejected"] == 1


def test_a_check_that_breaks_off_stops_in_words(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = bench.prepare("keep_rows", items(3))
    monkeypatch.setattr("webapp.jobs.check.read_rows", lambda *_, **__: [None])
    job = bench.run_waiting(job_id, Task.check)
    assert job.state is State.draft
    assert "broke off" in (job.problem or "")
