"""A video written anew for browsers, with nothing of what it said about itself.

The encoder of H.264 makes a few bytes otherwise now and then, so no bytes are promised.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from webapp.authoring import Context, JobError
from webapp.services.videos.frames import NO_PICTURE, TICKS, Damage, Shaper, decoded
from webapp.services.videos.opening import Video
from webapp.services.videos.words import Height, Quality

THREADS: Final = 4
MOST_EARLY: Final = 500
"""Pieces of sound that are kept until the first picture comes."""
_EXACT: Final = {"fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Target:
    """A format to write."""

    title: str
    video: str
    audio: str
    rate: int
    quality: dict[Quality, str]
    options: dict[str, str]
    container: dict[str, str]


TARGETS: Final = {
    "mp4": Target(
        "MP4",
        "libx264",
        "aac",
        48_000,
        {"high": "18", "good": "23", "small": "28"},
        {"preset": "medium", "profile": "high"},
        {"movflags": "+faststart"},
    ),
    "webm": Target(
        "WebM",
        "libvpx-vp9",
        "libopus",
        48_000,
        {"high": "24", "good": "32", "small": "38"},
        {"b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
        {},
    ),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a video is to be written."""

    height: Height = "no"
    quality: Quality = "good"
    sound: bool = True


def transcode(video: Video, ending: str, path: Path, wish: Wish, ctx: Context) -> Damage:
    """Write the video to `path` in the format of this ending; what of it could not be decoded.

    Raises:
        JobError: nothing could.
        Cancelled: the operator called the job off.
    """
    target, damage = TARGETS[ending], Damage()
    with av.open(path, "w", format=ending, options={**_EXACT, **target.container}) as out:
        writer = _Writer(video, target, out, wish)
        for done in writer.run(damage):
            ctx.progress(done, video.frames and max(video.frames, done), f"{target.title}: frame {done:,}")
    if not writer.frames:
        raise JobError(NO_PICTURE)
    return damage


class _Writer:
    """Decodes and encodes picture and sound side by side."""

    def __init__(self, video: Video, target: Target, out: OutputContainer, wish: Wish) -> None:
        self._video = video
        self._target = target
        self._out = out
        self._wish = wish
        self._shaper = Shaper(video, wish.height)
        self._picture: VideoStream | None = None
        self._sound: AudioStream | None = None
        self._early: list[AudioFrame] = []
        self._last = -1
        self.frames = 0

    def run(self, damage: Damage) -> Iterator[int]:
        """Do it, telling after each picture how many there are."""
        heard = [self._video.sound] if self._video.sound and self._wish.sound else []
        for frame in decoded(self._video, damage, self._video.picture, *heard):
            if isinstance(frame, AudioFrame):
                self._hear(frame)
            elif self._see(frame):
                self.frames += 1
                yield self.frames
        for stream in (self._picture, self._sound):
            if stream is not None:
                self._out.mux(stream.encode(None))

    def _see(self, frame: av.VideoFrame) -> bool:
        """Write a picture, unless its time is not after that of the one before."""
        time = self._last + TICKS // 25 if frame.time is None else round((frame.time - self._video.begins) * TICKS)
        if time <= self._last:
            return False
        frame.pts, frame.time_base = time, Fraction(1, TICKS)
        shaped = self._shaper(frame)
        picture = self._picture or self._begin()
        self._last = time
        self._out.mux(picture.encode(shaped))
        return True

    def _begin(self) -> VideoStream:
        """Once the size is known; a file's streams are all named before anything is written."""
        self._picture = self._picture_stream()
        if self._video.sound and self._wish.sound:
            self._sound = self._sound_stream(self._video.sound)
        early, self._early = self._early, []
        for frame in early:
            self._hear(frame)
        return self._picture

    def _hear(self, frame: AudioFrame) -> None:
        if self._picture is None:
            self._early = [*self._early[-MOST_EARLY:], frame]
            return
        if self._sound is None or frame.time is None or frame.sample_rate <= 0:
            return
        time = round((frame.time - self._video.begins) * frame.sample_rate)
        if time >= 0:
            frame.pts, frame.time_base = time, Fraction(1, frame.sample_rate)
            self._out.mux(self._sound.encode(frame))

    def _picture_stream(self) -> VideoStream:
        target, rate = self._target, self._video.picture.guessed_rate or Fraction(25)
        options = {**target.options, "crf": target.quality[self._wish.quality]}
        stream = self._out.add_stream(target.video, rate=rate, options=options)
        if not isinstance(stream, VideoStream) or self._shaper.size is None:
            raise TypeError(target.video)
        stream.width, stream.height = self._shaper.size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        stream.codec_context.thread_count = THREADS
        return stream

    def _sound_stream(self, source: AudioStream) -> AudioStream:
        stream = self._out.add_stream(self._target.audio, rate=self._target.rate)
        if not isinstance(stream, AudioStream):
            raise TypeError(self._target.audio)
        stream.codec_context.layout = "mono" if source.codec_context.channels == 1 else "stereo"
        return stream
