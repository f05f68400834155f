"""Work on a video: the report, the pictures, the videos for the web, and what is said of files that are no videos."""

import json
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.job_types.desk import Desk, Ran
from tests.job_types.films import Film, film, seen, sound_only
from tests.job_types.pictures import BLUE, GREEN, RED, decoded, encoded, picture, unzipped
from webapp.errors import BadInput
from webapp.jobs.run import run_claim

PLAIN = Film()
KINDS = {
    "mp4": PLAIN,
    "mov with alpha": Film(codec="png", pixels="rgba", sound=None, container="mov"),
    "webm": Film(codec="libvpx-vp9", sound="libopus", container="webm"),
    "mkv of 10 bits": Film(codec="libx264", pixels="yuv422p10le", container="matroska"),
    "avi": Film(codec="mjpeg", pixels="yuvj420p", sound=None, container="avi"),
    "mpeg": Film(codec="mpeg2video", sound="mp2", container="mpeg"),
    "ts": Film(codec="libx264", container="mpegts"),
    "flv": Film(codec="flv", container="flv"),
    "gif": Film(codec="gif", pixels="rgb8", sound=None, container="gif"),
    "grey of 16 bits": Film(codec="rawvideo", pixels="gray16le", sound=None, container="nut"),
    "odd sides": Film(size=(161, 121), codec="mjpeg", pixels="yuvj444p", sound=None, container="avi"),
}


def run(desk: Desk, folder: Path, data: bytes, name: str = "film.mp4", **params: Any) -> Ran:
    """Work on one video."""
    path = folder / name
    path.write_bytes(data)
    return desk.run("video", path, **params)


