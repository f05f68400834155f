"""Call a web address for each row: after a crash each has one effect, or is unknown."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.job_types.desk import Desk
from tests.receiver import Receiver
from webapp.jobs.batch import Batch
from webapp.jobs.claims import release
from webapp.jobs.ledger import Ledger
from webapp.jobs.run import run_claim
from webapp.store.tables import State

Csv = Callable[..., Path]


@pytest.fixture
def desk_settings(receiver: Receiver) -> dict[str, Any]:
    return {"allowed_hosts": (receiver.place,)}


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, desk: Desk, commit: int, *, before_ledger: bool) -> None:
    """Work on the waiting job as one that dies at its n-th commit, before or after the ledger has it."""
    commits, real, work = count(1), Ledger.commit, desk.claim()

    def die(ledger: Ledger, batch: Batch, **more: Any) -> None:
        last = next(commits) == commit
        if not (last and before_ledger):
            real(ledger, batch, **more)
        if last:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "commit", die)
        with pytest.raises(Killed):
            run_claim(work)
    release(desk.database, work.claim, lost=True)


@pytest.mark.parametrize("commit", [1, 2])
@pytest.mark.parametrize("before_ledger", [True, False])
@pytest.mark.parametrize("keyed", [True, False])
def test_after_a_crash_a_row_has_one_effect_or_is_unknown(  # noqa: PLR0913, PLR0917 (fixtures)
    desk: Desk,
    receiver: Receiver,
    csv_file: Csv,
    monkeypatch: pytest.MonkeyPatch,
    commit: int,
    before_ledger: bool,  # noqa: FBT001
    keyed: bool,  # noqa: FBT001
) -> None:
    """Killed before and after the first row's intent is written down, and before and after its outcome is."""
    file = csv_file("id\n1\n2\n3\n")
    job_id = desk.submit("call_webhook", file, url=receiver.url + "/{id}", per_second=1000, key=keyed)
    kill_at(monkeypatch, desk, commit, before_ledger=before_ledger)
    run_claim(desk.claim())
    ran = desk.result(job_id)
    sent = [heard.path for heard in receiver.heard]
    if keyed:
        assert (ran.job.state, ran.counts) == (State.completed, {"done": 3})
        assert len({heard.headers["idempotency-key"] for heard in receiver.heard}) == 3
        assert set(sent) == {"/1", "/2", "/3"}
        return
    assert len(sent) == len(set(sent)), "nothing is sent twice"
    in_doubt = {(1, True): [], (1, False): [1], (2, True): [1], (2, False): [2]}[commit, before_ledger]
    assert [row for row, outcome, *_ in ran.problems if outcome == "unknown"] == in_doubt
    assert ran.counts.get("done", 0) == 3 - len(in_doubt)
