"""Rows typed or pasted in place of a file."""

import httpx
import pytest

from tests.browser.people import OURS, Person
from webapp.errors import BadInput
from webapp.web.typed_rows import TOO_FEW, table_of

TYPED = {
    "ada@example.com": "email\nada@example.com\n",
    "ada@example.com, bob@example.com;cy@example.com": "email\nada@example.com\nbob@example.com\ncy@example.com\n",
    "\n ada@example.com \r\n\r\nbob@example.com\n": "email\nada@example.com\nbob@example.com\n",
    'Ada <ada@example.com>\n"Bob B" <bob@example.com>': "email,name\nada@example.com,Ada\nbob@example.com,Bob B\n",
    "<ada@example.com>": "email\nada@example.com\n",
    "name\temail\r\nAda\tada@example.com\r\n": "name\temail\nAda\tada@example.com\n",
    "email\tbill\nada@example.com\t\n": "email\tbill\nada@example.com\t\n",
    "email\nada@example.com": "email\nada@example.com\n",
    "id\n1\n\n2\n": "id\n1\n2\n",
}


@pytest.mark.parametrize("text", TYPED)
def test_what_is_typed_is_a_table(text: str) -> None:
    assert table_of(text) == TYPED[text]


@pytest.mark.parametrize("text", ["", " \n ", "email", "Ada", "=cmd|x!A1"])
def test_what_holds_no_row_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        table_of(text)
    assert refused.value.problems == {"typed": TOO_FEW}


def type_in(olga: Person, job_type: str, text: str) -> httpx.Response:
    headers = {**OURS, "Cookie": f"batchdesk={olga.cookie}"}
    data = {"job_type": job_type, "typed": text}
    return httpx.post(f"{olga.desk.url}/jobs", data=data, headers=headers, timeout=60)


def test_typed_rows_are_prepared_like_those_of_a_file(olga: Person) -> None:
    answer = type_in(olga, "send_email", "ada@example.com, bob@example.com")
    assert answer.status_code == 303
    headers = {"Cookie": f"batchdesk={olga.cookie}"}
    page = httpx.get(olga.desk.url + answer.headers["location"], headers=headers).text
    assert "typed.csv" in page
    assert "bob@example.com" in page


def test_what_was_typed_stays_where_it_is_no_good(olga: Person) -> None:
    answer = type_in(olga, "send_email", "<b>nobody")
    assert answer.status_code == 422
    assert "&lt;b&gt;nobody</textarea>" in answer.text
    assert "as a spreadsheet copies them" in answer.text


@pytest.mark.parametrize("job_type", ["images", "text"])
def test_a_job_on_files_takes_nothing_that_is_typed(olga: Person, job_type: str) -> None:
    answer = type_in(olga, job_type, "id\n1\n")
    assert answer.status_code == 422
    assert 'id="typed"' not in answer.text
