"""The whole story with curl: a file in, rows done and rejected, results out."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.running import Program, RunningDesk
from webapp.jobs.mended import ADDED

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


class Curl:
    """curl with a bearer token."""

    def __init__(self, desk: RunningDesk, program: Program) -> None:
        curl = shutil.which("curl")
        assert curl, "install curl: apt-get install curl"
        self._desk = desk
        self._command = [curl, "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"]
        self._command += ["--header", f"Authorization: {program.headers['Authorization']}"]

    def __call__(self, *arguments: str) -> bytes:
        """Run it; the last argument is the address on the desk."""
        *options, path = arguments
        return subprocess.run([*self._command, *options, self._desk.url + path], check=True, capture_output=True).stdout

    def json(self, *arguments: str) -> Any:
        """The answer, read."""
        return json.loads(self(*arguments))


@pytest.fixture
def curl(running: RunningDesk, program: Program) -> Curl:
    return Curl(running, program)


def test_contacts_are_imported_and_those_that_fail_come_back(curl: Curl, program: Program, tmp_path: Path) -> None:
    form = ["--form", "job_type=import_contacts", "--form", f"file=@{EXAMPLES / 'contacts.csv'}"]
    head = tmp_path / "head"
    job = curl.json("--dump-header", str(head), "--header", "Idempotency-Key: 1", *form, "/api/v1/jobs")
    address = f"/api/v1/jobs/{job['id']}"
    assert head.read_text().startswith("HTTP/1.1 202")
    assert f"location: {address}" in head.read_text().lower()
    assert curl.json("--header", "Idempotency-Key: 1", *form, "/api/v1/jobs")["id"] == job["id"]

    ended = program.wait(job["id"])
    assert curl.json(address) == ended
    assert (ended["state"], ended["attempt"]) == ("completed_with_errors", 1)
    counts = {"done": 982, "rejected": 18, "failed": 0, "skipped": 0, "unknown": 0, "waiting": 0}
    assert ended["rows"] == {"received": 1000, **counts}

    problems = curl.json(f"{address}/problems")["problems"]
    assert len(problems) == 18
    assert all(problem["line"] and problem["column"] and problem["reason"] for problem in problems)
    failed = list(csv.DictReader(io.StringIO(curl(f"{address}/failed-rows.csv").decode("utf-8-sig"))))
    assert len(failed) == 18
    with (EXAMPLES / "contacts.csv").open(newline="", encoding="utf-8") as original:
        assert list(failed[0]) == [*next(csv.reader(original)), *ADDED]
    assert curl.json("--request", "POST", f"{address}/cancellation")["status"] == 409


def test_results_are_what_their_digest_says(curl: Curl, program: Program) -> None:
    form = ["--form", "job_type=clean_csv", "--form", 'params={"format": "xlsx"}']
    job = curl.json(*form, "--form", f"file=@{EXAMPLES / 'contacts.csv'}", "/api/v1/jobs")
    files = program.wait(job["id"])["files"]
    assert files
    for file in files:
        content = curl(file["url"])
        assert len(content) == file["bytes"]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_failed_rows_are_defused_unless_asked_for_as_they_were(curl: Curl, program: Program, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    header = (EXAMPLES / "contacts.csv").read_text("utf-8").splitlines()[0]
    evil = '=HYPERLINK("http://evil.example","x")'
    quoted = evil.replace('"', '""')
    file.write_text(f'{header}\n1,"{quoted}",a@example.org,1990-01-01,XX,no,50,+1 555\n', encoding="utf-8")
    job = curl.json("--form", "job_type=import_contacts", "--form", f"file=@{file}", "/api/v1/jobs")
    program.wait(job["id"])
    address = f"/api/v1/jobs/{job['id']}/failed-rows.csv"
    (defused,) = csv.DictReader(io.StringIO(curl(address).decode("utf-8-sig")))
    (raw,) = csv.DictReader(io.StringIO(curl(f"{address}?raw=true").decode("utf-8-sig")))
    assert (defused["name"], defused["note"]) == (f"'{evil}", "+1 555")
    assert (raw["name"], raw["note"]) == (evil, "+1 555")


def test_a_form_written_wrongly_is_told_how_to_write_it(curl: Curl) -> None:
    answer = curl.json("--form", "job_type=load_table", "--form", "file=contacts.csv", "/api/v1/jobs")
    assert answer["problems"] == [
        {"field": "file", "message": "This is text, not a file. With curl, write file=@people.csv."}
    ]


def test_a_job_that_runs_can_be_called_off(curl: Curl, program: Program, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("id,name\n" + "".join(f"{n},Ada\n" for n in range(300_000)))
    form = ["--form", "job_type=load_table", "--form", 'params={"table": "many"}', "--form", f"file=@{file}"]
    job_id = curl.json(*form, "/api/v1/jobs")["id"]
    program.wait_for_rows(job_id, 1)
    states = {curl.json("--request", "POST", f"/api/v1/jobs/{job_id}/cancellation")["state"] for _ in range(2)}
    assert states <= {"cancelling", "cancelled"}
    ended = program.wait(job_id, seconds=15)
    assert ended["state"] == "cancelled"
    assert ended["rows"]["received"] == 300_000
    assert ended["rows"]["waiting"] == 0
