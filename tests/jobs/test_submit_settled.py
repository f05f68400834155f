"""Settling how a prepared job's file is read: it is looked into and checked afresh, and what was seen is what runs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.jobs.bench import Bench, items
from webapp.errors import BadInput, NotFound, Refused
from webapp.intake import Choices
from webapp.jobs.broken_text import broken_texts
from webapp.jobs.claims import Task
from webapp.jobs.deeds import Action
from webapp.jobs.run import work_to_the_end
from webapp.jobs.settled import Settled
from webapp.jobs.submission import Submission
from webapp.jobs.work import StopFlag
from webapp.store.tables import State

TABLE = "id,do\n1,a;b\n2,c;d\n3,e;f\n"


def settle(bench: Bench, job_id: UUID, **choices: object) -> None:
    """Settle how the file is read."""
    bench.submissions.settle(bench.user, job_id, file=Choices(**choices))  # type: ignore[arg-type]


def columns(bench: Bench, job_id: UUID) -> list[str]:
    """The columns of a job's table."""
    reading = bench.job(job_id).reading
    assert reading is not None
    found: list[str] = reading["columns"]
    return found


def test_what_is_settled_changes_how_the_file_is_read_and_has_it_checked_again(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", TABLE)
    bench.run_waiting(job_id, Task.check)
    settle(bench, job_id, header_line=0)
    job = bench.job(job_id)
    assert (job.state, job.findings, job.received) == (State.draft, None, 4)
    assert columns(bench, job_id) == ["Column 1", "Column 2"]
    settle(bench, job_id)
    job = bench.job(job_id)
    assert (job.state, job.problem, job.settled, job.choices) == (State.checking, None, 2, {})
    job = bench.run_waiting(job_id, Task.check)
    assert (job.state, job.received) == (State.ready, 3)


def test_a_check_under_way_loses_to_what_is_settled(bench: Bench) -> None:
    job_id = bench.prepare("judge_table", TABLE)
    old = bench.claim(Task.check)
    settle(bench, job_id, delimiter=";")
    work_to_the_end(bench.shop, old, StopFlag())
    job = bench.job(job_id)
    assert (job.state, job.findings, job.worker) == (State.checking, None, None)
    assert bench.run_waiting(job_id, Task.check).state is State.ready


def test_rows_are_run_as_the_columns_were_matched(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "colour,do\n7,\n8,\n")
    assert bench.job(job_id).state is State.draft
    bench.submissions.settle(bench.user, job_id, match={"id": "colour"})
    assert bench.run_waiting(job_id, Task.check).state is State.ready
    bench.submissions.start(bench.user, job_id, {})
    assert bench.run_waiting(job_id).state is State.completed
    assert bench.kept() == [7, 8]


def test_a_column_that_is_gone_with_another_reading_is_matched_as_found(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "id,do,other\n1,,5\n")
    bench.submissions.settle(bench.user, job_id, match={"id": "other", "do": None})
    settle(bench, job_id, header_line=0)
    assert bench.job(job_id).state is State.draft
    settle(bench, job_id)
    bench.submissions.start(bench.user, job_id, {})
    bench.run_waiting(job_id)
    assert bench.kept() == [5], "what was matched is remembered"


DAYS = "id,do,born\n1,,03/04/1990\n2,,05/06/1980\n"


@pytest.mark.parametrize(("style", "months"), [("dmy", [4, 6]), ("mdy", [3, 5])])
def test_days_and_months_are_told_apart_as_the_operator_says(style: str, months: list[int], bench: Bench) -> None:
    job_id = bench.prepare("keep_days", DAYS)
    findings = bench.run_waiting(job_id, Task.check).findings
    assert findings is not None
    assert findings["rejected"] == 2, "nobody knows which is the day"
    bench.submissions.settle(bench.user, job_id, dates={"born": style})
    findings = bench.run_waiting(job_id, Task.check).findings
    assert findings is not None
    assert findings["rejected"] == 0
    bench.submissions.start(bench.user, job_id, {})
    assert bench.run_waiting(job_id).done == 2
    assert [text for _, text in bench.log(job_id)] == [
        f"row {row}: month {month}" for row, month in enumerate(months, 1)
    ]


@pytest.mark.parametrize(
    ("choices", "field"), [({"header_line": 900}, "header_line"), ({"header_line": 4}, "header_line")]
)
def test_what_cannot_be_read_so_is_refused_beside_its_field_and_changes_nothing(
    choices: dict[str, object], field: str, bench: Bench
) -> None:
    job_id = bench.prepare("keep_rows", TABLE)
    before = bench.job(job_id)
    with pytest.raises(BadInput) as refused:
        settle(bench, job_id, **choices)
    assert list(refused.value.problems) == [field]
    assert bench.job(job_id) == before


def test_nothing_can_be_settled_any_more_once_a_job_was_started_or_called_off(bench: Bench) -> None:
    started, called_off = bench.prepare("keep_rows", TABLE), bench.prepare("keep_rows", TABLE)
    bench.submissions.start(bench.user, started, {})
    bench.act(called_off, Action.cancel)
    for job_id in (started, called_off):
        with pytest.raises(Refused):
            settle(bench, job_id, delimiter=";")
    assert columns(bench, started) == ["id", "do"]


def test_nobody_settles_anything_about_the_file_of_another_or_of_a_job_without_a_table(bench: Bench) -> None:
    job_id, without = bench.prepare("keep_rows", TABLE), bench.prepare("hash_file", b"\0\1")
    with pytest.raises(NotFound):
        bench.submissions.settle(bench.person("eve"), job_id, file=Choices(delimiter=";"))
    with pytest.raises(NotFound):
        settle(bench, without, delimiter=";")


def test_a_start_by_what_was_seen_before_is_refused(bench: Bench) -> None:
    job_id = bench.prepare("judge_table", TABLE)
    settle(bench, job_id, delimiter=";")
    with pytest.raises(BadInput, match="needs changing") as refused:
        bench.submissions.start(bench.user, job_id, {}, seen=0)
    assert "changed since you looked" in refused.value.problems[""]
    assert bench.job(job_id).state is State.checking
    bench.submissions.start(bench.user, job_id, {}, seen=1)
    assert bench.job(job_id).state is State.queued


def test_parts_settled_at_once_are_all_kept(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "id,do,other\n1,,5\n")
    gate = threading.Barrier(3)

    def settle_part(name: str, value: object) -> None:
        gate.wait()
        bench.submissions.settle(bench.user, job_id, **{name: value})

    parts = {"match": {"id": "other"}, "dates": {"do": "dmy"}, "file": Choices(delimiter=",")}
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(settle_part, parts, parts.values()))
    job = bench.job(job_id)
    assert job.settled == 3
    assert Settled.from_json(job.choices) == Settled(**parts)  # type: ignore[arg-type]


