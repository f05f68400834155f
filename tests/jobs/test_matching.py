"""A job is run with the columns that its operator saw, and the next one is matched like it."""

from uuid import UUID

import pytest

from tests.jobs.bench import Bench
from webapp.errors import BadInput
from webapp.intake import How, Match
from webapp.jobs.claims import Task
from webapp.store.tables import Job, State

TEXT = "id,Number,Deed\n7,1,\n8,2,\n"


def chosen_job(bench: Bench, text: str = TEXT, **chosen: str | None) -> UUID:
    """A prepared job whose columns were chosen."""
    job_id = bench.prepare("keep_rows", text)
    bench.submissions.settle(bench.user, job_id, match=chosen)
    return job_id


def match_of(bench: Bench, job_id: UUID) -> Match:
    stored = bench.job(job_id).match
    assert stored is not None
    return Match.from_json(stored)


def test_check_and_run_use_the_columns_that_were_chosen(bench: Bench) -> None:
    job_id = chosen_job(bench, id="Number", do="Deed")
    checked = bench.run_waiting(job_id, Task.check)
    assert checked.findings is not None
    assert (checked.state, checked.findings["rejected"]) == (State.ready, 0)
    bench.submissions.start(bench.user, job_id, {})
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == [1, 2], "the numbers, not the ids"


def test_a_run_finds_nothing_anew(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", TEXT)
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        assert job.match is not None
        job.match = {**job.match, "pairs": {"id": "Number", "do": None}}
    bench.submissions.start(bench.user, job_id, {})
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == [1, 2], "although there is a column called id"


def test_a_job_of_an_earlier_version_goes_by_names_alone(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "id,ID\n7,1\n")
    with bench.database.write() as session:
        session.get_one(Job, job_id).match = None
    bench.submissions.start(bench.user, job_id, {})
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == [7]


def test_a_job_that_needs_more_columns_by_now_says_so(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", TEXT)
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        assert job.match is not None
        job.match = {**job.match, "pairs": {"do": "Deed"}, "how": {"do": "chosen"}, "score": {"do": 1.0}}
    bench.submissions.start(bench.user, job_id, {})
    failed = bench.run_waiting(job_id)
    assert failed.state is State.failed
    assert "“id”" in (failed.problem or "")


def test_the_next_file_with_the_header_is_matched_like_the_last_that_was_started(bench: Bench) -> None:
    text = TEXT.replace("id,", "Key,")
    job_id = chosen_job(bench, text, id="Number", do="Deed")
    assert bench.job(bench.prepare("keep_rows", text)).state is State.draft, "nobody has started it yet"
    bench.submissions.start(bench.user, job_id, {})
    again = match_of(bench, bench.prepare("keep_rows", text))
    assert again.pairs == {"id": "Number", "do": "Deed"}
    assert again.how == {"id": How.REMEMBERED, "do": How.REMEMBERED}
    assert again.doubtful == ()
    changed = match_of(bench, bench.prepare("keep_rows", text.replace("Number", "Numbers")))
    assert changed.pairs["id"] == "Numbers"
    assert changed.doubtful == ("id",)


def test_a_choice_goes_before_what_is_remembered(bench: Bench) -> None:
    bench.submissions.start(bench.user, chosen_job(bench, id="Number"), {})
    assert match_of(bench, chosen_job(bench, id="id")).pairs["id"] == "id"


def test_choices_that_cannot_be_are_refused_and_change_nothing(bench: Bench) -> None:
    job_id = chosen_job(bench, id="Number")
    for chosen in ({"id": None}, {"colour": "id"}, {"id": "id", "do": "id"}):
        with pytest.raises(BadInput):
            bench.submissions.settle(bench.user, job_id, match=chosen)
    assert match_of(bench, job_id).pairs["id"] == "Number"
