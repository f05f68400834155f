"""Rows that an earlier job has done are told before the start, and skipped unless the operator wants them run."""

import random
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from tests.jobs.bench import Bench
from webapp.authoring import AuthoringError, Context, Table, job
from webapp.jobs.claims import Task
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action
from webapp.jobs.known_rows import know, known_rows
from webapp.jobs.recovery import take_back
from webapp.jobs.run import run_claim
from webapp.jobs.submission import StartAt, Submission
from webapp.store.tables import Job, KnownRow, Outcome, State

pytestmark = pytest.mark.both_databases


def orders(*numbers: int, **deeds: str) -> str:
    """A file with these orders: `o7="error"` says what happens over order 7."""
    return "order,do\n" + "".join(f"{number},{deeds.get(f'o{number}', '')}\n" for number in numbers)


def ran(bench: Bench, text: str, job_type: str = "ship", **how: Any) -> Job:
    """Hand a file in and run it."""
    submission = Submission(bench.user, job_type, bench.upload(text), when=StartAt(**how))
    return bench.run_waiting(bench.submissions.submit(submission, {}).id)


def reasons(bench: Bench, job_id: UUID) -> dict[int, str | None]:
    """Why rows were skipped."""
    return {entry.first_row: entry.reason for entry in bench.entries(job_id) if entry.outcome is Outcome.skipped}


def overlap(bench: Bench, text: str, job_type: str = "ship") -> dict[str, Any]:
    """What the check says of a file."""
    checked = bench.run_waiting(bench.prepare(job_type, text), Task.check)
    assert checked.findings is not None
    found: dict[str, Any] = checked.findings["overlap"]
    return found


def test_rows_that_an_earlier_job_has_done_are_skipped_with_the_place_where(bench: Bench) -> None:
    ran(bench, orders(*range(1, 11)))
    second = ran(bench, orders(11, 3, 12, 9))
    assert bench.counts(second.id) == {"done": 2, "skipped": 2}
    assert second.state is State.completed
    assert reasons(bench, second.id) == {2: "Done in job 1, row 3.", 4: "Done in job 1, row 9."}
    assert bench.kept("shipped") == list(range(1, 13))


def test_the_check_says_how_many_rows_which_job_has_done(bench: Bench) -> None:
    ran(bench, orders(*range(1, 701)))
    ran(bench, orders(*range(701, 801)))
    found = overlap(bench, orders(*range(600, 900), 899))
    jobs = [{"number": 1, "rows": 101}, {"number": 2, "rows": 100}]
    assert found == {"rows": 201, "unsure": 0, "repeats": 1, "jobs": jobs}


def test_the_operator_may_run_them_all_the_same(bench: Bench) -> None:
    ran(bench, orders(1, 2))
    again = ran(bench, orders(1, 2), redo=True)
    assert bench.counts(again.id) == {"done": 2}
    assert bench.kept("shipped") == [1, 1, 2, 2]
    assert set(reasons(bench, ran(bench, orders(1)).id).values()) == {"Done in job 2, row 1."}


def test_a_key_that_comes_twice_in_a_file_is_done_once(bench: Bench) -> None:
    job = ran(bench, orders(1, 2, 1, *range(3, 200), 1))
    assert bench.kept("shipped") == list(range(1, 200))
    assert bench.counts(job.id) == {"done": 199, "skipped": 2}
    assert set(reasons(bench, job.id).values()) == {"Row 1 of this file has the same key, and was done."}


def test_a_row_whose_first_is_not_done_is_run(bench: Bench) -> None:
    text = "order,do\n1,error\n1,\n"
    assert bench.counts(ran(bench, text).id) == {"done": 1, "failed": 1}
    assert bench.counts(ran(bench, orders(1, 2)).id) == {"done": 1, "skipped": 1}


@pytest.mark.parametrize("desk", [False, True])
def test_a_row_whose_first_is_refused_by_the_database_fails_and_may_be_tried_again(desk: bool, bench: Bench) -> None:  # noqa: FBT001 (a parameter of a test)
    with bench.database.write() as session:
        session.execute(text("CREATE TABLE part (id INTEGER PRIMARY KEY)"))
    bench.run("ship_parts", "order,part\n1,7\n", desk=desk)
    job = bench.run("ship_parts", "order,part\n5,7\n5,8\n5,9\n", desk=desk)
    assert bench.ranges(job.id) == [(1, 1, "rejected"), (2, 3, "failed")]
    assert (
        bench.entries(job.id)[1].reason == "Row 1 of this file has the same key, and was refused. Try this one again."
    )
    bench.act(job.id, Action.retry_rows)
    bench.run_waiting(job.id)
    assert bench.ranges(job.id) == [(1, 1, "rejected"), (2, 2, "done"), (3, 3, "skipped")]


