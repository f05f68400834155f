"""A video for the web: handed in, watched, and taken away."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import Person
from tests.browser.test_images import downloaded
from tests.browser.test_story import JOB, choose
from tests.job_types.films import Film, film, seen
from tests.job_types.pictures import unzipped


def test_a_video_becomes_smaller_and_is_shown_in_pictures(open_page: OpenPage, olga: Person, tmp_path: Path) -> None:
    clip = tmp_path / "beach.mov"
    clip.write_bytes(film(Film(size=(640, 480), container="mov", rotation=90)))
    page = open_page(olga)
    choose(page, "Work on a video", clip)
    page.wait_for_url(JOB)
    live = page.locator("#live")
    page.get_by_label("Pictures from it, and a contact sheet").check()
    page.get_by_label("Size").select_option(label="At most 360p")
    page.get_by_label("Number of pictures").fill("4")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(live.locator(".headline")).to_have_text("Done.")
    expect(live).to_contain_text("640 × 480 pixels, 25.0 frames a second, mpeg4 (yuv420p), turned by 90°.")
    made = seen(downloaded(page, "beach-for-web.mp4"))
    assert (made.codecs, made.size) == (["h264", "aac"], (360, 480))
    assert len(unzipped(downloaded(page, "beach-pictures.zip"))) == 4


def test_what_is_no_video_is_answered_in_words_without_javascript(
    open_page: OpenPage, olga: Person, tmp_path: Path
) -> None:
    text = tmp_path / "beach.mp4"
    text.write_text("no video at all")
    page = open_page(olga, javascript=False)
    choose(page, "Work on a video", text)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(JOB)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#live")).to_contain_text("beach.mp4 is no video that can be read")