def near(image: Image.Image, at: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    """Whether a picture has about this colour there, in shares of its sides."""
    found = image.convert("RGB").getpixel((int(at[0] * image.width), int(at[1] * image.height)))
    assert isinstance(found, tuple)
    return all(abs(one - other) < 60 for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("how", KINDS.values(), ids=KINDS)
def test_every_kind_of_video_becomes_one_for_the_web(desk: Desk, tmp_path: Path, how: Film) -> None:
    ran = run(desk, tmp_path, film(how), make=["mp4", "webm", "thumbnails"], pictures=3)
    assert (ran.job.state, ran.job.problem) == ("completed", None)
    for ending, codecs in (("mp4", ["h264", "aac"]), ("webm", ["vp9", "opus"])):
        made = seen(ran.files[f"film-for-web.{ending}"])
        assert made.codecs == codecs[: 2 if how.sound else 1]
        assert (made.pixels, made.frames) == ("yuv420p", 50)
        assert abs(made.seconds - 2) < 0.1
        assert made.size == (160, 120)
        if how.pixels != "gray16le":
            assert near(made.first, (0.7, 0.2), RED)
            assert near(made.first, (0.7, 0.8), BLUE)
    pictures = unzipped(ran.files["film-pictures.zip"])
    assert list(pictures) == ["film-01.jpg", "film-02.jpg", "film-03.jpg"]
    assert decoded(ran.files["film-pictures-contact-sheet-1.jpg"]).width > 600


def test_the_report_is_for_people_and_for_programs(desk: Desk, tmp_path: Path) -> None:
    ran = run(desk, tmp_path, film(PLAIN, title="Summer"), make=[])
    assert list(ran.files) == ["film-report.json", "film-report.txt"]
    report = json.loads(ran.files["film-report.json"])
    assert (report["seconds"], report["says"]["title"]) == (2.0, "Summer")
    assert report["video"][0] | {"profile": None} == {
        "codec": "mpeg4",
        "profile": None,
        "width": 160,
        "height": 120,
        "pixels": "yuv420p",
        "frames": 50,
        "frames_per_second": 25.0,
        "rotation": 0,
    }
    assert report["audio"][0]["samples_per_second"] == 48_000
    lines = ran.files["film-report.txt"].decode().splitlines()
    assert lines == ran.log
    assert lines[1] == "Picture: 160 × 120 pixels, 25.0 frames a second, mpeg4 (yuv420p)."


@pytest.mark.parametrize(("rotation", "corner"), [(90, (0.1, 0.9)), (-90, (0.9, 0.1)), (180, (0.9, 0.9))])
def test_a_video_that_was_held_otherwise_stands_upright(
    desk: Desk, tmp_path: Path, rotation: int, corner: tuple[float, float]
) -> None:
    ran = run(desk, tmp_path, film(replace(PLAIN, rotation=rotation)), make=["mp4", "thumbnails"], pictures=1)
    made = seen(ran.files["film-for-web.mp4"])
    assert made.size == ((160, 120) if rotation == 180 else (120, 160))
    for image in (made.first, decoded(next(iter(unzipped(ran.files["film-pictures.zip"]).values())))):
        assert near(image, corner, GREEN), "the corner that was left above"


@pytest.mark.parametrize(
    ("size", "height", "made"),
    [((640, 480), "360", (480, 360)), ((480, 640), "360", (360, 480)), ((160, 120), "360", (160, 120))],
)
def test_a_video_is_made_smaller_by_its_shorter_side_and_never_larger(
    desk: Desk, tmp_path: Path, size: tuple[int, int], height: str, made: tuple[int, int]
) -> None:
    ran = run(desk, tmp_path, film(Film(frames=5, size=size)), height=height)
    assert seen(ran.files["film-for-web.mp4"]).size == made


def test_an_mp4_plays_while_it_is_loaded_and_tells_nothing(desk: Desk, tmp_path: Path) -> None:
    data = film(PLAIN, title="Secret", location="+48.1+11.5/")
    made = run(desk, tmp_path, data, sound=False).files["film-for-web.mp4"]
    assert made.index(b"moov") < made.index(b"mdat")
    assert b"Secret" not in made
    assert seen(made).codecs == ["h264"]


def test_better_quality_is_a_larger_file(desk: Desk, tmp_path: Path) -> None:
    noisy = film(Film(frames=10, draw=lambda _, size: Image.effect_noise(size, 60).convert("RGB"), sound=None))
    for ending in ("mp4", "webm"):
        small, high = (
            len(run(desk, tmp_path, noisy, make=[ending], quality=quality).files[f"film-for-web.{ending}"])
            for quality in ("small", "high")
        )
        assert small < high


def test_the_same_video_makes_the_same_report_and_pictures(desk: Desk, tmp_path: Path) -> None:
    data = film(Film(size=(320, 240)))
    first, second = (run(desk, tmp_path, data, make=["thumbnails"]).files for _ in range(2))
    for name, made in first.items():
        assert made == second[name], name


@pytest.mark.parametrize("ending", ["mp4", "webm"])
def test_the_same_video_is_made_the_same_byte_for_byte(desk: Desk, tmp_path: Path, ending: str) -> None:
    data = film(Film(size=(320, 240)))
    first = run(desk, tmp_path, data, make=[ending]).files[f"film-for-web.{ending}"]
    time.sleep(1.1)  # another second, should the time of making be written into it
    assert run(desk, tmp_path, data, make=[ending]).files[f"film-for-web.{ending}"] == first


def no_videos() -> dict[str, tuple[bytes, str]]:
    """Files that are no videos, or none to decode, and what is said of them."""
    whole = film(PLAIN)
    return {
        "text": (b"just words", "is no video that can be read"),
        "html": (b"<html><video src='http://example.com/x.mp4'>", "is no video that can be read"),
        "playlist": (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n", "is no video that can be read"),
        "concat": (b"ffconcat version 1.0\nfile /etc/passwd\n", "is no video that can be read"),
        "dash": (b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>", "is no video that can be"),
        "subtitles": (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n", "is no video that can be read"),
        "photo": (encoded(picture()), "is no video that can be read"),
        "sound": (sound_only(), "has sound only, no pictures"),
        "cut": (whole[: len(whole) // 2], "is no video that can be read"),
        "no frames": (empty_film(), "No picture of the video could be decoded"),
    }


def empty_film() -> bytes:
    """A video whose pictures are all zeros."""
    data = bytearray(film(Film(codec="libx264", sound=None)))
    at = data.index(b"mdat") + 4
    length = int.from_bytes(data[at - 8 : at - 4], "big") - 8
    data[at : at + length] = bytes(length)
    return bytes(data)


@pytest.mark.parametrize(("data", "words"), no_videos().values(), ids=no_videos())
def test_what_is_no_video_is_answered_in_words(desk: Desk, tmp_path: Path, data: bytes, words: str) -> None:
    ran = run(desk, tmp_path, data, make=["mp4", "thumbnails"])
    assert (ran.job.state, ran.files) == ("failed", {})
    assert words in str(ran.job.problem)


def test_a_frame_that_is_too_large_is_not_decoded(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.services.videos.opening.MOST_PIXELS", 10_000)
    ran = run(desk, tmp_path, film(PLAIN))
    assert "160 × 120 pixels" in str(ran.job.problem)


@pytest.mark.parametrize("says", ["its length", "its pictures"])
def test_a_bomb_of_duration_is_not_worked_off(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    long = film(Film(frames=3, times=lambda number: number * 25 * 3600 * 4, sound=None))
    if says == "its pictures":
        monkeypatch.setattr("webapp.services.videos.opening.MOST_HOURS", 100)
    ran = run(desk, tmp_path, long)
    assert ran.job.state == "failed"
    assert "longer than 6 hours" in str(ran.job.problem) or "longer than 100 hours" in str(ran.job.problem)


def test_hours_between_two_pictures_are_not_filled(desk: Desk, tmp_path: Path) -> None:
    began = time.monotonic()
    ran = run(desk, tmp_path, film(Film(frames=2, times=lambda number: number * 25 * 3600 * 4, sound=None)))
    assert seen(ran.files["film-for-web.mp4"]).frames == 2
    assert time.monotonic() - began < 20


def test_times_that_go_back_or_stand_still_do_no_harm(desk: Desk, tmp_path: Path) -> None:
    data = film(Film(codec="mpeg2video", container="mpegts", sound=None))
    ran = run(desk, tmp_path, data + data)
    assert ran.job.state == "completed"
    assert seen(ran.files["film-for-web.mp4"]).frames >= 50


def test_damaged_pieces_are_left_out_and_that_is_said(desk: Desk, tmp_path: Path) -> None:
    data = bytearray(film(Film(codec="png", pixels="rgb24", sound=None, container="mov")))
    at = data.index(b"\x89PNG", data.index(b"\x89PNG", data.index(b"\x89PNG") + 1) + 1)
    data[at : at + 60] = bytes(60)
    ran = run(desk, tmp_path, bytes(data))
    assert ran.job.state == "completed"
    assert "1 pieces of the video were damaged and are left out." in ran.log
    assert seen(ran.files["film-for-web.mp4"]).frames == 49


def test_a_job_that_is_called_off_stops_within_a_second(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(film(Film(frames=250, size=(640, 480))))
    desk.submit("video", path, make=["webm"], quality="high")
    work = desk.claim()
    worker = threading.Thread(target=run_claim, args=(work,))
    worker.start()
    until = time.monotonic() + 60
    while not has_progress(desk, work.job_id) and time.monotonic() < until:
        time.sleep(0.05)
    asked = time.monotonic()
    work.stop.set("called off")
    worker.join(30)
    assert time.monotonic() - asked < 5, "a second; and five times that on a machine with much else to do"
    assert not any(name.endswith(".webm") for name in desk.result(work.job_id).files)


def has_progress(desk: Desk, job_id: Any) -> bool:
    """Whether the job has said how far it is."""
    progress = desk.result(job_id).job.progress
    return bool(progress and progress["message"].startswith("WebM: frame"))


def test_progress_is_counted_by_frames(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, int | None]] = []

    def note(_: object, done: int, total: int | None = None, message: str = "") -> None:
        assert message.startswith("MP4: frame ")
        said.append((done, total))

    monkeypatch.setattr("webapp.jobs.context.JobContext.progress", note)
    run(desk, tmp_path, film(PLAIN))
    assert said[-1] == (50, 50)
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(said))


def test_a_desk_without_the_part_for_videos_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.media.find_spec", lambda _: None)
    with pytest.raises(BadInput) as refused:
        run(desk, tmp_path, b"x")
    assert "batchdesk[media]" in refused.value.problems["make"]
