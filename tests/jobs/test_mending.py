"""Mended rows come back to their job: only they run, each once, and whatever is no such file is said at once."""

import csv
import io
import random
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from sqlmodel import select

from tests.jobs.bench import Bench, items
from webapp.errors import BadInput, Refused
from webapp.jobs.deciding import Decision
from webapp.jobs.deeds import Action
from webapp.jobs.failed_rows import FailedRows
from webapp.jobs.mended import ADDED, ROW_ID, ROW_MARK
from webapp.jobs.mending import Menders
from webapp.store.tables import MendedRow, Mending, Outcome, State, Upload

pytestmark = pytest.mark.both_databases

Table = list[list[str]]
Change = Callable[[Table], object]


def failed(bench: Bench) -> UUID:
    """Ten rows: 2, 5 and 9 failed, 7 was rejected."""
    job = bench.run("keep_rows", items(10, r2="error", r5="error", r7="reject", r9="error"))
    assert bench.counts(job.id) == {"done": 6, "rejected": 1, "failed": 3}
    return job.id


def to_mend(bench: Bench, job_id: UUID) -> Table:
    """The file of failed rows as it is downloaded."""
    file = FailedRows(bench.database, bench.shop.files, bench.shop.secrets, bench.job(job_id))
    return list(csv.reader(io.StringIO("".join(file.csv()).removeprefix("\ufeff"))))


