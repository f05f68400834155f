"""What operators choose from, and the limits. Nothing here needs PyAV: forms are made of it."""

from typing import Final, Literal

MOST_PIXELS: Final = 35_000_000
"""Of a frame: 8K has 33 million."""
MOST_HOURS: Final = 6
MOST_FRAMES: Final = MOST_HOURS * 3600 * 120
MOST_THUMBNAILS: Final = 48

Make = Literal["mp4", "webm", "thumbnails"]
MAKE_LABELS = {
    "mp4": "MP4 for every browser (H.264, AAC)",
    "webm": "WebM, smaller and slower to make (VP9, Opus)",
    "thumbnails": "Pictures from it, and a contact sheet",
}
Height = Literal["no", "2160", "1080", "720", "480", "360"]
HEIGHT_LABELS = {
    "no": "As large as it is",
    "2160": "At most 4K (2160p)",
    "1080": "At most Full HD (1080p)",
    "720": "At most HD (720p)",
    "480": "At most 480p",
    "360": "At most 360p",
}
Quality = Literal["high", "good", "small"]
QUALITY_LABELS = {"high": "High", "good": "Good", "small": "Small file"}
