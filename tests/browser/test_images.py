"""Photos in an archive, made smaller: what the operator sees before, after, and of the file that is no photo."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person
from tests.browser.test_story import JOB, choose
from tests.job_types.pictures import encoded, picture, unzipped, with_notes, zipped


def downloaded(page: Page, link: str) -> bytes:
    """A result, as the browser saves it."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return download.value.path().read_bytes()


def photos(folder: Path) -> Path:
    """A photo on its side, a drawing, an empty file and a text."""
    files = {
        "summer/beach.jpg": with_notes(),
        "logo.png": encoded(picture((90, 60)), "PNG"),
        "empty.jpg": b"",
        "list.txt": b"beach, logo",
    }
    return zipped(folder / "photos.zip", files)


def test_an_archive_of_photos_is_made_smaller_and_what_is_none_is_named(
    open_page: OpenPage, olga: Person, tmp_path: Path
) -> None:
    page = open_page(olga, expects=["status of 422"])
    choose(page, "Change images", photos(tmp_path))
    page.wait_for_url(JOB)
    live = page.locator("#live")
    expect(live).to_contain_text("3 of 4 files to work on. 1 can’t be used.")
    expect(live).to_contain_text("is empty")
    names = page.get_by_role("region", name="The first files").locator("tbody tr")
    expect(names).to_have_count(4)
    expect(names.first).to_contain_text("summer/beach.jpg")
    expect(page.get_by_text("Change how it is read")).to_have_count(0)
    page.get_by_label("Size").select_option(label="Fit into width and height")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Enter a width, a height or both")
    page.get_by_label("Width").fill("30")
    page.get_by_label("Make a contact sheet").check()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(live.locator(".headline")).to_have_text("2 of 4 files done. 2 need you.")
    expect(live).to_contain_text("list.txt")
    expect(live).to_contain_text("is no image that can be read")
    made = unzipped(downloaded(page, "photos-changed.zip"))
    assert list(made) == ["summer/beach.jpg", "logo.png", "contact-sheet-1.jpg"]
    sizes = [Image.open(io.BytesIO(data)).size for data in made.values()]
    assert sizes[:2] == [(30, 45), (30, 20)]
    lines = downloaded(page, "photos-failed-files.csv").decode("utf-8-sig").splitlines()
    assert lines[1] == "empty.jpg,0,file: is empty"


def test_a_single_photo_comes_back_as_one_without_javascript(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    photo = tmp_path / "beach.jpg"
    photo.write_bytes(with_notes())
    page = open_page(olga, javascript=False)
    choose(page, "Change images", photo)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    page.get_by_label("Format").select_option(label="WebP")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text("All 1 file done.")
    image = Image.open(io.BytesIO(downloaded(page, "beach.webp")))
    assert (image.format, image.size) == ("WEBP", (40, 60))
