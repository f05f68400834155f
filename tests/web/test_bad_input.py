"""What people hand in by mistake: a clear sentence on the page and in the API, and nothing is lost."""

import html
import json
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import PASSWORD, Program, RunningDesk
from tests.web.conftest import Browser
from webapp.accounts import create_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import User
from webapp.web.desk import Desk

JOB_TYPES = '''
from pydantic import BaseModel
from webapp.authoring import job

class Person(BaseModel):
    id: int
    email: str

@job()
def invite(row: Person) -> None:
    """Invites people."""

@job()
def greet(name: str, times: int = 1) -> None:
    """Says hello."""
'''
GB = 10**9


def wide(columns: int) -> bytes:
    """A file of one row."""
    return b",".join(b"c%d" % n for n in range(columns)) + b"\n" + b",".join([b"1"] * columns) + b"\n"


WORKBOOK = "This workbook is damaged. Make it again, or fetch it again, and choose the new file."
TOO_WIDE = (
    "The file has 20,000 columns; 16,384 is the most that can be read. "
    "Check that rows end with a line break, or split the file."
)
NO_TABLES = {
    "empty": (b"", "The file is empty. Check that it was saved, and choose it again."),
    "header only": (b"id,name\n", "The file has a header and no rows below it. Add the rows, or choose another file."),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "This is a PNG image, not a table. Choose a CSV file."),
    "workbook": (
        b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml",
        WORKBOOK,
    ),
    "bytes": (bytes(range(256)) * 40, "This is a file of binary data, not a table. Choose a CSV file."),
    "20,000 columns": (
        wide(20_000),
        TOO_WIDE,
    ),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "job_types"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    (folder / "broken.py").write_text("import no_such_module\n")
    (folder / "good.py").write_text(JOB_TYPES)
    return Settings(data=tmp_path / "data", disk_reserve=0, workers=0, job_types=folder)


class Desktop:
    """Hands the same in by the page's form, without JavaScript, and by the API."""

    def __init__(self, browser: Browser, token: str) -> None:
        self._browser = browser
        self._token = token

    def page(self, file: tuple[str, bytes] | None, **fields: str) -> httpx.Response:
        """Send the form of the page for a new job."""
        return self._browser.post("/jobs", files=_parts(file, {"submit_key": "k", **fields}))

    def api(self, file: tuple[str, bytes] | None, job_type: str, **params: object) -> httpx.Response:
        """Hand in the job with its parameters at once."""
        parts = _parts(file, {"job_type": job_type, "params": json.dumps(params)})
        return self._browser.post("/api/v1/jobs", files=parts, headers={"Authorization": f"Bearer {self._token}"})


def _parts(file: tuple[str, bytes] | None, fields: dict[str, str]) -> dict[str, Any]:
    named: dict[str, Any] = {name: (None, value.encode()) for name, value in fields.items()}
    return named | ({"file": file} if file else {})


@pytest.fixture
def desktop(ann_browser: Browser, database: Database, ann: User) -> Desktop:
    return Desktop(ann_browser, create_token(database, ann.name))


