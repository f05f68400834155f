"""Images written as bytes: the same bytes for the same image, and nothing in them that was not asked for."""

import io
from typing import Any, Final

from PIL import Image

from webapp.authoring import Rejected
from webapp.services.images.colours import on_white
from webapp.services.images.words import Format

ENDINGS: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"}
_OTHERWISE: Final = "PNG"  # of what is read and not written: GIF, BMP, TIFF
_LONGEST_WEBP: Final = 16_383


def format_for(wanted: Format, found: str) -> str:
    """The format to write, by Pillow's name, of an image that was read as `found`."""
    if wanted == "same":
        return found if found in ENDINGS else _OTHERWISE
    return wanted.upper()


def saved(image: Image.Image, kind: str, quality: int, *, exif: bytes = b"", profile: bytes | None = None) -> bytes:
    """The bytes of an image in a format.

    Raises:
        Rejected: it can't be written as that.
    """
    if kind == "WEBP" and max(image.size) > _LONGEST_WEBP:
        raise Rejected(f"has a side of more than {_LONGEST_WEBP:,} pixels, which WebP can't hold")
    if kind == "JPEG":
        image = on_white(image)
    image.info = {}  # Pillow would write comments and profiles that it read
    out = io.BytesIO()
    image.save(out, kind, exif=exif, icc_profile=profile, **_OPTIONS[kind](quality))
    return out.getvalue()


_OPTIONS: Final[dict[str, Any]] = {
    "JPEG": lambda quality: {"quality": quality, "optimize": True, "progressive": True},
    "PNG": lambda _: {"compress_level": 6},
    "WEBP": lambda quality: {"quality": quality, "method": 4},
    "AVIF": lambda quality: {"quality": quality, "speed": 8, "max_threads": 1},  # more make other bytes each time
}
