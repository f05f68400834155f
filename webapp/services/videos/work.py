"""What is made of one video, each thing from its beginning: a report, pictures, new videos."""

from pathlib import Path, PurePath
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from webapp.authoring import Context, UploadedFile
from webapp.services.images.sheet import ContactSheet
from webapp.services.images.store import SingleFiles, opened_archive
from webapp.services.media import sized
from webapp.services.videos.opening import opened_video
from webapp.services.videos.report import as_json, as_text, clock, report_of
from webapp.services.videos.thumbnails import first_frame, thumbnails
from webapp.services.videos.transcode import TARGETS, Wish, transcode
from webapp.services.videos.words import Height, Make

_BLOCK = 1 << 20


def hand_back_report(file: UploadedFile, ctx: Context) -> None:
    """Say what is in the video: in the job's log, as a text and as JSON."""
    with opened_video(file.path, file.name) as video:
        report = report_of(video, file.name, file.size, first_frame(video, ctx).rotation)
    lines = as_text(report)
    for line in lines:
        ctx.log(line)
    with ctx.open_result(f"{_stem(file)}-report.txt") as result:
        result.write("\n".join([*lines, ""]).encode("utf-8", "replace"))
    with ctx.open_result(f"{_stem(file)}-report.json") as result:
        result.write(as_json(report))


def hand_back_pictures(file: UploadedFile, ctx: Context, count: int, height: Height) -> None:
    """Pictures out of the video in an archive, and a contact sheet of them."""
    stem = _stem(file)
    sheet = ContactSheet(SingleFiles(ctx, f"{stem}-pictures-"))
    with opened_archive(ctx, f"{stem}-pictures.zip") as archive:
        for number, each in enumerate(thumbnails(file, count, height, ctx), start=1):
            archive.put(f"{stem}-{number:02}", ".jpg", each.jpeg())
            sheet.add(each.image, clock(each.seconds))
    sheet.end()


def hand_back_videos(file: UploadedFile, ctx: Context, make: tuple[Make, ...], wish: Wish) -> None:
    """The video anew, in each of the formats that are wanted."""
    for ending in (each for each in TARGETS if each in make):
        with ctx.step(f"Make the {TARGETS[ending].title}"), TemporaryDirectory(prefix="batchdesk-") as folder:
            made = Path(folder, f"video.{ending}")
            with opened_video(file.path, file.name) as video:
                damage = transcode(video, ending, made, wish, ctx)
            if damage.pieces:
                ctx.log(f"{damage.pieces:,} pieces of the video were damaged and are left out.", "warning")
            name = f"{_stem(file)}-for-web.{ending}"
            with made.open("rb") as source, ctx.open_result(name) as result:
                copyfileobj(source, result, _BLOCK)
            ctx.log(f"{name}: {sized(file.size)} became {sized(made.stat().st_size)}.")


def _stem(file: UploadedFile) -> str:
    return PurePath(file.name).stem
