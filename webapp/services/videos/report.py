"""What is in a video, to be read by people and by programs."""

import json
from typing import Any

from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from webapp.services.media import sized
from webapp.services.videos.opening import Video

_MOST_WORDS = 200  # of what the file says about itself


def report_of(video: Video, name: str, size: int, rotation: int) -> dict[str, Any]:
    """The facts; `rotation` is how the picture is to be turned, as the first frame says."""
    container = video.container
    pictures = [_picture(each) for each in container.streams.video]
    for each in pictures:
        each["rotation"] = rotation
    return {
        "file": name,
        "bytes": size,
        "format": container.format.long_name,
        "seconds": round(video.seconds, 3) if video.seconds else None,
        "bits_per_second": container.bit_rate or None,
        "video": pictures,
        "audio": [_sound(each) for each in container.streams.audio],
        "subtitles": len(container.streams.subtitles),
        "chapters": len(container.chapters()),
        "says": {key[:_MOST_WORDS]: value[:_MOST_WORDS] for key, value in sorted(container.metadata.items())},
    }


def as_json(report: dict[str, Any]) -> bytes:
    """For programs."""
    return json.dumps(report, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def as_text(report: dict[str, Any]) -> list[str]:
    """For people: a line for each thing."""
    length = clock(report["seconds"]) if report["seconds"] else "an unknown time"
    lines = [f"{report['file']}: {report['format']}, {sized(report['bytes'])}, lasts {length}."]
    for each in report["video"]:
        turned = f", turned by {abs(each['rotation'])}°" if each["rotation"] else ""
        rate = f", {each['frames_per_second']} frames a second" if each["frames_per_second"] else ""
        what = f"{each['width']} × {each['height']} pixels{rate}, {each['codec']} ({each['pixels']}){turned}"
        lines.append(f"Picture: {what}.")
    for each in report["audio"]:
        language = f", language {each['language']}" if each["language"] else ""
        lines.append(f"Sound: {each['codec']}, {each['layout']}, {each['samples_per_second']:,} Hz{language}.")
    if not report["audio"]:
        lines.append("There is no sound.")
    if report["subtitles"]:
        lines.append(f"Subtitles: {report['subtitles']}. They are not taken over.")
    return lines


def clock(seconds: float) -> str:
    """A time as players show it: 1:02:03.4."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:04.1f}"


def _picture(stream: VideoStream) -> dict[str, Any]:
    rate = stream.average_rate or stream.guessed_rate
    return {
        "codec": stream.codec_context.codec.name,
        "profile": stream.profile,
        "width": stream.width,
        "height": stream.height,
        "pixels": stream.codec_context.pix_fmt,
        "frames": stream.frames or None,
        "frames_per_second": round(float(rate), 3) if rate else None,
    }


def _sound(stream: AudioStream) -> dict[str, Any]:
    return {
        "codec": stream.codec_context.codec.name,
        "layout": stream.codec_context.layout.name,
        "samples_per_second": stream.codec_context.sample_rate,
        "language": stream.language,
    }