def shown(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def told(answer: httpx.Response) -> dict[str, str]:
    """What the API says is wrong, by field."""
    return {problem["field"]: problem["message"] for problem in answer.json()["problems"]}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_a_file_that_is_no_table(desktop: Desktop, kind: str) -> None:
    content, sentence = NO_TABLES[kind]
    page = desktop.page(("people.csv", content), job_type="load_table")
    assert page.status_code == 422
    assert sentence in shown(page)
    assert "Load rows into a table" in shown(page), "the same form, to choose another file"
    answer = desktop.api(("people.csv", content), "load_table", table="people")
    assert (answer.status_code, told(answer)) == (422, {"file": sentence})


def test_no_file(desktop: Desktop) -> None:
    page = desktop.page(None, job_type="load_table")
    assert page.status_code == 422
    assert "Choose a file: this job works on one." in shown(page)
    assert told(desktop.api(None, "load_table", table="x")) == {"file": "Choose a file: this job works on one."}


def test_a_file_without_the_columns_that_the_job_needs(desktop: Desktop, ann_browser: Browser) -> None:
    file = ("people.csv", b"id,name\n1,Ada\n")
    page = desktop.page(file, job_type="invite")
    assert page.status_code == 303, "the file is kept, and its page says what is wrong with it"
    words = shown(ann_browser.get(page.headers["location"]))
    answer = told(desktop.api(file, "invite"))
    for said in (words, answer["file"]):
        assert "The file has no column for " in said
        assert "“email”" in said
    started = ann_browser.post(f"{page.headers['location']}/start", data={"any": "thing"})
    assert started.status_code == 409


def test_a_name_that_climbs_out_of_the_folder(desktop: Desktop, ann_browser: Browser, tmp_path: Path) -> None:
    file = ("../../x", b"id,name\n1,Ada\n")
    before = {path for path in tmp_path.parent.rglob("*") if path.name == "x"}
    page = desktop.page(file, job_type="load_table")
    words = shown(ann_browser.get(page.headers["location"]))
    assert " x " in words
    assert "../" not in words
    assert desktop.api(file, "load_table", table="people").json()["file_name"] == "x"
    assert {path for path in tmp_path.parent.rglob("*") if path.name == "x"} == before


def test_a_kind_of_job_that_does_not_exist(desktop: Desktop, ann_browser: Browser) -> None:
    sentence = "There is no job called 'lod_table'. Did you mean load_table or report_table?"
    for page in (ann_browser.get("/jobs/new/lod_table"), desktop.page(None, job_type="lod_table")):
        assert page.status_code == 404
        assert sentence in shown(page)
    answer = desktop.api(None, "lod_table")
    assert (answer.status_code, told(answer)) == (422, {"job_type": sentence})


def test_a_kind_of_job_whose_file_fails_to_load(desktop: Desktop, ann_browser: Browser) -> None:
    sentence = (
        "The job broken can't be used now: its file could not be loaded. "
        "An administrator sees the reason on the admin page."
    )
    page = ann_browser.get("/jobs/new/broken")
    assert page.status_code == 404
    assert sentence in shown(page)
    answer = desktop.api(None, "broken")
    assert (answer.status_code, told(answer)) == (422, {"job_type": sentence})
    assert "Says hello." in shown(ann_browser.get("/")), "the rest can be used"


def test_a_parameter_of_the_wrong_type_is_refused_beside_its_field(desktop: Desktop) -> None:
    page = desktop.page(None, job_type="greet", **{"params.name": "Ada & Zoë", "params.times": "often"})
    assert page.status_code == 422
    assert "Times is not a whole number." in shown(page)
    assert 'value="Ada &amp; Zoë"' in page.text, "what was entered is there still"
    assert 'value="often"' in page.text
    answer = desktop.api(None, "greet", name="Ada", times="often")
    assert (answer.status_code, told(answer)) == (422, {"times": "Times is not a whole number."})


def test_wrong_parameters_keep_the_file(desktop: Desktop, ann_browser: Browser, desk: Desk) -> None:
    page = desktop.page(("people.csv", b"id,name\n1,Ada\n"), job_type="load_table")
    address = page.headers["location"]
    make_ready(desk, address)
    refused = ann_browser.post(f"{address}/start", data={"params.table": "Not a name", "params.mode": "upsert"})
    assert refused.status_code == 422
    assert 'value="Not a name"' in refused.text
    assert "people.csv" in shown(refused)
    assert ann_browser.post(f"{address}/start", data={"params.table": "people"}).status_code == 303
    assert "Queued" in shown(ann_browser.get(address))


def make_ready(desk: Desk, address: str) -> None:
    """As the check does once it has looked through the file."""
    with desk.database.engine.begin() as connection:
        number = address.rpartition("/")[2].replace("-", "")
        changed = connection.exec_driver_sql("UPDATE job SET state = 'ready' WHERE id = ?", (number,))
        assert changed.rowcount == 1


def test_the_same_form_sent_twice_is_one_job(desktop: Desktop, ann_browser: Browser) -> None:
    file = ("people.csv", b"id,name\n1,Ada\n")
    with ThreadPoolExecutor(5) as pool:
        pages = list(pool.map(lambda _: desktop.page(file, job_type="load_table", submit_key="one"), range(5)))
    assert {page.status_code for page in pages} == {303}
    assert len({page.headers["location"] for page in pages}) == 1
    other = desktop.page(file, job_type="load_table", submit_key="two")
    assert other.headers["location"] != pages[0].headers["location"]
    assert ann_browser.get(other.headers["location"]).status_code == 200


class Unread:
    """A body that says whether anybody read it."""

    def __init__(self) -> None:
        self.read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.read = True
        yield b"--b--\r\n"


def test_a_file_that_the_disk_cannot_take_is_refused_before_it_is_sent(
    settings: Settings, ann_browser: Browser, desk: Desk, database: Database, ann: User
) -> None:
    free = shutil.disk_usage(settings.data).free
    object.__setattr__(desk, "settings", settings.model_copy(update={"disk_reserve": max(free - GB, 0)}))
    form = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(5 * GB)}
    token = {"Authorization": f"Bearer {create_token(database, ann.name)}"}
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": str(5 * GB)}
    for path, headers in (("/jobs", form), ("/api/v1/jobs", form | token), ("/uploads", tus)):
        body = Unread()
        answer = ann_browser.request("POST", path, headers=headers, content=body)
        assert answer.status_code == 507, path
        assert "full" in answer.text
        assert not body.read
    assert list((settings.data / "uploads").iterdir()) == []


