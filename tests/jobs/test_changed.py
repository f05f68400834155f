"""A job whose file, code or key has changed since it was handed in: it ends in words, and uses nothing of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.jobs.bench import Bench, items
from webapp.jobs.claims import Task
from webapp.store.tables import Job, State


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"2", b"3"))


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4])


@pytest.mark.parametrize(
    ("harm", "word"), [(change, "was changed there"), (shorten, "was changed"), (Path.unlink, "can't be read")]
)
@pytest.mark.parametrize("job_type", ["keep_rows", "keep_table", "hash_file"])
def test_a_file_that_is_not_the_one_handed_in_is_not_used(
    harm: Callable[[Path], None], word: str, job_type: str, bench: Bench
) -> None:
    job_id = bench.submit(job_type, items(3))
    upload = bench.job(job_id).upload_id
    assert upload is not None
    harm(bench.shop.files.upload(upload))
    job = bench.run_waiting(job_id)
    assert job.state is State.failed
    assert word in (job.problem or "")
    assert bench.kept() == []
    assert job.received == job.skipped


def rewrite(folder: Path, source: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "mine.py").write_text("from pydantic import BaseModel\nfrom webapp.authoring import job\n" + source)
    return folder


OLD = "@job()\ndef mine(*, size: int = 1) -> None:\n    ...\n"
GONE = "@job()\ndef yours() -> None:\n    ...\n"
BROKEN = "@job()\ndef mine(*, size: int = 1) -> None:\n    ...\n\nraise OSError('the wall is wet')\n"
STRICTER = "@job()\ndef mine(*, size: int = 1, colour: str) -> None:\n    ...\n"


@pytest.mark.parametrize(
    ("now", "said", "detail"),
    [
        (GONE, "is no longer on the desk", ""),
        (BROKEN, "could not be loaded", "the wall is wet"),
        (STRICTER, "these entries no longer fit: Colour", ""),
    ],
)
def test_a_job_whose_code_has_changed_fails_in_words(now: str, said: str, detail: str, tmp_path: Path) -> None:
    before = Bench(tmp_path / "data", rewrite(tmp_path / "before", OLD))
    job_id = before.submit("mine")
    before.close()
    after = Bench(tmp_path / "data", rewrite(tmp_path / "after", now))
    job = after.run_waiting(job_id)
    assert job.state is State.failed
    assert said in (job.problem or "")
    assert detail in (after.attempts(job_id)[0].detail or "")
    assert after.attempts(job_id)[0].ended == "failed"
    after.close()


def test_a_row_job_that_needs_more_columns_by_now_fails_in_words(tmp_path: Path) -> None:
    row_job = "class Row(BaseModel):\n    id: int\n{}\n@job()\ndef mine(row: Row) -> None:\n    ...\n"
    before = Bench(tmp_path / "data", rewrite(tmp_path / "before", row_job.format("")))
    job_id = before.submit("mine", items(5))
    before.close()
    after = Bench(tmp_path / "data", rewrite(tmp_path / "after", row_job.format("    colour: str\n")))
    job = after.run_waiting(job_id)
    assert job.state is State.failed
    assert "“colour”" in (job.problem or "")
    assert after.ranges(job_id) == [(1, 5, "skipped")]
    after.close()


def test_a_check_whose_job_type_is_gone_stops_in_words(tmp_path: Path) -> None:
    file_job = "from webapp.authoring import Table\n@job()\ndef {}(table: Table) -> None:\n    ...\n"
    before = Bench(tmp_path / "data", rewrite(tmp_path / "before", file_job.format("mine")))
    job_id = before.prepare("mine", items(5))
    before.close()
    after = Bench(tmp_path / "data", rewrite(tmp_path / "after", file_job.format("yours")))
    job = after.run_waiting(job_id, Task.check)
    assert job.state is State.draft
    assert "is no longer on the desk" in (job.problem or "")
    after.close()


def test_a_secret_whose_key_was_replaced_fails_the_job_in_words(bench: Bench) -> None:
    job_id = bench.submit("talk", token="hush")
    (bench.settings.data / "secret.key").unlink()
    bench.submit("talk", token="makes a new key")
    job = bench.run_waiting(job_id)
    assert job.state is State.failed
    assert "the desk's key has changed" in (job.problem or "")


@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_sum_that_does_not_add_up_needs_attention(off_by: int, bench: Bench) -> None:
    job_id = bench.submit("keep_rows", items(5))
    with bench.database.write() as session:
        session.get_one(Job, job_id).received += off_by
    job = bench.run_waiting(job_id)
    assert job.state is State.needs_attention
    assert f"has {5 + off_by} rows, but 5 were accounted for" in (job.problem or "")
    assert bench.counts(job_id) == ({"done": 5, "unknown": 1} if off_by > 0 else {"done": 5})