def test_a_job_handed_in_with_choices_is_read_by_them(bench: Bench) -> None:
    settled = Settled(Choices(header_line=3), {"id": "colour"})
    upload = bench.upload("Report\n\ncolour,do\n7,\n")
    job = bench.submissions.submit(Submission(bench.user, "keep_rows", upload, settled=settled), {})
    assert bench.run_waiting(job.id).state is State.completed
    assert bench.kept() == [7]


def test_the_same_key_with_other_choices_is_another_request(bench: Bench) -> None:
    upload = bench.upload(items(3))
    bench.submissions.submit(Submission(bench.user, "keep_rows", upload, "once"), {})
    other = Settled(Choices(delimiter=","))
    with pytest.raises(BadInput):
        bench.submissions.submit(Submission(bench.user, "keep_rows", upload, "once", settled=other), {})


@pytest.mark.parametrize(
    ("raw", "field", "sentence"),
    [
        ({"delimiter": "abc"}, "delimiter", "What divides the cells has more than 2 characters."),
        ({"delimiter": "a"}, "delimiter", "can't be a letter"),
        ({"encoding": "klingon"}, "encoding", "The encoding is not an encoding that the desk knows."),
        ({"encoding": "rot13"}, "encoding", "is not an encoding"),
        ({"quote": "x"}, "quote", "can only be"),
        ({"escape": "/"}, "escape", "can only be"),
        ({"header_line": -1}, "header_line", "The line of the header must be at least 0."),
        ({"header_line": "3"}, "header_line", "is not a whole number"),
        ({"header_rows": 11}, "header_rows", "must be at most 10"),
        ({"last_line": 2**60}, "last_line", "must be at most"),
        ({"match": {"id": 3}}, "match.id", "The column of id is not text."),
        ({"match": []}, "match", "The column is not a set of names with values."),
        ({"dates": {"day": "ymd"}}, "dates.day", "is not one of dmy, mdy"),
        ({"repair": "x"}, "repair", "Whether to repair is neither yes nor no."),
        ({"colour": "red"}, "colour", "“colour” is not expected here."),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_words(raw: dict[str, object], field: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settled.checked(raw)
    assert list(refused.value.problems) == [field]
    assert sentence in refused.value.problems[field]


def test_what_is_settled_comes_back_from_json() -> None:
    raw = {"encoding": "CP1252", "delimiter": "\t", "match": {"id": None}, "dates": {"day": "mdy"}, "repair": True}
    settled = Settled.checked(raw)
    assert settled.file == Choices(encoding="cp1252", delimiter="\t")
    assert Settled.from_json(settled.to_json()) == settled
    assert Settled.from_json({}) == Settled()


def test_what_was_done_to_cells_is_counted_over_the_whole_file(bench: Bench) -> None:
    rows = "".join(f"{row},{'#DIV/0!' if row % 10 == 0 else 'fine'}\n" for row in range(1, 3001))
    job_id = bench.prepare("judge_table", f"id,do\n{rows}")
    preview, findings = bench.job(job_id).preview, bench.run_waiting(job_id, Task.check).findings
    assert preview is not None
    assert findings is not None
    assert [each["kind"] for each in preview["damage"]] == ["error_cells"], "the first rows show it at once"
    (damage,) = findings["damage"]
    assert (damage["kind"], damage["column"], damage["count"]) == ("error_cells", "do", 300)
    assert damage["examples"][0] == {"line": 11, "text": "#DIV/0!"}


BROKEN = "id,do,note\n1,,fine\n2,\n3,,fine\n4,,fine\n"


def test_sure_repairs_are_made_only_when_they_are_accepted(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", BROKEN)
    preview, findings = bench.job(job_id).preview, bench.run_waiting(job_id, Task.check).findings
    assert preview is not None
    assert findings is not None
    assert (preview["broken"][0]["raw"], preview["broken"][0]["repair"]) == ("2,", ["2", "", ""])
    assert (findings["rejected"], findings["repairs"]) == (1, 1)
    bench.submissions.settle(bench.user, job_id, repair=True)
    findings = bench.run_waiting(job_id, Task.check).findings
    assert findings is not None
    assert (findings["rejected"], findings["repairs"]) == (0, 1)
    bench.submissions.start(bench.user, job_id, {})
    job = bench.run_waiting(job_id)
    assert (job.received, job.done) == (4, 4)
    assert bench.kept() == [1, 2, 3, 4]


def test_the_text_of_a_broken_record_and_its_repair_are_read_again_from_the_file(bench: Bench) -> None:
    job = bench.run("keep_rows", BROKEN)
    texts = broken_texts(bench.shop.files, job, bench.entries(job.id))
    assert list(texts) == [2]
    assert (texts[2].raw, texts[2].cells) == ("2,", ("2", "", ""))
    assert texts[2].note
    bench.shop.files.upload(job.upload_id).unlink()  # type: ignore[arg-type]  # it has one
    assert broken_texts(bench.shop.files, job, bench.entries(job.id)) == {}
