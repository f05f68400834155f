"""Handing in jobs by program, and what is answered. See test_story for what happens once a worker takes them."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.running import Program, RunningDesk
from tests.web.api.conftest import EXAMPLES, ROWS, Client
from tests.web.conftest import PASSWORD, Browser
from webapp.accounts import add_user, create_token
from webapp.jobs.lifecycle import ENDED
from webapp.store.database import Database
from webapp.store.tables import Job, LedgerEntry, Outcome, ResultFile, Role, State, User
from webapp.web.desk import Desk


def another(database: Database, browser: Browser, role: Role, name: str = "Ben") -> Client:
    """A program that acts for somebody else."""
    add_user(database, name, role, PASSWORD)
    return Client(browser, create_token(database, name))


def end(database: Database, job_id: str, state: State) -> None:
    """Put a job into a state, as if it had been worked on."""
    with database.write() as session:
        session.get_one(Job, UUID(job_id)).state = state


def test_a_job_is_accepted_and_says_where_it_is(client: Client) -> None:
    answer = client.submit()
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
    assert client.get(answer.headers["location"].removeprefix("/api/v1")).json() == answer.json()


def test_a_file_is_read_as_the_program_has_chosen(client: Client, desk: Desk) -> None:
    choices = {"delimiter": ";", "header_line": 3, "encoding": "utf-8"}
    file = ("people.csv", b"Report, of May\n\nid;name, first\n1;Ada\n")
    answer = client.submit(files={"file": file}, choices=choices)
    assert (answer.status_code, answer.json()["choices"]) == (202, choices)
    with desk.database.read() as session:
        reading = session.get_one(Job, UUID(answer.json()["id"])).reading
    assert reading is not None
    assert (reading["columns"], reading["data_line"]) == (["id", "name, first"], 4)


def test_a_column_that_is_only_guessed_is_refused_until_it_is_said(client: Client) -> None:
    text = (EXAMPLES / "contacts.csv").read_bytes().replace(b"email", b"e-mial", 1)
    files = {"file": ("contacts.csv", text)}
    refused = client.submit("import_contacts", {}, files)
    assert refused.status_code == 422
    problem = refused.json()["problems"][0]["message"]
    assert "“e-mial” is only like “email”" in problem
    meant = json.loads(problem.partition("meant: ")[2])
    accepted = client.submit("import_contacts", {}, files, choices=meant)
    assert accepted.status_code == 202
    assert accepted.json()["choices"] == {"match": {"email": "e-mial"}}


@pytest.mark.parametrize("field", ["email", "note"])
def test_a_column_that_is_not_there_is_refused_by_its_field(client: Client, field: str) -> None:
    text = (EXAMPLES / "contacts.csv").read_bytes().replace(b"email", b"reach", 1)
    choices = {"match": {"email": "reach", field: "Nope"}}
    answer = client.submit("import_contacts", {}, {"file": ("contacts.csv", text)}, choices=choices)
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert problem["field"] == f"choices.match.{field}"
    assert problem["message"].startswith(
        "In the file there is no column “Nope”. Its columns are “id”, “name”, “reach”,"
    )


def test_a_job_says_how_its_file_is_read_and_what_is_left_out(client: Client) -> None:
    header = "id;name;email;birthday;country;newsletter;score"
    rows = [f"{id_};Zoë Wu;zoe{id_}@example.org;1992-03-21;PL;no;63" for id_ in range(1001, 1009)]
    lines = ["Contacts of May", "", header, *rows, "", "country;people", "DE;5", "PL;3"]
    answer = client.submit("import_contacts", {}, {"file": ("contacts.csv", "\n".join(lines).encode())})
    assert answer.status_code == 202, answer.text
    job = client.get(f"/jobs/{answer.json()['id']}").json()
    assert job["reading"] == {
        "encoding": "utf-8",
        "delimiter": ";",
        "quote": '"',
        "container": "",
        "sheet": "",
        "header_line": 3,
        "header_rows": 1,
        "data_line": 4,
        "preamble_lines": 2,
        "footer_lines": 4,
    }
    assert job["match"] == {**{name: name for name in header.split(";")}, "note": None}
    assert job["rows"]["received"] == 8


def test_what_a_job_does_not_have_is_null(client: Client, database: Database) -> None:
    job = client.submit().json()
    assert job["reading"]["header_line"] == 1
    assert job["match"] is None, "any table will do"
    headless = client.submit(files={"file": ("a.csv", b"1,2\n3,4\n")}, choices={"header_line": 0}).json()
    assert [headless["reading"][name] for name in ("header_line", "header_rows", "preamble_lines")] == [0, 0, 0]
    with database.write() as session:
        session.get_one(Job, UUID(job["id"])).reading = None
    assert client.get(f"/jobs/{job['id']}").json()["reading"] is None


def test_a_job_says_how_it_stands(client: Client) -> None:
    job = client.submit().json()
    assert UUID(job.pop("id")).version == 7
    assert datetime.fromisoformat(job.pop("created_at")).utcoffset() is not None
    rows = {"received": 2, "done": 0, "rejected": 0, "failed": 0, "skipped": 0, "unknown": 0, "waiting": 2}
    assert {name: job[name] for name in ("job_type", "state", "attempt", "rows", "files")} == {
        "job_type": "load_table",
        "state": "queued",
        "attempt": 0,
        "rows": rows,
        "files": [],
    }
    params = {"database": "", "table": "people", "mode": "insert", "key": [], "types": "detect"}
    unasked = {"column_types": {}, "refused": "leave", "dry_run": False, "load_again": False}
    assert job["params"] == {**params, **unasked}
    assert (job["file_name"], job["problem"], job["finished_at"]) == ("people.csv", None, None)


def test_a_result_is_told_with_its_address_size_and_digest(client: Client, database: Database, desk: Desk) -> None:
    job_id = UUID(client.submit().json()["id"])
    content = b"id,name\n1,Ada\n"
    made = ResultFile(job_id=job_id, name="clean.csv", bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    path = desk.files.result(job_id, made.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with database.write() as session:
        session.add(made)
    (file,) = client.get(f"/jobs/{job_id}").json()["files"]
    assert set(file) == {"name", "url", "bytes", "sha256"}
    answer = client.get(file["url"].removeprefix("/api/v1"))
    assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    assert len(answer.content) == file["bytes"]
    assert "clean.csv" in answer.headers["content-disposition"]


def test_the_same_key_is_the_same_job(client: Client, desk: Desk) -> None:
    first = client.submit(once="a1")
    second = client.submit(once="a1")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.headers["location"] == second.headers["location"]
    assert client.submit(once="a2").json()["id"] != first.json()["id"]
    assert client.submit().json()["id"] != client.submit().json()["id"], "without a key each is its own"
    assert uploads(desk) == 4


def test_the_same_key_ten_times_at_once_is_one_job(running: RunningDesk, program: Program, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(ROWS)
    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: program.submit("load_table", file, once="a1", table="people"), range(10)))
    assert len(ids) == 1
    assert len(program.request("GET", "/jobs").json()["jobs"]) == 1
    assert sum(1 for path in (running.data / "uploads").iterdir() if not path.suffix) == 1


def test_a_key_is_its_users_own(client: Client, database: Database, browser: Browser) -> None:
    ben = another(database, browser, Role.operator)
    assert client.submit(once="a1").json()["id"] != ben.submit(once="a1").json()["id"]


def uploads(desk: Desk) -> int:
    """How many files lie in the folder of uploads."""
    return sum(1 for path in (desk.settings.data / "uploads").iterdir() if not path.suffix)


@pytest.mark.parametrize("token", [None, "", "wrong", "wrong token"])
def test_without_a_good_token_nothing_is_done(browser: Browser, desk: Desk, ann: User, token: str | None) -> None:
    assert browser.sign_in(ann.name).status_code == 303, "a cookie does not count"
    stranger = Client(browser, token)
    for answer in (stranger.get("/jobs"), stranger.get("/job-types"), stranger.submit()):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["title"] == "Sign in to go on"
    assert uploads(desk) == 0


def test_a_viewer_looks_and_does_nothing(client: Client, database: Database, browser: Browser, desk: Desk) -> None:
    viewer = another(database, browser, Role.viewer)
    assert viewer.get("/jobs").json() == {"jobs": [], "next": None}
    job_id = client.submit().json()["id"]
    for answer in (viewer.submit(), viewer.request("POST", f"/jobs/{job_id}/cancellation")):
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith("Your account may not do this.")
    assert uploads(desk) == 1


def test_somebody_elses_job_is_not_there_but_for_an_administrator(
    client: Client, database: Database, browser: Browser
) -> None:
    job_id = client.submit().json()["id"]
    ben = another(database, browser, Role.operator)
    root = another(database, browser, Role.admin, "Root")
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/problems", f"/jobs/{job_id}/failed-rows.csv"):
        assert ben.get(path).status_code == 404
        assert root.get(path).status_code == 200
    assert ben.request("POST", f"/jobs/{job_id}/cancellation").status_code == 404
    assert ben.get("/jobs").json()["jobs"] == []
    assert [job["id"] for job in root.get("/jobs").json()["jobs"]] == [job_id]


@pytest.mark.parametrize("job_id", ["00000000-0000-7000-8000-000000000000", "1", "x" * 1000, "%00"])
def test_a_job_that_does_not_exist_is_not_there(client: Client, job_id: str) -> None:
    answer = client.get(f"/jobs/{job_id}")
    assert answer.status_code == 404
    assert answer.json()["title"] == "Nothing here"


def test_jobs_are_listed_newest_first_in_pages_that_lead_to_the_next(client: Client) -> None:
    ids = [client.submit().json()["id"] for _ in range(5)][::-1]
    first = client.get("/jobs?limit=3").json()
    second = client.get(first["next"].removeprefix("/api/v1")).json()
    assert [job["id"] for job in first["jobs"] + second["jobs"]] == ids
    assert second["next"] is None
    client.request("POST", f"/jobs/{ids[1]}/cancellation")
    cancelled = client.get("/jobs?state=cancelled&state=failed&limit=1").json()
    assert ([job["id"] for job in cancelled["jobs"]], cancelled["next"]) == ([ids[1]], None)
    following = client.get("/jobs?state=queued&limit=1").json()["next"]
    assert "state=queued" in following
    for wrong in ("limit=0", "before=x", "state=done", "page=2"):
        assert client.get(f"/jobs?{wrong}").status_code == 422, wrong
    assert client.get(f"/jobs/{ids[0]}/problems?page=2").status_code == 422


def test_an_address_says_all_that_can_be_asked_of_it(client: Client) -> None:
    answer = client.request("DELETE", "/jobs")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_problem_rows_come_in_pages_that_lead_to_the_next(client: Client, database: Database) -> None:
    job_id = client.submit().json()["id"]
    with database.write() as session:
        session.add_all(
            LedgerEntry(
                job_id=UUID(job_id),
                attempt=1,
                first_row=row,
                last_row=row,
                outcome=Outcome.rejected,
                line=row + 1,
                column="id",
                found=f"x{row}",
                reason="is not a whole number",
                code="int_parsing",
            )
            for row in range(1, 6)
        )
    path, seen, pages = f"/jobs/{job_id}/problems?limit=2", [], 0
    while path:
        answer = client.get(path).json()
        seen += answer["problems"]
        pages += 1
        path = (answer["next"] or "").removeprefix("/api/v1")
    assert (pages, [problem["row"] for problem in seen]) == (3, [1, 2, 3, 4, 5])
    assert seen[0] == {
        "row": 1,
        "last_row": 1,
        "line": 2,
        "outcome": "rejected",
        "column": "id",
        "found": "x1",
        "reason": "is not a whole number",
        "code": "int_parsing",
    }


def test_calling_a_job_off_twice_is_the_same_as_once(client: Client) -> None:
    job_id = client.submit().json()["id"]
    for _ in range(2):
        answer = client.request("POST", f"/jobs/{job_id}/cancellation")
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    rows = answer.json()["rows"]
    assert (rows["received"], rows["skipped"], rows["waiting"]) == (2, 2, 0)


@pytest.mark.parametrize("state", sorted(ENDED - {State.cancelled}))
def test_a_job_that_has_ended_cannot_be_called_off(client: Client, database: Database, state: State) -> None:
    job_id = client.submit().json()["id"]
    end(database, job_id, state)
    answer = client.request("POST", f"/jobs/{job_id}/cancellation")
    assert answer.status_code == 409
    assert answer.json()["detail"] == "This job has ended already; there is nothing left to cancel."


def test_the_kinds_of_jobs_are_listed_with_what_they_want(client: Client) -> None:
    listed = {job_type["name"]: job_type for job_type in client.get("/job-types").json()}
    assert {"clean_csv", "import_contacts", "load_table"} <= set(listed)
    assert set(listed["load_table"]) == {"name", "title", "summary", "takes_file", "params"}
    assert listed["load_table"]["takes_file"] is True
    assert listed["load_table"]["params"]["required"] == ["table"]
    assert listed["load_table"]["params"]["additionalProperties"] is False


def test_a_name_that_climbs_is_only_a_name(client: Client, desk: Desk, tmp_path: Path) -> None:
    before = {path for path in tmp_path.parent.rglob("*") if tmp_path not in path.parents}
    job = client.submit(files={"file": ("../../../etc/x.csv", ROWS)}).json()
    assert job["file_name"] == "x.csv"
    assert {path for path in tmp_path.parent.rglob("*") if tmp_path not in path.parents} == before
    assert uploads(desk) == 1


def test_a_key_is_for_one_request_only(client: Client) -> None:
    first = client.submit(once="monday")
    for other in (
        client.submit(once="monday", files={"file": ("people.csv", ROWS + b"3,Eve\n")}),
        client.submit(once="monday", params={"table": "others"}),
        client.submit("clean_csv", {}, once="monday"),
    ):
        assert other.status_code == 422
        assert "was used for another request" in other.text
    assert client.submit(once="monday").json()["id"] == first.json()["id"]
