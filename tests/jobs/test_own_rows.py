"""The rows that a job without a table accounts for."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from webapp.jobs.own_rows import OwnRows


def test_how_many_rows_there_are_is_said_once() -> None:
    counts: list[int] = []
    work: Any = SimpleNamespace(upload=None, job_type=SimpleNamespace(restart=False))
    work.ledger = SimpleNamespace(received=counts.append)
    account = OwnRows(cast("Any", work))
    account.rows(3)
    account.skip(3, "Was not wanted.")
    with pytest.raises(RuntimeError, match="once"):
        account.rows(2)
    assert (counts, account.batch.end.row) == ([3], 4)
