"""What others do to a job while a file of mended rows comes back to it, and how long they have to wait for that."""

from typing import Any

import pytest

from tests.jobs.bench import Bench, items
from tests.jobs.test_mending import failed, mended, send_back, text_of, to_mend
from webapp.errors import Refused
from webapp.jobs.deeds import Action
from webapp.jobs.marks import Marks
from webapp.jobs.mending import Menders
from webapp.store.tables import State

pytestmark = pytest.mark.both_databases


def test_the_marks_are_told_before_the_database_is_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = failed(bench)
    content = text_of(mended(to_mend(bench, job_id)))
    told, take = Marks.tell, Menders._take

    def take_without_marks(*given: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.delattr(Marks, "tell")
            return take(*given)

    monkeypatch.setattr(Menders, "_take", take_without_marks)
    assert send_back(bench, job_id, content).rows == 4
    assert Marks.tell is told
    assert bench.run_waiting(job_id).state is State.completed


def test_what_has_changed_since_the_marks_were_told_is_looked_at_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = failed(bench)
    table = mended(to_mend(bench, job_id))
    pick, others = Menders._pick, [text_of(table[:3])]

    def pick_and_then(self: Menders, *given: Any) -> Any:
        picked = pick(self, *given)
        if others:
            send_back(bench, job_id, others.pop())
            bench.run_waiting(job_id)
        return picked

    monkeypatch.setattr(Menders, "_pick", pick_and_then)
    mending = send_back(bench, job_id, text_of(table))
    assert (mending.rows, mending.left) == (2, 2)
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def test_a_job_that_is_started_meanwhile_takes_nothing_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = bench.run("keep_rows", items(4, r2="fail")).id
    content = text_of(mended(to_mend(bench, job_id)))
    pick = Menders._pick

    def pick_and_then(self: Menders, *given: Any) -> Any:
        picked = pick(self, *given)
        bench.act(job_id, Action.retry_rows)
        return picked

    monkeypatch.setattr(Menders, "_pick", pick_and_then)
    with pytest.raises(Refused, match="at work"):
        send_back(bench, job_id, content)