def text_of(table: Table, delimiter: str = ",") -> str:
    """The table as a spreadsheet saves it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(table)
    return text.getvalue()


def mended(table: Table) -> Table:
    """The same with nothing more to do over any row."""
    do = table[0].index("do")
    return [table[0], *([*row[:do], "", *row[do + 1 :]] for row in table[1:])]


def send_back(bench: Bench, job_id: UUID, content: str | bytes, name: str = "x.csv") -> Mending:
    """Drop a file on the job."""
    with bench.database.read() as session:
        upload = session.get_one(Upload, bench.upload(content, name))
        session.expunge(upload)
    shop = bench.shop
    menders = Menders(bench.database, shop.files, shop.registry, bench.engine, shop.secrets)
    return menders.send_back(bench.user, bench.job(job_id), upload)


def test_the_file_has_for_each_row_its_number_and_a_mark_of_its_own(bench: Bench) -> None:
    table = to_mend(bench, failed(bench))
    assert table[0] == ["id", "do", *ADDED]
    assert [row[3] for row in table[1:]] == ["2", "5", "7", "9"]
    assert len({row[4] for row in table[1:]}) == 4
    assert all(row[4].startswith("J1-") for row in table[1:])


def test_only_the_rows_of_the_file_run_and_the_sum_takes_them_in(bench: Bench) -> None:
    job_id = failed(bench)
    table = mended(to_mend(bench, job_id))
    mending = send_back(bench, job_id, text_of(table[:3]))  # rows 2 and 5 only
    assert (mending.rows, mending.left) == (2, 0)
    waiting = bench.job(job_id)
    assert (waiting.state, waiting.received, waiting.waiting) == (State.queued, 10, 2)
    assert bench.counts(job_id) == {"done": 6, "rejected": 1, "failed": 1}
    assert bench.run_waiting(job_id).state is State.completed_with_errors
    assert bench.counts(job_id) == {"done": 8, "rejected": 1, "failed": 1}
    send_back(bench, job_id, text_of(mended(to_mend(bench, job_id))))
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.counts(job_id) == {"done": 10}
    assert bench.kept() == list(range(1, 11))


def test_what_the_file_says_counts_and_what_had_been_wrong_is_kept(bench: Bench) -> None:
    job_id = failed(bench)
    table = mended(to_mend(bench, job_id))
    table[1][0] = "222"
    mending = send_back(bench, job_id, text_of(table))
    bench.run_waiting(job_id)
    assert bench.kept() == [1, 3, 4, 5, 6, 7, 8, 9, 10, 222]
    with bench.database.read() as session:
        row = session.get_one(MendedRow, (mending.id, 7))
        assert (row.outcome, row.column, row.reason) == (Outcome.rejected, "do", "is not wanted here")
        assert (mending.user_id, bench.attempts(job_id)[-1].number) == (bench.user.id, 2)


def test_a_row_that_is_still_wrong_is_listed_again_as_it_was_mended(bench: Bench) -> None:
    job_id = failed(bench)
    table = to_mend(bench, job_id)
    table[1][0] = "222"
    send_back(bench, job_id, text_of(table))
    bench.run_waiting(job_id)
    again = to_mend(bench, job_id)
    assert [row[:2] for row in again[1:]] == [["222", "error"], ["5", "error"], ["7", "reject"], ["9", "error"]]
    assert [row[3] for row in again[1:]] == ["2", "5", "7", "9"]
    bench.act(job_id, Action.retry_rows)
    bench.run_waiting(job_id)
    assert to_mend(bench, job_id)[1][0] == "222", "what is tried again by itself is what came back last"


def test_the_very_same_file_twice_is_once(bench: Bench) -> None:
    job_id = failed(bench)
    content = text_of(mended(to_mend(bench, job_id)))
    first = send_back(bench, job_id, content)
    assert send_back(bench, job_id, content).id == first.id
    bench.run_waiting(job_id)
    assert send_back(bench, job_id, content).id == first.id
    assert bench.job(job_id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def test_a_file_whose_rows_were_called_off_before_they_ran_is_not_said_to_be_taken(bench: Bench) -> None:
    job_id = failed(bench)
    content = text_of(mended(to_mend(bench, job_id)))
    send_back(bench, job_id, content)
    bench.act(job_id, Action.cancel)
    with pytest.raises(Refused, match="Have it go on first"):
        send_back(bench, job_id, content)
    bench.act(job_id, Action.retry)
    bench.run_waiting(job_id)
    with pytest.raises(Refused, match="This very file has come back before"):
        send_back(bench, job_id, content)
    assert bench.counts(job_id) == {"done": 6, "rejected": 1, "failed": 3}
    anew = text_of(mended(to_mend(bench, job_id)))
    assert send_back(bench, job_id, anew).rows == 4
    assert bench.run_waiting(job_id).state is State.completed
    assert send_back(bench, job_id, content).rows == 4, "they have run since"


def test_rows_that_are_done_by_now_are_left_alone(bench: Bench) -> None:
    job_id = failed(bench)
    table = mended(to_mend(bench, job_id))
    send_back(bench, job_id, text_of(table[:2]))
    bench.run_waiting(job_id)
    old = [table[0], *table[2:]]
    mending = send_back(bench, job_id, text_of(old))
    assert (mending.rows, mending.left) == (3, 0)
    bench.run_waiting(job_id)
    with pytest.raises(Refused, match="No row of this job is to be mended"):
        send_back(bench, job_id, text_of([*table, []]))
    assert bench.kept() == list(range(1, 11))


def test_a_file_that_was_downloaded_before_another_came_back_overwrites_nothing(bench: Bench) -> None:
    job_id = failed(bench)
    old = to_mend(bench, job_id)
    send_back(bench, job_id, text_of(old[:2]))  # row 2 as it was: it fails again
    bench.run_waiting(job_id)
    with pytest.raises(BadInput) as refused:
        send_back(bench, job_id, text_of(mended(old)))
    assert refused.value.problems["file"].startswith("Row 2 (line 2) has come back mended since")
    mending = send_back(bench, job_id, text_of(mended([old[0], *old[2:]])))
    assert (mending.rows, mending.left) == (3, 0)
    bench.run_waiting(job_id)
    assert bench.counts(job_id) == {"done": 9, "failed": 1}


def test_rows_done_meanwhile_are_left_alone_beside_those_that_run(bench: Bench) -> None:
    job_id = failed(bench)
    old = mended(to_mend(bench, job_id))
    send_back(bench, job_id, text_of(old[:3]))
    bench.run_waiting(job_id)
    mending = send_back(bench, job_id, text_of(old))
    assert (mending.rows, mending.left) == (2, 2)
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def spoil(place: int, text: str) -> Change:
    """Write a text into the first row."""

    def change(table: Table) -> None:
        table[1][place] = text

    return change


def rename(place: int, name: str) -> Change:
    """Give a column another name."""

    def change(table: Table) -> None:
        table[0][place] = name

    return change


def without(*places: int) -> Change:
    """Leave columns out."""

    def change(table: Table) -> None:
        table[:] = [[cell for place, cell in enumerate(row) if place not in places] for row in table]

    return change


REFUSED: dict[str, tuple[Change, str]] = {
    "a number edited": (spoil(3, "3"), "the number or the mark of row 3 was changed"),
    "a mark edited": (spoil(4, "J1-AAAAAAAAAAAAAAAA"), "the number or the mark of row 2 was changed"),
    "another job": (spoil(4, "J77-AAAAAAAAAAAAAAAA"), "is a row of job 77, not of job 1: send the file back to job 77"),
    "no number": (spoil(3, ""), "Line 2 has no row number"),
    "a row doubled": (lambda table: table.append(table[1]), "Lines 2 and 6 are both row 2: keep one"),
    "a new row": (lambda table: table.append(["11", "", "", "", ""]), "Line 6 is a row that was not in this job"),
    "no marks": (without(4), f"lacks the column “{ROW_MARK}”"),
    "no numbers": (without(3), f"lacks the column “{ROW_ID}”"),
    "no file of ours": (without(2, 3, 4), "is not a file of rows that need you"),
    "a column missing": (without(1), "lacks the column “do”"),
    "a column renamed": (rename(1, "deed"), "There is “deed” instead: give it its old name"),
    "no rows": (lambda table: table.__delitem__(slice(1, None)), "There is no row in this file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_whatever_is_no_such_file_is_told_and_nothing_runs(case: str, bench: Bench) -> None:
    job_id = failed(bench)
    table, (change, words) = to_mend(bench, job_id), REFUSED[case]
    change(table)
    with pytest.raises(BadInput) as refused:
        send_back(bench, job_id, text_of(table))
    assert words in refused.value.problems["file"]
    job = bench.job(job_id)
    assert (job.state, job.waiting) == (State.completed_with_errors, 0)
    with bench.database.read() as session:
        assert session.exec(select(Mending)).all() == []


TAKEN: dict[str, Callable[[Table], str | bytes]] = {
    "as it is": text_of,
    "semicolons": lambda table: text_of(table, ";"),
    "tabs in UTF-16": lambda table: text_of(table, "\t").encode("utf-16"),
    "columns in another order": lambda table: text_of([row[::-1] for row in table]),
    "rows in another order": lambda table: text_of([table[0], *table[:0:-1]]),
    "without what was wrong": lambda table: text_of([[*row[:2], *row[3:]] for row in table]),
    "with notes": lambda table: text_of([[*row, "mine"] for row in table]),
    "numbers written otherwise": lambda table: text_of([table[0], *([*r[:3], f"{r[3]}.0", r[4]] for r in table[1:])]),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_a_spreadsheet_does_to_a_file_does_no_harm(case: str, bench: Bench) -> None:
    job_id = failed(bench)
    send_back(bench, job_id, TAKEN[case](mended(to_mend(bench, job_id))))
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == list(range(1, 11))


def test_a_file_with_one_row_is_read_too(bench: Bench) -> None:
    job_id = failed(bench)
    send_back(bench, job_id, text_of(mended(to_mend(bench, job_id))[:2]))
    assert bench.run_waiting(job_id).done == 7


def test_a_job_at_work_takes_nothing_back(bench: Bench) -> None:
    job_id = failed(bench)
    table = mended(to_mend(bench, job_id))
    bench.act(job_id, Action.retry_rows)
    with pytest.raises(Refused, match="at work"):
        send_back(bench, job_id, text_of(table))


def test_rows_of_a_job_whose_rows_go_in_together_are_handed_in_anew(bench: Bench) -> None:
    text = "id,qty\n1,x\n" + "".join(f"{n},{n}\n" for n in range(2, 200))
    job = bench.run("load_table", text, table="t", refused="nothing", column_types={})
    assert bench.counts(job.id) == {"rejected": 1, "skipped": 198}
    table = to_mend(bench, job.id)
    table[1][1] = "1"
    with pytest.raises(Refused, match="Mend them in the whole file"):
        send_back(bench, job.id, text_of(table))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_mended_in_whatever_order_each_row_is_done_once(seed: int, bench: Bench) -> None:
    rolled = random.Random(seed)
    wrong = {f"r{row}": rolled.choice(["error", "reject"]) for row in rolled.sample(range(1, 41), 20)}
    job_id = bench.run("keep_rows", items(40, **wrong)).id
    files: list[str] = []
    while (table := to_mend(bench, job_id))[1:]:
        some = rolled.sample(table[1:], rolled.randint(1, len(table) - 1))
        right = [[row[0], rolled.choice(["", "", row[1]]), *row[2:]] for row in some]
        files.append(text_of([table[0], *right]))
        for content in (files[-1], rolled.choice(files)):
            with suppress(Refused, BadInput):
                send_back(bench, job_id, content)
        assert bench.job(job_id).received == 40
        if bench.job(job_id).state is State.queued:
            bench.run_waiting(job_id)
    assert bench.counts(job_id) == {"done": 40}
    assert bench.kept() == list(range(1, 41))


def test_a_row_that_comes_back_with_another_key_leaves_its_old_one_to_others(bench: Bench) -> None:
    job = bench.run("notify", "order,do\n1,break\n")
    bench.control().decide(bench.user, job.id, Decision.not_sent)
    table = mended(to_mend(bench, job.id))
    table[1][table[0].index("order")] = "77"
    send_back(bench, job.id, text_of(table))
    assert bench.counts(bench.run_waiting(job.id).id) == {"done": 1}
    assert bench.counts(bench.run("notify", "order,do\n77,\n").id) == {"skipped": 1}
    assert bench.counts(bench.run("notify", "order,do\n1,\n").id) == {"done": 1}
