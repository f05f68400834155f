"""Videos for tests, made by PyAV: good ones of many kinds, and some that nobody should decode."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from PIL import Image

from tests.job_types.pictures import picture

RATE = 25


@dataclass(frozen=True, slots=True)
class Film:
    """How a video is to be; two seconds with sound unless something else is said."""

    frames: int = 50
    size: tuple[int, int] = (160, 120)
    codec: str = "mpeg4"
    pixels: str = "yuv420p"
    sound: str | None = "aac"
    container: str = "mp4"
    rotation: int = 0
    times: Callable[[int], int] = lambda number: number
    draw: Callable[[int, tuple[int, int]], Image.Image] | None = None
    options: tuple[tuple[str, str], ...] = ()


def film(how: Film = Film(), **metadata: str) -> bytes:
    """A video: red above, blue below, a green corner at the left top, and a square that moves."""
    out = io.BytesIO()
    with av.open(out, "w", format=how.container) as container:
        container.metadata.update(metadata)
        stream: Any = container.add_stream(how.codec, rate=RATE, options=dict(how.options))
        stream.width, stream.height = how.size
        stream.pix_fmt = how.pixels
        if how.rotation:
            stream.set_display_rotation(how.rotation)
        sound: Any = container.add_stream(how.sound, rate=48_000) if how.sound else None
        for number in range(how.frames):
            frame = av.VideoFrame.from_image((how.draw or moving)(number, how.size))  # type: ignore[no-untyped-call]  # so it is in PyAV
            frame.pts, frame.time_base = how.times(number), Fraction(1, RATE)
            container.mux(stream.encode(frame))
            if sound:
                container.mux(sound.encode(silence(number)))
        for each in (stream, sound):
            if each:
                container.mux(each.encode(None))
    return out.getvalue()


def moving(number: int, size: tuple[int, int]) -> Image.Image:
    """The picture of a frame."""
    image = picture(size)
    image.paste("white", (number % size[0], size[1] // 2, number % size[0] + 10, size[1] // 2 + 10))
    return image


def silence(number: int) -> av.AudioFrame:
    """The sound of a frame."""
    samples = 48_000 // RATE
    frame = av.AudioFrame(format="fltp", layout="stereo", samples=samples)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts, frame.time_base = 48_000, number * samples, Fraction(1, 48_000)
    return frame


def sound_only() -> bytes:
    """A file with sound and no picture."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=48_000)
        for number in range(10):
            container.mux(stream.encode(silence(number)))
        container.mux(stream.encode(None))
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Seen:
    """A video as a player sees it."""

    format: str
    codecs: Sequence[str]
    size: tuple[int, int]
    pixels: str
    frames: int
    seconds: float
    first: Image.Image
    metadata: dict[str, str]


def seen(data: bytes) -> Seen:
    """Play a video."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        duration = (container.duration or 0) / 1_000_000
        return Seen(
            container.format.name,
            [each.codec_context.codec.canonical_name for each in container.streams if each.codec_context],
            (frames[0].width, frames[0].height),
            frames[0].format.name,
            len(frames),
            duration,
            frames[0].to_image(),  # type: ignore[no-untyped-call]  # so it is in PyAV
            dict(container.metadata),
        )