def test_a_row_whose_first_was_refused_before_is_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.run("ship_parts", "order,part\n1,7\n")
    monkeypatch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 0)
    job = bench.run("ship_parts", "order,part\n5,7\n5,8\n5,9\n")
    assert bench.ranges(job.id) == [(1, 1, "rejected"), (2, 2, "done"), (3, 3, "skipped")]


def test_rows_that_failed_are_not_known_until_they_are_done(bench: Bench) -> None:
    first = ran(bench, orders(1, 2, 3, o2="error"))
    assert overlap(bench, orders(1, 2))["rows"] == 1
    second = ran(bench, orders(2))
    assert bench.counts(second.id) == {"done": 1}
    bench.act(first.id, Action.retry_rows)
    bench.run_waiting(first.id)
    assert reasons(bench, first.id) == {2: f"Done in job {second.number}, row 1."}
    assert bench.kept("shipped") == [1, 2, 3]


def test_only_a_hash_of_a_key_is_kept_and_jobs_of_another_type_have_others(bench: Bench) -> None:
    ran(bench, orders(4711))
    with bench.database.read() as session:
        (row,) = session.exec(select(KnownRow)).all()
    assert len(row.fingerprint) == 16
    assert b"4711" not in row.fingerprint
    assert overlap(bench, orders(4711), "notify")["rows"] == 0


def test_a_key_of_two_columns_and_a_row_without_a_key(bench: Bench) -> None:
    ran(bench, "n,a,b\n1,x,y\n2,xy,\n3,,\n", "ship_pairs")
    second = ran(bench, "n,a,b\n4,x,y\n5,x,yy\n6,,\n7,xy,\n", "ship_pairs")
    assert sorted(reasons(bench, second.id)) == [1, 4]
    assert bench.kept("pairs") == [1, 2, 3, 5, 6]


def test_a_key_that_can_t_be_told_costs_its_row_only(bench: Bench) -> None:
    assert bench.counts(ran(bench, orders(1, 2, 3), "ship_broken").id) == {"done": 2, "failed": 1}
    assert overlap(bench, orders(1, 2, 3), "ship_broken")["rows"] == 2


def test_an_unknown_row_is_not_run_by_another_job_until_somebody_decides(bench: Bench) -> None:
    first = ran(bench, orders(1, 2, o2="break"), "notify")
    assert bench.counts(first.id) == {"done": 1, "unknown": 1}
    assert overlap(bench, orders(2), "notify") == {
        "rows": 1, "unsure": 1, "repeats": 0, "jobs": [{"number": 1, "rows": 1}]
    }  # fmt: skip
    second = ran(bench, orders(2), "notify")
    assert reasons(bench, second.id) == {1: "It may have been done in job 1, row 2: decide there first."}
    bench.control().decide(bench.user, first.id, Decision.not_sent)
    assert bench.counts(ran(bench, orders(2), "notify").id) == {"done": 1}


def test_an_unknown_row_that_waits_to_be_sent_again_is_not_run_by_another_job(bench: Bench) -> None:
    first = ran(bench, orders(1, o1="break"), "notify")
    bench.control().decide(bench.user, first.id, Decision.send_again)
    assert overlap(bench, orders(1), "notify")["unsure"] == 1


def test_what_a_job_has_done_is_known_until_it_is_undone(bench: Bench) -> None:
    first = ran(bench, orders(1, 2), "ship_back")
    undo = bench.control().undo(bench.user, first.id)
    assert overlap(bench, orders(1, 2), "ship_back")["rows"] == 2, "its undo waits"
    bench.act(undo.id, Action.cancel)
    second = ran(bench, orders(1, 2), "ship_back")
    assert reasons(bench, second.id) == {1: "Done in job 1, row 1.", 2: "Done in job 1, row 2."}
    bench.act(undo.id, Action.retry)
    assert bench.run_waiting(undo.id).state is State.completed
    assert bench.counts(ran(bench, orders(1, 2), "ship_back").id) == {"done": 2}


