"""Videos opened with care: formats from a short list, nothing fetched from elsewhere, frames of a bearable size."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from typing import Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from webapp.authoring import JobError
from webapp.services.videos.words import MOST_HOURS, MOST_PIXELS

FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,matroska,webm,avi,mpeg,mpegts,flv,live_flv,ogg,asf,gif,mxf,ivf,y4m,"
    "yuv4mpegpipe,dv,rm,nut,mp3,wav,flac,aac"
)
"""What may be in a file. Playlists and scripts, which name other files and addresses, are none of them."""
_OPTIONS: Final = {"format_whitelist": FORMATS, "protocol_whitelist": "file,crypto,data", "max_streams": "64"}
_MICROSECONDS: Final = 1_000_000
READABLE: Final = "MP4, MOV, WebM, MKV, AVI, MPEG, FLV, OGG, WMV and GIF can be read."


@dataclass(frozen=True, slots=True)
class Video:
    """An open video: its picture, and its first sound if it has one."""

    container: InputContainer
    picture: VideoStream
    sound: AudioStream | None

    @property
    def seconds(self) -> float | None:
        """How long it says that it lasts."""
        if self.container.duration:
            return self.container.duration / _MICROSECONDS
        if self.picture.duration and self.picture.time_base:
            return float(self.picture.duration * self.picture.time_base)
        return None

    @property
    def begins(self) -> float:
        """The time of its beginning, in seconds."""
        return (self.container.start_time or 0) / _MICROSECONDS

    @property
    def frames(self) -> int | None:
        """How many pictures there are in it, as it says or as its length tells."""
        rate = self.picture.guessed_rate or self.picture.average_rate
        return self.picture.frames or (int(self.seconds * rate) if self.seconds and rate else None)


@contextmanager
def opened_video(path: Path, name: str) -> Iterator[Video]:
    """Open a video for reading.

    Raises:
        JobError: it is none, or not one that should be decoded; also for what goes wrong in the block over it.
    """
    try:
        with path.open("rb") as file, av.open(file, "r", options=_OPTIONS) as container:
            yield _checked(container, name)
    except av.FFmpegError as error:
        if error.errno == ENOSPC:
            raise OSError(ENOSPC, "No space left on device") from error
        raise JobError(f"{name} is no video that can be read, or it is cut off or damaged. {READABLE}") from error


def _checked(container: InputContainer, name: str) -> Video:
    pictures = [each for each in container.streams.video if not each.disposition & Disposition.attached_pic]
    if not pictures:
        what = "has sound only, no pictures" if container.streams.audio else "has no pictures"
        raise JobError(f"{name} {what}. Choose a video.")
    picture = pictures[0]
    if not picture.codec_context:
        raise JobError(f"{name} is coded in a way that this desk can't decode. Save it as MP4 with H.264.")
    if picture.width * picture.height > MOST_PIXELS:
        raise JobError(
            f"The frames of {name} have {picture.width:,} × {picture.height:,} pixels, and at most "
            f"{MOST_PIXELS // 1_000_000} million are decoded."
        )
    video = Video(container, picture, next(iter(container.streams.audio), None))
    if (video.seconds or 0) > MOST_HOURS * 3600:
        raise JobError(f"{name} says that it lasts longer than {MOST_HOURS} hours. Cut it into parts.")
    picture.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    picture.thread_type = "AUTO"
    return video
