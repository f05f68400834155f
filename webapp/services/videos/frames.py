"""The pictures of a video, decoded one by one, and made upright, of one size and of one kind."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from webapp.authoring import JobError
from webapp.services.videos.opening import Video
from webapp.services.videos.words import MOST_FRAMES, MOST_HOURS, Height

NO_PICTURE: Final = (
    "No picture of the video could be decoded: it is damaged, or not there. Fetch it again, and hand it in anew."
)
TICKS: Final = 90_000  # a second
_TURNS: Final = {
    90: [("transpose", "cclock")],
    -90: [("transpose", "clock")],
    180: [("hflip", ""), ("vflip", "")],
    -180: [("hflip", ""), ("vflip", "")],
}
_ODD_PIXELS: Final = (Fraction(1, 10), Fraction(10))


class Damage:
    """Counts what could not be decoded."""

    def __init__(self) -> None:
        self.pieces = 0


def decoded(video: Video, damage: Damage, *streams: VideoStream | AudioStream) -> Iterator[AudioFrame | VideoFrame]:
    """The frames of these streams in their order. A piece that can't be decoded is counted and left out.

    Raises:
        JobError: there are more than anybody should wait for.
    """
    count = 0
    for packet in video.container.demux(*streams):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damage.pieces += 1
            continue
        for frame in frames:
            if not isinstance(frame, AudioFrame | VideoFrame):
                continue
            count += isinstance(frame, VideoFrame)
            if count > MOST_FRAMES or (frame.time or 0) - video.begins > MOST_HOURS * 3600:
                raise JobError(f"The video goes on for longer than {MOST_HOURS} hours. Cut it into parts.")
            yield frame


class Shaper:
    """Turns frames as they are to be seen, and gives all of them the size and the kind of the first."""

    def __init__(self, video: Video, height: Height = "no", kind: str = "yuv420p") -> None:
        self._limit = None if height == "no" else int(height)
        self._kind = kind
        self._stretch = _stretch(video)
        self._from: tuple[object, ...] = ()
        self._graph = Graph()
        self.size: tuple[int, int] | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The frame as it goes; its times stay."""
        seen = (frame.width, frame.height, frame.format.name, frame.rotation)
        if seen != self._from:
            self._from = seen
            self._graph = self._made(frame)
        self._graph.vpush(frame)
        return self._graph.vpull()

    def _made(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        turns = _TURNS.get(frame.rotation, [])
        self.size = self.size or self._size(frame, turned=len(turns) == 1)
        steps = [
            graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, TICKS)),
            *(graph.add(name, arguments or None) for name, arguments in turns),
            graph.add("scale", f"{self.size[0]}:{self.size[1]}:flags=bicubic"),
            graph.add("format", self._kind),
            graph.add("setsar", "1"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*steps).configure()
        return graph

    def _size(self, frame: VideoFrame, *, turned: bool) -> tuple[int, int]:
        width, height = frame.width * float(self._stretch), float(frame.height)
        scale = min(1.0, self._limit / min(width, height)) if self._limit else 1.0
        size = _even(width * scale), _even(height * scale)
        return size[::-1] if turned else size


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _stretch(video: Video) -> Fraction:
    """How much wider a pixel is than high."""
    ratio = video.picture.sample_aspect_ratio or Fraction(1)
    return ratio if _ODD_PIXELS[0] <= ratio <= _ODD_PIXELS[1] else Fraction(1)
