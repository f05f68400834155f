"""Pictures out of a video, evenly spread over its time."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import av
from PIL import Image

from webapp.authoring import Context, JobError, UploadedFile
from webapp.services.videos.frames import NO_PICTURE, Damage, Shaper, decoded
from webapp.services.videos.opening import Video, opened_video
from webapp.services.videos.words import Height

_QUALITY: Final = 85
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture, and when it is seen, in seconds from the beginning."""

    image: Image.Image
    seconds: float

    def jpeg(self) -> bytes:
        """The picture as a file."""
        out = io.BytesIO()
        self.image.save(out, "JPEG", quality=_QUALITY)
        return out.getvalue()


def thumbnails(file: UploadedFile, count: int, height: Height, ctx: Context) -> Iterator[Thumbnail]:
    """So many pictures, each from the middle of a part of the video; fewer if it has fewer.

    Raises:
        JobError: there are none.
        Cancelled: the operator called the job off.
    """
    for frames in (_sought, _in_one_go):  # into some formats a way is found from the beginning only
        made = 0
        with opened_video(file.path, file.name) as video:
            shaper = Shaper(video, height, "rgb24")
            times = [(video.seconds or 0.0) * (number + 0.5) / count for number in range(count)]
            for frame in frames(video, times, ctx):
                made += 1
                ctx.progress(made, count, f"Pictures: {made:,} of {count:,}")
                yield Thumbnail(_image(shaper(frame)), max((frame.time or 0.0) - video.begins, 0.0))
        if made:
            return
    raise JobError(NO_PICTURE)


def _sought(video: Video, times: Sequence[float], ctx: Context) -> Iterator[av.VideoFrame]:
    """The pictures at these times, each looked for by itself."""
    last = -1.0
    for time in times:
        try:
            video.container.seek(int((time + video.begins) * _MICROSECONDS))
        except av.FFmpegError:
            return
        for frame in _in_one_go(video, [time], ctx):
            if (frame.time or 0.0) > last or last < 0:
                last = frame.time or 0.0
                yield frame


def _in_one_go(video: Video, times: Sequence[float], ctx: Context) -> Iterator[av.VideoFrame]:
    """The first picture at each of these times or after it, read from here to the last; else the last one there is."""
    left, last = list(times), None
    for frame in decoded(video, Damage(), video.picture):
        ctx.check_cancelled()
        if not isinstance(frame, av.VideoFrame):
            continue
        last = frame
        if frame.time is None or frame.time - video.begins >= left[0]:
            yield frame
            left = [each for each in left[1:] if frame.time is None or each > frame.time - video.begins]
            last = None
            if not left:
                return
    if last is not None:
        yield last


def first_frame(video: Video, ctx: Context) -> av.VideoFrame:
    """The first picture.

    Raises:
        JobError: there is none.
        Cancelled: the operator called the job off.
    """
    for frame in decoded(video, Damage(), video.picture):
        ctx.check_cancelled()
        if isinstance(frame, av.VideoFrame):
            return frame
    raise JobError(NO_PICTURE)


def _image(frame: av.VideoFrame) -> Image.Image:
    plane = frame.planes[0]
    return Image.frombytes("RGB", (frame.width, frame.height), bytes(plane), "raw", "RGB", plane.line_size, 1)
