"""What ended jobs hold of their rows goes when it is time or an administrator wants it; what they came to stays."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from tests.jobs.bench import Bench, items
from tests.jobs.whole import everything
from webapp.errors import Refused
from webapp.jobs.activity import activities, record
from webapp.jobs.cleanup import MOST_TRIES
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action
from webapp.jobs.forgetting import BLANK, forget
from webapp.jobs.halt import stand_still
from webapp.jobs.housekeeping import keep_house, remove_old
from webapp.jobs.mending import refusal
from webapp.jobs.removal import Removals
from webapp.kit import now
from webapp.store.tables import Cleanup, Job, State, User
from webapp.store.uploads import Uploads

pytestmark = pytest.mark.both_databases
CANARY = "canary@example.com"
WRONG = f"id,do\n1,\n2,reject\n{CANARY},\n4,error\n"


def ended_long_ago(bench: Bench, job_id: UUID, days: int = 31) -> None:
    with bench.database.write() as session:
        values = {"finished_at": now() - timedelta(days=days)}
        session.execute(update(Job).where(col(Job.id) == job_id).values(**values))


def files_of(bench: Bench) -> set[str]:
    """What lies on disk of uploads and results."""
    folders = [bench.settings.data / name for name in ("uploads", "results")]
    return {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}


def jobs(bench: Bench) -> list[Job]:
    with bench.database.read() as session:
        found = list(session.exec(select(Job)))
        session.expunge_all()
    return found


def test_its_file_and_what_is_cited_go_and_its_sums_and_deeds_stay(
    bench: Bench, removals: Removals, admin: User
) -> None:
    job = bench.run("keep_rows", WRONG, table="kept")
    before, ranges = bench.counts(job.id), bench.ranges(job.id)
    assert CANARY in everything(bench)
    removals.remove(admin, job.id)
    after = bench.job(job.id)
    assert (bench.counts(job.id), bench.ranges(job.id), after.state) == (before, ranges, job.state)
    assert CANARY not in everything(bench)
    assert {entry.reason for entry in bench.entries(job.id)} == {None, BLANK}
    assert files_of(bench) == set()
    assert (after.removal, after.upload_id, after.file_name) == ("Root had it removed.", None, "items.csv")
    assert after.removed_at is not None
    with bench.database.read() as session:
        (deed, *_) = activities(session, job.id)
    assert (deed.action, deed.user_id, deed.detail["file"]) == ("remove", admin.id, "items.csv")
    removals.remove(admin, job.id)
    assert bench.job(job.id).removed_at == after.removed_at, "twice is once"


def test_a_job_s_results_and_what_it_logged_go_too(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("clean_csv", items(3))
    assert bench.results(job.id)
    removals.remove(admin, job.id)
    assert (bench.results(job.id), bench.log(job.id), files_of(bench)) == ({}, [], set())


def test_nothing_of_it_can_be_done_again_and_it_says_so(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("keep_rows", WRONG)
    removals.remove(admin, job.id)
    control = bench.control()
    deeds: list[Any] = [
        lambda: control.act(bench.user, job.id, Action.retry_rows),
        lambda: control.act(bench.user, job.id, Action.retry),
        lambda: control.run_again(bench.user, job.id),
        lambda: control.decide(bench.user, job.id, Decision.send_again),
    ]
    for deed in deeds:
        with pytest.raises(Refused, match="was removed"):
            deed()
    with bench.database.read() as session:
        assert "was removed" in refusal(session, bench.job(job.id), bench.shop.registry.get("keep_rows"))


def test_jobs_are_removed_when_their_days_are_over_and_not_before(bench: Bench, removals: Removals) -> None:
    old, young, waits = (bench.run("keep_rows", items(2), table="t") for _ in range(3))
    queued = bench.submit("keep_rows", items(2))
    ended_long_ago(bench, old.id)
    ended_long_ago(bench, young.id, 29)
    ended_long_ago(bench, waits.id)
    ended_long_ago(bench, queued)
    with bench.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == waits.id).values(state=State.needs_attention))
    remove_old(removals, None)
    assert all(job.removal is None for job in jobs(bench)), "without a number of days, for ever"
    remove_old(removals, 30)
    assert {job.id for job in jobs(bench) if job.removal} == {old.id}
    assert bench.job(old.id).removal == "It was kept for 30 days, as on all jobs of this desk."
    assert bench.run_waiting(queued).done == 2, "a job that waits keeps its file"


def test_however_many_are_old_none_is_left(bench: Bench, removals: Removals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.jobs.removal.AT_ONCE", 2)
    for _ in range(5):
        ended_long_ago(bench, bench.run("keep_rows", items(1), table="t").id)
    assert removals.remove_old(30) == 5
    assert all(job.removed_at for job in jobs(bench))


def test_what_is_kept_for_ever_stays_until_it_is_let_go_of(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("keep_rows", items(2))
    ended_long_ago(bench, job.id)
    removals.keep(admin, job.id, keep=True)
    assert removals.remove_old(30) == 0
    with pytest.raises(Refused, match="kept for ever"):
        removals.remove(admin, job.id)
    removals.keep(admin, job.id, keep=False)
    assert removals.remove_old(30) == 1
    with pytest.raises(Refused, match="removed"):
        removals.keep(admin, job.id, keep=True)


def test_a_job_that_has_not_ended_or_is_being_undone_is_left_alone(
    bench: Bench, removals: Removals, admin: User
) -> None:
    waiting = bench.submit("ship_back", "order,do\n1,\n")
    with pytest.raises(Refused, match="has not ended"):
        removals.remove(admin, waiting)
    bench.run_waiting(waiting)
    undo = bench.control().undo(bench.user, waiting)
    with pytest.raises(Refused, match="undo"):
        removals.remove(admin, waiting)
    bench.run_waiting(undo.id)
    removals.remove(admin, waiting)
    assert bench.job(waiting).removed_at is not None


def test_a_job_whose_clean_up_was_given_up_can_be_removed_and_one_that_waits_for_it_not(
    bench: Bench, removals: Removals, admin: User, tmp_path: Path
) -> None:
    job = bench.run("leave_mess", folder=str(tmp_path), how="")
    with pytest.raises(Refused, match="clean-up is under way"):
        removals.remove(admin, job.id)
    with bench.database.write() as session:
        session.execute(update(Cleanup).values(tries=MOST_TRIES, due_at=now() - timedelta(seconds=1)))
    removals.remove(admin, job.id)
    assert bench.job(job.id).removed_at is not None
    with bench.database.read() as session:
        assert session.exec(select(Cleanup)).all() == []


def test_a_job_whose_undo_just_begins_is_left_alone(
    bench: Bench, removals: Removals, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bench.run("ship_back", "order,do\n1,\n").id
    refusals = list[Refused]()

    def remove() -> None:
        try:
            removals.remove(admin, job_id)
        except Refused as refused:
            refusals.append(refused)

    meanwhile = threading.Thread(target=remove)

    def record_slowly(*given: Any, **more: Any) -> None:
        record(*given, **more)
        meanwhile.start()
        meanwhile.join(0.5)
        assert meanwhile.is_alive(), "it waits for what was begun"

    monkeypatch.setattr("webapp.jobs.control.record", record_slowly)
    undo = bench.control().undo(bench.user, job_id)
    meanwhile.join()
    assert (len(refusals), bench.job(job_id).removal) == (1, None)
    assert bench.run_waiting(undo.id).state is State.completed


def test_a_file_that_another_job_has_stays_with_that_one(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("keep_rows", items(2), table="t")
    again = bench.control().run_again(bench.user, job.id)
    removals.remove(admin, job.id)
    assert str(again.upload_id) in files_of(bench)
    bench.act(again.id, Action.cancel)
    removals.remove(admin, again.id)
    assert files_of(bench) == set()


def test_files_among_its_parameters_go_although_its_code_is_gone(bench: Bench, removals: Removals, admin: User) -> None:
    file, named = bench.upload("hello", "words.txt"), bench.upload("hello", "other.txt")
    job = bench.run("read_beside", beside=str(file))
    params = {"renamed": {"files": [job.params["beside"]]}, "note": f"{named} is not a file of it", "n": 3, "no": ""}
    with bench.database.write() as session:
        session.execute(update(Job).where(col(Job.id) == job.id).values(job_type="gone", params=params))
    removals.remove(admin, job.id)
    assert files_of(bench) == {str(named)}


def test_a_file_among_the_parameters_of_another_job_too_stays(bench: Bench, removals: Removals, admin: User) -> None:
    file = bench.upload("hello", "words.txt")
    job, other = (bench.run("read_beside", beside=str(file)) for _ in range(2))
    removals.remove(admin, job.id)
    assert files_of(bench) == {str(file)}
    removals.remove(admin, other.id)
    assert files_of(bench) == set()


def test_whoever_dies_over_it_leaves_it_to_the_next_hour(
    bench: Bench, removals: Removals, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.run("keep_rows", WRONG)
    with monkeypatch.context() as patch:
        patch.setattr("webapp.jobs.removal.forget", lambda *_: (_ for _ in ()).throw(GeneratorExit))
        with pytest.raises(GeneratorExit):
            removals.remove(admin, job.id)
    half = bench.job(job.id)
    assert (half.removed_at, half.removal) == (None, "Root had it removed.")
    with pytest.raises(Refused, match="was removed"):
        bench.act(job.id, Action.retry_rows)
    remove_old(removals, None)
    assert bench.job(job.id).removed_at is not None
    assert files_of(bench) == set()


def test_a_desk_that_stands_still_removes_nothing(bench: Bench, removals: Removals) -> None:
    job = bench.run("keep_rows", items(2))
    ended_long_ago(bench, job.id)
    with bench.database.write() as session:
        stand_still(session, "Restored.", now())
    remove_old(removals, 30)
    assert bench.job(job.id).removal is None


def test_one_that_fails_keeps_no_other_from_going(
    bench: Bench, removals: Removals, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = (bench.run("keep_rows", items(2), table="t") for _ in range(2))
    ended_long_ago(bench, bad.id, 40)
    ended_long_ago(bench, good.id)

    def fail(session: Session, job_id: UUID) -> None:
        if job_id == bad.id:
            raise ValueError("a row that nobody can remove")
        forget(session, job_id)

    with monkeypatch.context() as patch:
        patch.setattr("webapp.jobs.removal.forget", fail)
        remove_old(removals, 30)
        assert bench.job(good.id).removed_at is not None
        later = bench.run("keep_rows", items(2), table="t")
        ended_long_ago(bench, later.id)
        remove_old(removals, 30)
        assert bench.job(later.id).removed_at is not None
    assert f"job {bad.id}: what it holds could not be removed" in caplog.text
    remove_old(removals, 30)
    assert bench.job(bad.id).removed_at is not None


def test_what_hinders_the_hour_s_other_cleaning_does_not_hinder_it(
    bench: Bench, removals: Removals, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = bench.run("keep_rows", items(2))
    ended_long_ago(bench, job.id)
    stop = threading.Event()
    stop.set()
    monkeypatch.setattr("webapp.jobs.housekeeping.sweep", lambda *_: (_ for _ in ()).throw(OSError("a broken disk")))
    keep_house(Uploads(bench.database, bench.shop.files, 1, 0), removals, 30, stop)
    assert bench.job(job.id).removed_at is not None
