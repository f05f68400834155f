"""What can't be accepted is said by field, in sentences, and nothing of it stays."""

from typing import Any

import pytest

from tests.web.api.conftest import ROWS, Client
from webapp.web.desk import Desk

FILE = ("people.csv", ROWS)
DEEP = b"[" * 50_000


def problems(client: Client, desk: Desk, *given: Any, **more: Any) -> dict[str, str]:
    """Submit what is refused; the sentences by field."""
    answer = client.submit(*given, **more)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["title"]) == (422, "Something needs changing")
    assert client.get("/jobs").json()["jobs"] == []
    assert list((desk.settings.data / "uploads").iterdir()) == [], "what was refused must not stay on the disk"
    return {problem["field"]: problem["message"] for problem in body["problems"]}


def test_a_kind_of_job_that_does_not_exist(client: Client, desk: Desk) -> None:
    assert problems(client, desk, "load_tabel") == {
        "job_type": "There is no job called 'load_tabel'. Did you mean load_table or report_table?"
    }


@pytest.mark.parametrize("job_type", [None, ""])
def test_no_kind_of_job(client: Client, desk: Desk, job_type: str | None) -> None:
    assert problems(client, desk, job_type) == {"job_type": "Say which job: GET /api/v1/job-types lists them."}


@pytest.mark.parametrize("params", [b"{", b"table=people", b"{'table': 1}", b'"', DEEP, b"1" * 5000])
def test_parameters_that_are_not_json(client: Client, desk: Desk, params: bytes) -> None:
    assert problems(client, desk, "load_table", params)["params"].startswith("This is not JSON")


@pytest.mark.parametrize("params", [b"[]", b"1", b'"people"', b"null", b"true"])
def test_parameters_that_are_no_object(client: Client, desk: Desk, params: bytes) -> None:
    assert problems(client, desk, "load_table", params)["params"].startswith("This is not a JSON object.")


def test_parameters_that_are_unknown_missing_or_of_the_wrong_type(client: Client, desk: Desk) -> None:
    params = {"mode": "merge", "key": 7, "color": "red"}
    assert problems(client, desk, "load_table", params) == {
        "table": "Table is empty.",
        "mode": "What to do is not one of insert, upsert, replace.",
        "key": "Rows are told apart by is not a list.",
        "color": "This job has no parameter called color.",
    }


@pytest.mark.parametrize("table", ["", "a b", 'a"; DROP TABLE job;--', "x" * 100, 7, None, ["a"], {"a": 1}, 1e400])
def test_a_parameter_of_the_wrong_form(client: Client, desk: Desk, table: object) -> None:
    assert list(problems(client, desk, "load_table", {"table": table})) == ["table"]


@pytest.mark.parametrize("params", [{"table": "\ud800"}, {"\ud800": "x", "table": "people"}, {"table": "people\0"}])
def test_text_that_is_no_text(client: Client, desk: Desk, params: dict[str, str]) -> None:
    assert problems(client, desk, "load_table", params)


def test_a_column_that_the_file_has_not(client: Client, desk: Desk) -> None:
    found = problems(client, desk, "load_table", {"table": "people", "key": ["nope"]})
    assert list(found) == ["key"]
    assert "nope" in found["key"]


def test_no_file(client: Client, desk: Desk) -> None:
    assert problems(client, desk, files={}) == {"file": "Choose a file: this job works on one."}


def test_a_file_under_another_name_and_one_too_many(client: Client, desk: Desk) -> None:
    found = problems(client, desk, files={"file": FILE, "second": FILE, "csv": FILE})
    assert list(found) == ["csv", "second"]
    assert all(text.startswith("There is no such field here. Send job_type, params,") for text in found.values())


def test_text_where_a_file_is_meant(client: Client, desk: Desk) -> None:
    found = problems(client, desk, files={"file": ("", b"people.csv")})
    assert found == {"file": "This is text, not a file. With curl, write file=@people.csv."}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Check that it was saved, and choose it again."),
        (b"\xef\xbb\xbf", "The file is empty. Check that it was saved, and choose it again."),
        (b"id,name\n", "The file has a header and no rows below it. Add the rows, or choose another file."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is a PNG image, not a table. Choose a CSV file."),
        (bytes(range(256)) * 40, "This is a file of binary data, not a table. Choose a CSV file."),
    ],
    ids=["empty", "mark only", "header only", "PNG", "bytes"],
)
def test_a_file_that_is_no_table(client: Client, desk: Desk, content: bytes, sentence: str) -> None:
    assert problems(client, desk, files={"file": ("people.csv", content)}) == {"file": sentence}


def test_a_file_without_a_column_that_the_job_needs(client: Client, desk: Desk) -> None:
    found = problems(client, desk, "import_contacts", {})
    assert found["file"].startswith("The file has no column for ")
    assert "“email”" in found["file"]
    assert found["file"].endswith("Rename the column in the first row of the file, or choose another file.")


@pytest.mark.parametrize("kind", ["application/json", "text/csv", "application/octet-stream"])
def test_what_is_no_form_is_refused(client: Client, kind: str) -> None:
    answer = client.request("POST", "/jobs", content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_that_breaks_off_is_refused(client: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="job_type"\r\n\r\nload'
    answer = client.request("POST", "/jobs", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The form arrived broken or incomplete. Send it again."


def test_a_key_that_is_too_long_is_refused(client: Client) -> None:
    answer = client.submit(once="k" * 191)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "idempotency-key"


@pytest.mark.parametrize(
    ("choices", "field", "words"),
    [
        (b"{", "choices", "This is not JSON."),
        ([], "choices", "This is not a JSON object."),
        ({"colour": "red"}, "choices.colour", "“colour” is not expected here."),
        ({"delimiter": "abc"}, "choices.delimiter", "has more than 2 characters"),
        ({"encoding": "klingon"}, "choices.encoding", "is not an encoding that the desk knows"),
        ({"header_line": "three"}, "choices.header_line", "is not a whole number"),
        ({"match": {"id": 3}}, "choices.match.id", "is not text"),
        ({"header_line": 900}, "choices.header_line", "there is no such line"),
    ],
)
def test_choices_that_cannot_be(client: Client, desk: Desk, choices: object, field: str, words: str) -> None:
    found = problems(client, desk, choices=choices)
    assert list(found) == [field]
    assert words in found[field]
