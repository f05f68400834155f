"""Work on a video: the built-in job that says what is in it, takes pictures out of it and makes it fit for the web."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from webapp.authoring import Context, UploadedFile, job
from webapp.services.media import lacks, require
from webapp.services.videos.words import (
    HEIGHT_LABELS,
    MAKE_LABELS,
    MOST_THUMBNAILS,
    QUALITY_LABELS,
    Height,
    Make,
    Quality,
)

VIDEOS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".ogv", ".wmv", ".gif")
MEMORY = 2_500_000_000
TIME = 6 * 3600


def what_is_missing(_: Mapping[str, Any]) -> Mapping[str, str]:
    """What can be said before the job is accepted."""
    return lacks("av", "PyAV", "make") or lacks("PIL", "Pillow", "make")


@job(title="Work on a video", icon="film", accepts=VIDEOS, check=what_is_missing, memory_limit=MEMORY, time_limit=TIME)
def video(  # noqa: D417, PLR0913 (file and ctx are no fields of the form, and each of the others is one)
    file: UploadedFile,
    ctx: Context,
    *,
    make: Annotated[tuple[Make, ...], Field(title="Make", json_schema_extra={"labels": MAKE_LABELS})] = ("mp4",),
    height: Annotated[Height, Field(title="Size", json_schema_extra={"labels": HEIGHT_LABELS})] = "1080",
    quality: Annotated[Quality, Field(title="Quality", json_schema_extra={"labels": QUALITY_LABELS})] = "good",
    sound: Annotated[bool, Field(title="With sound")] = True,
    pictures: Annotated[int, Field(title="Number of pictures", ge=1, le=MOST_THUMBNAILS)] = 12,
) -> None:
    """See what is in a video, take pictures out of it, and make it play in every browser.

    You always get a report of its streams, length and codecs, to read and as JSON.

    The new video plays while it is being loaded, stands upright, and no longer says when and where it was taken.
    Subtitles and further soundtracks are not taken over. The colours of HDR videos become paler.

    Args:
        make: Nothing ticked: the report alone.
        height: By the shorter side; a smaller video stays as it is.
        pictures: Evenly spread over its length.
    """
    require("av", "PyAV")
    require("PIL", "Pillow")
    from webapp.services.videos import work  # noqa: PLC0415 (PyAV is loaded where it is used)
    from webapp.services.videos.transcode import Wish  # noqa: PLC0415

    with ctx.step("Look into it"):
        work.hand_back_report(file, ctx)
    if "thumbnails" in make:
        with ctx.step("Take pictures"):
            work.hand_back_pictures(file, ctx, pictures, height)
    work.hand_back_videos(file, ctx, make, Wish(height, quality, sound))