def test_what_one_job_has_done_stays_known_when_a_later_one_with_its_key_has_not(bench: Bench) -> None:
    ran(bench, orders(1), "notify")
    second = ran(bench, orders(1, o1="break"), "notify", redo=True)
    bench.control().decide(bench.user, second.id, Decision.not_sent)
    assert reasons(bench, ran(bench, orders(1), "notify").id) == {1: "Done in job 1, row 1."}
    ran(bench, orders(1), "ship_back")
    undo = bench.control().undo(bench.user, ran(bench, orders(1), "ship_back", redo=True).id)
    bench.run_waiting(undo.id)
    assert reasons(bench, ran(bench, orders(1), "ship_back").id) == {1: "Done in job 4, row 1."}


def test_two_jobs_write_the_same_keys_down_in_any_order_without_waiting(bench: Bench) -> None:
    if not bench.database.is_postgres:
        pytest.skip("SQLite has one writer")
    first, second = (ran(bench, orders(number), "notify").id for number in (1, 2))
    keys = [bytes([number]) * 16 for number in (1, 2)]
    with bench.database.write() as one, bench.database.write() as other:
        for session in (one, other):
            session.execute(text("SET LOCAL lock_timeout = 1000"))
        know(one, first, {1: keys[0]})
        know(other, second, {1: keys[1]})
        know(one, first, {2: keys[1]})
        know(other, second, {2: keys[0]})


def test_the_rows_of_one_job_are_forgotten_without_a_look_at_those_of_others(bench: Bench) -> None:
    with bench.database.read() as session:
        (index,) = inspect(session.connection()).get_indexes("known_row")
    assert index["column_names"] == ["job", "row"]


def test_a_row_that_an_undo_may_have_left_is_not_run(bench: Bench) -> None:
    submission = Submission(bench.user, "ship_back", bench.upload(orders(1, 2)))
    first = bench.run_waiting(bench.submissions.submit(submission, {"leave": True}).id)
    undo = bench.control().undo(bench.user, first.id)
    assert bench.run_waiting(undo.id).state is State.completed_with_errors
    assert overlap(bench, orders(1, 2), "ship_back")["unsure"] == 2
    told = "Done in job 1, row {}, and job 2 may not have undone it: look there."
    second = ran(bench, orders(1, 2), "ship_back")
    assert reasons(bench, second.id) == {1: told.format(1), 2: told.format(2)}


@pytest.mark.parametrize("size", [1, 7, 100])
def test_whatever_crashes_between_two_commits_no_row_is_done_twice(
    size: int, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled = random.Random(size)
    numbers = [rolled.randrange(1, 60) for _ in range(100)]
    job_id = bench.submit("ship", orders(*numbers))
    for crash_at in (0, 1, 2):
        work = bench.work()
        commits = 0

        def commit(*arguments: Any, crash_at: int = crash_at, own: Any = work.ledger.commit, **named: Any) -> None:
            nonlocal commits
            commits += 1
            if commits > crash_at:
                raise GeneratorExit
            own(*arguments, **named)

        with monkeypatch.context() as patch:
            patch.setattr("webapp.jobs.rows.COMMIT_SECONDS", 0 if size == 1 else size / 10_000)
            patch.setattr(work.ledger, "commit", commit)
            with suppress(GeneratorExit):
                run_claim(work)
                break  # it took fewer commits
        take_back(bench.database, bench.data, work.claim, lost=False)
    job = bench.job(job_id) if bench.job(job_id).state is State.completed else bench.run_waiting(job_id)
    assert bench.kept("shipped") == sorted(set(numbers))
    assert (job.done, job.skipped) == (len(set(numbers)), 100 - len(set(numbers)))


def test_a_row_s_own_key_does_not_stand_in_its_way(bench: Bench) -> None:
    job = ran(bench, orders(1))
    with bench.database.read() as session:
        kept = session.exec(select(KnownRow)).one()
        assert known_rows(session, job, {1: kept.fingerprint}) == {}


def test_a_job_type_says_at_once_what_is_wrong_with_its_key() -> None:
    with pytest.raises(AuthoringError, match="is not called for each row"):

        @job(row_key="order")
        def whole(rows: Table, ctx: Context) -> None:
            """A job."""

    with pytest.raises(AuthoringError, match="write the name of a column"):
        job(row_key=3)(lambda: None)  # type: ignore[arg-type]
