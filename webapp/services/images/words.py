"""What operators choose from, and the limits. Nothing here needs Pillow: forms are made of it."""

from dataclasses import dataclass
from typing import Final, Literal

MOST_PIXELS: Final = 100_000_000
LONGEST_SIDE: Final = 16_000

Resize = Literal["no", "fit", "fill", "exact"]
RESIZE_LABELS = {
    "no": "Leave the size",
    "fit": "Fit into width and height",
    "fill": "Fill width and height, cutting off what is over",
    "exact": "Exactly width and height, stretched if need be",
}
Crop = Literal["no", "1:1", "4:3", "3:2", "16:9", "3:4", "2:3", "9:16"]
CROP_LABELS = {"no": "Leave it", **{each: each for each in ("1:1", "4:3", "3:2", "16:9", "3:4", "2:3", "9:16")}}
Format = Literal["same", "jpeg", "png", "webp", "avif"]
FORMAT_LABELS = {"same": "As it is", "jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF"}
Filter = Literal["autocontrast", "grey", "blur", "sharpen"]
FILTER_LABELS = {"autocontrast": "Stretch the contrast", "grey": "Grey", "blur": "Blur", "sharpen": "Sharpen"}
Metadata = Literal["strip", "keep"]
METADATA_LABELS = {"strip": "Take it out", "keep": "Keep it"}
Colours = Literal["srgb", "keep"]
COLOURS_LABELS = {"srgb": "Convert to sRGB, as the web shows it", "keep": "Keep the image’s own profile"}
Results = Literal["zip", "files"]
RESULTS_LABELS = {"zip": "One ZIP archive", "files": "Single files"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done with every image."""

    resize: Resize = "no"
    width: int | None = None
    height: int | None = None
    enlarge: bool = False
    crop: Crop = "no"
    upright: bool = True
    filters: tuple[Filter, ...] = ()
    format: Format = "same"
    quality: int = 85
    metadata: Metadata = "strip"
    colours: Colours = "srgb"