ODD = {
    "broken quoting": (b'id,name\n1,"Ada\n2,Zo\xc3\xab\n3,Max\n', 3),
    "ragged rows": (b"id,name\n1,Ada\n2\n3,Max,surplus,more\n4,Zo\xc3\xab\n", 4),
    "cp1252": (b"id;name\n1;Zo\xeb\n2;Ad\xe0\n", 2),
    "UTF-16": ("id\tname\n1\tZoë\n2\tAda\n".encode("utf-16"), 2),
    "a wrong byte": (b"id,name\n" + "1,Zoë\n".encode() * 50 + b"2,Ad\xff\n3,Max\n", 52),
    "a field of 10 MB": (b"id,name\n1,Ada\n2," + b"x" * 10_000_000 + b"\n3,Max\n", 3),
    "NUL": (b"id,name\n1,A\0da\n2,Max\n", 2),
}


@pytest.fixture(scope="module")
def odd_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    desk = RunningDesk(tmp_path_factory.mktemp("desk") / "data").start()
    yield desk
    desk.kill_quietly()


@pytest.fixture(scope="module")
def odd_program(odd_desk: RunningDesk) -> Program:
    return odd_desk.program("Ann")


@pytest.fixture(scope="module")
def odd_browser(odd_desk: RunningDesk, odd_program: Program) -> Iterator[httpx.Client]:  # noqa: ARG001 (Ann is there)
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with httpx.Client(base_url=odd_desk.url, headers=headers, timeout=60) as client:
        client.post("/sign-in", data={"name": "Ann", "password": PASSWORD})
        yield client


@pytest.mark.parametrize("kind", ODD)
def test_every_row_of_an_odd_file_is_accounted_for(
    kind: str, odd_browser: httpx.Client, odd_program: Program, tmp_path: Path
) -> None:
    content, rows = ODD[kind]
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    table = f"t{len(content)}_{rows}"
    sent = odd_browser.post("/jobs", data={"job_type": "load_table"}, files={"file": ("people.csv", content)})
    assert sent.status_code == 303, shown(sent)
    by_page = sent.headers["location"].rpartition("/")[2]
    odd_program.wait(by_page, {"ready"})
    looked_at = odd_browser.get(f"/jobs/{by_page}")
    assert looked_at.status_code == 200
    started = odd_browser.post(f"/jobs/{by_page}/start", data={"params.table": f"{table}_page", "params.types": "text"})
    assert started.status_code == 303, shown(started)
    by_api = odd_program.submit("load_table", file, table=f"{table}_api", types="text")
    ends = [odd_program.wait(job) for job in (by_page, by_api)]
    assert ends[0]["rows"] == ends[1]["rows"]
    assert ends[0]["rows"]["received"] == rows
    assert ends[0]["rows"]["waiting"] == ends[0]["rows"]["unknown"] == 0
    wrong = odd_program.problems(by_page)
    assert sum(entry["last_row"] - entry["row"] + 1 for entry in wrong) == rows - ends[0]["rows"]["done"]
    assert all(entry["reason"] for entry in wrong)
    page = shown(odd_browser.get(f"/jobs/{by_page}/problems")) if wrong else ""
    assert all(str(entry["row"]) in page for entry in wrong)


def test_a_file_of_10000_columns_is_shown_and_cleaned(odd_browser: httpx.Client, odd_program: Program) -> None:
    sent = odd_browser.post("/jobs", data={"job_type": "clean_csv"}, files={"file": ("wide.csv", wide(10_000))})
    assert sent.status_code == 303
    job_id = sent.headers["location"].rpartition("/")[2]
    odd_program.wait(job_id, {"ready"})
    page = odd_browser.get(f"/jobs/{job_id}")
    assert page.status_code == 200
    assert len(page.content) < 2_000_000
    assert odd_browser.post(f"/jobs/{job_id}/start", data={"params.empty_rows": ""}).status_code == 303
    assert odd_program.wait(job_id)["rows"]["done"] == 1


def test_more_columns_than_a_table_can_have_are_refused_in_words(odd_program: Program, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_bytes(wide(10_000))
    job = odd_program.wait(odd_program.submit("load_table", file, table="wide"))
    assert job["state"] == "failed"
    assert "columns" in job["problem"]
