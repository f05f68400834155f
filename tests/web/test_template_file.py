"""The table to fill in: downloaded, filled in and handed in again, it fits without a question."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.web.api.conftest import EXAMPLES, Client
from tests.web.conftest import Browser
from webapp.accounts import create_token
from webapp.intake import How, NoRowsError, detect, preview, settle_match
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import User
from webapp.web.desk import Desk

TEMPLATE = "/job-types/import_contacts/template"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=EXAMPLES / "job_types")


@pytest.mark.parametrize(
    ("ending", "media_type"), [("csv", "text/csv; charset=utf-8"), ("xlsx", "application/vnd.openxmlformats")]
)
def test_as_downloaded_it_matches_letter_for_letter_and_has_no_rows(
    ending: str, media_type: str, ann_browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    answer = ann_browser.get(f"{TEMPLATE}.{ending}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert f'filename="import_contacts-template.{ending}"' in answer.headers["content-disposition"]
    path, model = tmp_path / f"filled.{ending}", desk.registry.get("import_contacts").row_model
    path.write_bytes(answer.content)
    assert model
    reading = detect(path)
    match = settle_match(reading.columns, {}, model)
    assert match.how == dict.fromkeys(model.model_fields, How.EXACT)
    with pytest.raises(NoRowsError):
        preview(path, copy=tmp_path / "copy")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_handed_in_untouched_it_is_refused_because_it_has_no_rows(
    ending: str, browser: Browser, ann_browser: Browser, ann: User, database: Database
) -> None:
    file = (f"filled.{ending}", ann_browser.get(f"{TEMPLATE}.{ending}").content)
    answer = Client(browser, create_token(database, ann.name)).submit("import_contacts", {}, {"file": file})
    assert answer.status_code == 422
    assert "The file has a header and no rows below it." in answer.text


def test_the_workbook_has_the_same_columns(ann_browser: Browser) -> None:
    answer = ann_browser.get(f"{TEMPLATE}.xlsx")
    assert "spreadsheetml" in answer.headers["content-type"]
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]
    header = [str(cell.value) for cell in next(sheet.iter_rows(max_row=1))]
    assert header == ann_browser.get(f"{TEMPLATE}.csv").content.decode("utf-8-sig").splitlines()[0].split(",")


def test_programs_get_the_same_files(browser: Browser, ann_browser: Browser, ann: User, database: Database) -> None:
    token = {"Authorization": f"Bearer {create_token(database, ann.name)}"}
    answer = browser.get(f"/api/v1{TEMPLATE}.csv", headers=token)
    assert answer.content == ann_browser.get(f"{TEMPLATE}.csv").content
    book = openpyxl.load_workbook(BytesIO(browser.get(f"/api/v1{TEMPLATE}.xlsx", headers=token).content))
    assert len(book.worksheets) == 2


@pytest.mark.parametrize("name", ["load_table", "nothing", "..%2Fadmin"])
def test_what_has_no_columns_of_its_own_has_no_template(name: str, ann_browser: Browser) -> None:
    for ending in ("csv", "xlsx"):
        assert ann_browser.get(f"/job-types/{name}/template.{ending}").status_code == 404
