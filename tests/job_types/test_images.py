"""Change images: what becomes of each, of those that are none, and of the job when it breaks off."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.job_types.desk import Desk
from tests.job_types.pictures import (
    BLUE,
    GREEN,
    RED,
    animated,
    decoded,
    encoded,
    picture,
    png,
    png_with_profile_bomb,
    tiff_in_circles,
    unzipped,
    wide_gamut,
    with_notes,
    zipped,
)
from webapp.errors import BadInput
from webapp.jobs.run import run_claim

RunOne = Callable[..., Image.Image]


def near(found: object, wanted: tuple[int, ...], by: int = 12) -> bool:
    """Whether two colours are hard to tell apart."""
    assert isinstance(found, tuple)
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


@pytest.fixture
def run_one(desk: Desk, tmp_path: Path) -> RunOne:
    """Changes one image."""

    def run(data: bytes, name: str = "photo.jpg", **params: Any) -> Image.Image:
        path = tmp_path / name
        path.write_bytes(data)
        ran = desk.run("images", path, **params)
        assert (ran.problems, ran.counts) == ([], {"done": 1})
        (made,) = ran.files.values()
        return decoded(made)

    return run


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({}, (60, 40)),
        ({"resize": "fit", "width": 30, "height": 30}, (30, 20)),
        ({"resize": "fit", "width": 30}, (30, 20)),
        ({"resize": "fit", "height": 10}, (15, 10)),
        ({"resize": "fit", "width": 600, "height": 600}, (60, 40)),
        ({"resize": "fit", "width": 600, "height": 600, "enlarge": True}, (600, 400)),
        ({"resize": "fill", "width": 20, "height": 20}, (20, 20)),
        ({"resize": "fill", "width": 200, "height": 100}, (60, 30)),
        ({"resize": "fill", "width": 200, "height": 100, "enlarge": True}, (200, 100)),
        ({"resize": "exact", "width": 20, "height": 40}, (20, 40)),
        ({"resize": "exact", "width": 90, "height": 20}, (60, 20)),
        ({"resize": "exact", "width": 90, "height": 20, "enlarge": True}, (90, 20)),
        ({"crop": "1:1"}, (40, 40)),
        ({"crop": "9:16"}, (22, 40)),
        ({"crop": "16:9"}, (60, 34)),
        ({"crop": "1:1", "resize": "fit", "width": 10}, (10, 10)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_size_is_what_was_asked_for_and_never_larger_than_it_was(
    run_one: RunOne, kind: str, params: dict[str, Any], size: tuple[int, int]
) -> None:
    assert run_one(encoded(picture(), kind), **params).size == size


def test_a_crop_keeps_the_middle(run_one: RunOne) -> None:
    image = Image.new("RGB", (90, 30), RED)
    image.paste(GREEN, (30, 0, 60, 30))
    cropped = run_one(encoded(image, "PNG"), crop="1:1")
    assert cropped.get_flattened_data() == ((GREEN),) * 900


@pytest.mark.parametrize(
    ("kind", "wanted", "made"),
    [
        ("JPEG", "same", "JPEG"),
        ("PNG", "same", "PNG"),
        ("WEBP", "same", "WEBP"),
        ("AVIF", "same", "AVIF"),
        ("GIF", "same", "PNG"),
        ("BMP", "same", "PNG"),
        ("TIFF", "same", "PNG"),
        ("PNG", "jpeg", "JPEG"),
        ("JPEG", "png", "PNG"),
        ("JPEG", "webp", "WEBP"),
        ("JPEG", "avif", "AVIF"),
    ],
)
def test_each_kind_is_read_and_written(run_one: RunOne, kind: str, wanted: str, made: str) -> None:
    image = run_one(encoded(picture(), kind), "anything.txt", format=wanted)
    assert (image.format, image.size) == (made, (60, 40))
    colours = image.convert("RGB")
    assert near(colours.getpixel((40, 8)), RED, 30)
    assert near(colours.getpixel((40, 32)), BLUE, 30)


def test_quality_decides_how_large_a_file_becomes(desk: Desk, tmp_path: Path) -> None:
    photo = tmp_path / "noise.png"
    photo.write_bytes(encoded(Image.effect_noise((200, 200), 90).convert("RGB"), "PNG"))
    for kind in ("jpeg", "webp", "avif"):
        low, high = (desk.run("images", photo, format=kind, quality=quality).job.id for quality in (20, 95))
        small, large = (next(iter(desk.result(job_id).files.values())) for job_id in (low, high))
        assert 2 * len(small) < len(large)


def test_a_photo_on_its_side_is_turned_and_tells_nothing(run_one: RunOne) -> None:
    image = run_one(with_notes())
    assert image.size == (40, 60)
    assert near(image.getpixel((35, 5)), GREEN), "the corner that was left above is right above"
    assert not image.getexif()
    assert "comment" not in image.info


def test_what_the_camera_noted_is_kept_if_that_is_wanted_and_the_photo_is_not_turned_twice(run_one: RunOne) -> None:
    for kind in ("same", "png", "webp", "avif"):
        image = run_one(with_notes(), metadata="keep", format=kind)
        exif = image.getexif()
        assert (exif[0x010F], exif.get_ifd(0x8825)[1], exif.get(0x0112, 1)) == ("Camera & Sons", "N", 1)
        assert image.size == (40, 60)
    lying = run_one(with_notes(), upright=False, metadata="keep")
    assert (lying.size, lying.getexif()[0x0112]) == ((60, 40), 6)


def test_colours_are_converted_to_those_of_the_web_or_their_profile_is_kept(run_one: RunOne) -> None:
    profile = wide_gamut()
    grey = encoded(Image.new("RGB", (8, 8), (128, 128, 128)), "PNG", icc_profile=profile)
    converted = run_one(grey)
    assert "icc_profile" not in converted.info
    assert near(converted.getpixel((0, 0)), (188, 188, 188), 3), "half the light is 188 in sRGB"
    kept = run_one(grey, colours="keep")
    assert kept.info["icc_profile"] == profile
    assert kept.getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I;16"])
@pytest.mark.parametrize("wanted", ["jpeg", "png", "webp", "avif"])
def test_every_kind_of_pixel_becomes_what_is_seen(run_one: RunOne, mode: str, wanted: str) -> None:
    if mode == "I;16":
        image = Image.new("I;16", (60, 40), 128 * 256)
    else:
        image = picture(mode="L").convert(mode) if mode in {"1", "L", "LA"} else picture(mode=mode)
    made = run_one(encoded(image, "PNG" if mode not in {"CMYK", "YCbCr"} else "TIFF"), format=wanted).convert("RGB")
    expected = {"I;16": (128,) * 3, "1": None}.get(
        mode, (picture(mode="L").convert("RGB") if mode[0] == "L" else picture()).getpixel((40, 8))
    )
    assert expected is None or near(made.getpixel((40, 8)), expected, 30)  # type: ignore[arg-type]


def test_what_can_be_seen_through_stays_so_and_is_white_in_a_jpeg(run_one: RunOne) -> None:
    image = picture(mode="RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    for kind in ("png", "webp", "avif"):
        made = run_one(encoded(image, "PNG"), format=kind, filters=["grey", "autocontrast", "sharpen", "blur"])
        assert made.convert("RGBA").getpixel((9, 9))[3] == 0  # type: ignore[index]
    assert run_one(encoded(image, "PNG"), format="jpeg").getpixel((9, 9)) == (255, 255, 255)


def test_filters_change_what_they_say(run_one: RunOne) -> None:
    photo = encoded(picture((200, 200)), "PNG")
    assert run_one(photo, filters=["grey"]).mode == "L"
    edge = (150, 99)
    plain, blurred = (run_one(photo, filters=filters).getpixel(edge) for filters in ([], ["blur"]))
    assert near(plain, RED, 0)
    assert not near(blurred, RED, 20)
    pale = encoded(Image.linear_gradient("L").point(lambda value: 100 + value // 8), "PNG")
    assert run_one(pale, filters=["autocontrast"]).getextrema() == (0, 255)
    soft = run_one(photo, filters=["blur"])
    assert run_one(encoded(soft, "PNG"), filters=["sharpen"]).tobytes() != soft.tobytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_the_first_of_several_frames_is_taken_and_that_is_said(desk: Desk, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "moving"
    path.write_bytes(animated(kind))
    ran = desk.run("images", path, format="png")
    assert near(decoded(ran.files["moving.png"]).convert("RGB").getpixel((40, 8)), RED, 30)
    assert "1 had several frames. The first was taken." in ran.log


def no_image() -> dict[str, tuple[bytes, str]]:
    """Files that are no images, or not such as to be decoded, and what is said of them."""
    photo = encoded(Image.effect_noise((300, 300), 50))
    return {
        "notes.txt": (b"just words", "is no image that can be read"),
        "page.jpg": (b"<html><script>alert(1)</script>", "is no image that can be read"),
        "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is a drawing made of lines"),
        "script.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is a PostScript document"),
        "paper.pdf": (b"%PDF-1.7", "is a PDF"),
        "phone.heic": (b"\x00\x00\x00\x18ftypheic" + bytes(60), "is a HEIC photo"),
        "more.zip": (b"PK\x03\x04" + bytes(60), "is an archive inside of the archive"),
        "cut.jpg": (photo[: len(photo) // 2], "is cut off or damaged"),
        "cut.png": (encoded(picture(), "PNG")[:-40], "is cut off or damaged"),
        "head only.webp": (encoded(picture(), "WEBP")[:30], "is "),
        "huge.png": (png(65_500, 65_500), "has more than 100 million pixels"),
        "larger.png": (png(12_000, 9_000), "has more than 100 million pixels"),
        "empty pixels.png": (png(900, 900), "is cut off or damaged"),
        "profile.png": (png_with_profile_bomb(), "is "),
        "float.tif": (encoded(Image.new("F", (4, 4)), "TIFF"), "has a kind of pixels that can't be converted (F)"),
        "empty.jpg": (b"", "is empty"),
    }


def test_what_is_no_image_is_rejected_with_its_reason_and_the_others_are_done(desk: Desk, tmp_path: Path) -> None:
    bad = no_image()
    files = {"first.jpg": encoded(picture()), **{name: data for name, (data, _) in bad.items()}, "last.png": png_of(9)}
    ran = desk.run("images", zipped(tmp_path / "mixed.zip", files))
    assert ran.counts == {"done": 2, "rejected": len(bad)}
    assert list(unzipped(ran.files["mixed-changed.zip"])) == ["first.jpg", "last.png"]
    for (_, outcome, column, found, reason), (name, (_, begins)) in zip(ran.problems, bad.items(), strict=True):
        assert (outcome, column, found) == ("rejected", "file", name)
        assert str(reason).startswith(begins), f"{name}: {reason}"


def png_of(side: int) -> bytes:
    """A small PNG."""
    return encoded(picture((side, side)), "PNG")


def test_a_tiff_that_goes_round_in_circles_ends(run_one: RunOne) -> None:
    assert run_one(tiff_in_circles()).size == (60, 40)


def test_names_are_safe_wherever_they_are_unpacked_and_no_two_alike(desk: Desk, tmp_path: Path) -> None:
    names = [
        "../../etc/cron.d/x.jpg",
        "C:\\con.jpg",
        "a/b.png",
        "A/B.jpg",
        "a/b.jpeg",
        "/",
        "x\u202egpj.exe",
        "…" * 300,
    ]
    ran = desk.run("images", zipped(tmp_path / "odd.zip", dict.fromkeys(names, png_of(5))), format="jpeg")
    made = list(unzipped(ran.files["odd-changed.zip"]))
    assert made[:5] == ["etc/cron.d/x.jpg", "C_/_con.jpg", "a/b.jpg", "A/B-2.jpg", "a/b-3.jpg"]
    assert len(made) == len({name.casefold() for name in made}) == ran.job.done
    assert all(len(part) <= 100 for name in made for part in name.split("/"))


def test_single_files_are_handed_back_by_name(desk: Desk, tmp_path: Path) -> None:
    photos = zipped(tmp_path / "two.zip", {"a/x.jpg": png_of(5), "b/x.jpg": png_of(6)})
    assert set(desk.run("images", photos, results="files").files) == {"x.png", "x-2.png"}


def test_too_many_single_files_are_refused_before_any_is_made(desk: Desk, tmp_path: Path) -> None:
    photos = zipped(tmp_path / "many.zip", {f"{number}.png": png_of(5) for number in range(101)})
    ran = desk.run("images", photos, results="files")
    assert (ran.job.state, ran.files) == ("failed", {})
    assert "at most 100 are handed back singly" in str(ran.job.problem)


def test_a_contact_sheet_shows_every_image_on_as_many_pages_as_it_takes(desk: Desk, tmp_path: Path) -> None:
    photos = zipped(tmp_path / "p.zip", {f"{number}.png": png_of(30) for number in range(50)})
    files = unzipped(desk.run("images", photos, contact_sheet=True).files["p-changed.zip"])
    first, second = decoded(files["contact-sheet-1.jpg"]), decoded(files["contact-sheet-2.jpg"])
    assert first.size[1] > second.size[1] > 200
    assert len(files) == 52


def test_the_same_images_make_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    photos = zipped(tmp_path / "p.zip", {f"{number}.jpg": with_notes() for number in range(3)})
    for kind in ("jpeg", "png", "webp", "avif"):
        params = {"format": kind, "contact_sheet": True, "resize": "fit", "width": 30, "metadata": "keep"}
        first, second = (desk.run("images", photos, **params).files for _ in range(2))
        assert first == second


@pytest.mark.parametrize("results", ["zip", "files"])
@pytest.mark.parametrize("before_ledger", [True, False])
def test_after_a_crash_the_result_is_that_of_a_run_without(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, results: str, *, before_ledger: bool
) -> None:
    monkeypatch.setattr("webapp.jobs.table.COMMIT_SECONDS", 0)
    photos = zipped(tmp_path / "p.zip", {"a.png": png_of(9), "b.txt": b"no", "c.png": png_of(8), "d.png": png_of(7)})
    whole = desk.run("images", photos, results=results)
    job_id = desk.submit("images", photos, results=results)
    desk.run_and_crash(monkeypatch, 3, before_ledger=before_ledger)
    run_claim(desk.claim())
    after = desk.result(job_id)
    assert (after.files, after.counts, after.problems) == (whole.files, whole.counts, whole.problems)


@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"resize": "fit"}, "width", "Enter a width, a height or both"),
        ({"resize": "fill", "width": 9}, "height", "Enter the height too"),
        ({"resize": "exact", "height": 9}, "width", "Enter the width too"),
        ({"width": 9}, "resize", "Choose how the size is to change"),
        ({"quality": 0}, "quality", "at least 1"),
        ({"quality": 101}, "quality", "at most 100"),
        ({"resize": "fit", "width": 16_001}, "width", "at most"),
        ({"crop": "2:2"}, "crop", ""),
        ({"filters": ["sepia"]}, "filters", ""),
        ({"format": "heic"}, "format", ""),
    ],
)
def test_answers_that_do_not_fit_are_refused_beside_their_fields(
    desk: Desk, tmp_path: Path, params: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        desk.submit("images", zipped(tmp_path / "p.zip", {"a.png": png_of(5)}), **params)
    assert list(refused.value.problems) == [field]
    assert words in refused.value.problems[field]


def test_what_would_become_too_large_is_rejected(desk: Desk, tmp_path: Path) -> None:
    thin = encoded(Image.new("RGB", (1, 500)), "PNG")
    photos = zipped(tmp_path / "p.zip", {"thin.png": thin})
    ran = desk.run("images", photos, resize="fit", width=100, enlarge=True)
    assert str(ran.problems[0][4]).startswith("would become 100 × 50,000 pixels")


def test_a_desk_without_the_part_for_images_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.media.find_spec", lambda _: None)
    with pytest.raises(BadInput) as refused:
        desk.submit("images", zipped(tmp_path / "p.zip", {"a.png": png_of(5)}))
    assert "batchdesk[media]" in refused.value.problems["resize"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_a_damaged_image_is_done_or_rejected_and_never_anything_else(desk: Desk, tmp_path: Path, kind: str) -> None:
    chance, whole = random.Random(kind), encoded(picture(), kind)
    files = {}
    for number in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        files[f"{number}.x"] = bytes(data[: chance.choice((len(data), chance.randrange(20, len(data))))])
    ran = desk.run("images", zipped(tmp_path / "p.zip", files), resize="fit", width=20, contact_sheet=True)
    assert set(ran.counts) <= {"done", "rejected"}
    assert ran.job.accounted == len(files)


def test_the_example_shows_what_a_job_does(desk: Desk) -> None:
    example = desk.shop.registry.get("images").example
    assert example is not None
    ran = desk.run("images", example)
    assert ran.counts == {"done": 4, "rejected": 1}
    assert zipfile.ZipFile(io.BytesIO(ran.files["images-changed.zip"])).namelist()[0] == "summer/morning.jpg"
