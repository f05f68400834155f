"""Images read from files that nobody vouches for: told by their bytes, and measured before they are decoded."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image, ImageFile, UnidentifiedImageError

from webapp.authoring import Rejected
from webapp.services.images.words import MOST_PIXELS

FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
"""What is tried. Others run programs of their own, or nobody hands them in."""
MODES: Final = frozenset(
    {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
    | {f"I;16{order}" for order in ("", "L", "B", "N")}
)
OTHERS: Final = (
    (b"PK\x03\x04", "is an archive inside of the archive: unpack it, and put its files into one"),
    (b"%PDF", "is a PDF, not an image"),
    (b"8BPS", "is a Photoshop document: save it as PNG"),
    (b"%!PS", "is a PostScript document: save it as PNG"),
    (b"\x00\x00\x00\x0cjP  ", "is a JPEG 2000: save it as JPEG or PNG"),
)
_TOO_LARGE = f"has more than {MOST_PIXELS // 1_000_000} million pixels, which is the most that is decoded"
_VECTOR = (b"<svg", b"<?xml", b"<!doctype svg")
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc")
_HEAD = 64
_TURNED = (5, 6, 7, 8)  # values of the orientation that swap width and height
_ORIENTATION = 0x0112
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


@dataclass(frozen=True, slots=True)
class Opened:
    """An image whose header was read: its size as people see it, and whether it has more frames than the first."""

    image: Image.Image
    width: int
    height: int
    format: str
    frames: bool


@contextmanager
def opened_image(file: BinaryIO) -> Iterator[Opened]:
    """Read an image's header; its pixels are decoded when they are asked for.

    Raises:
        Rejected: it is no image, or not one that should be decoded; also for what goes wrong in the block over it.
    """
    head = file.read(_HEAD)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is odd in a file; too many pixels are counted below
            with Image.open(file, formats=FORMATS) as image:
                yield _measured(image)
    except (Rejected, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise Rejected(_what_it_is(head)) from error
    except Image.DecompressionBombError as error:
        raise Rejected(_TOO_LARGE) from error
    except Exception as error:
        raise Rejected("is cut off or damaged: not all of the image is there") from error


def _measured(image: Image.Image) -> Opened:
    if image.width * image.height > MOST_PIXELS:
        raise Rejected(_TOO_LARGE)
    if image.mode not in MODES:
        raise Rejected(f"has a kind of pixels that can't be converted ({image.mode}): save it as RGB with 8 bits")
    size = image.size
    if image.getexif().get(_ORIENTATION) in _TURNED:
        size = size[::-1]
    frames = bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    return Opened(image, *size, "JPEG" if image.format == "MPO" else str(image.format), frames)


def _what_it_is(head: bytes) -> str:
    for sign, words in OTHERS:
        if head.startswith(sign):
            return words
    if head.lstrip().lower().startswith(_VECTOR):
        return "is a drawing made of lines (SVG or other XML), not of pixels: save it as PNG"
    if any(sign in head for sign in _HEIC):
        return "is a HEIC photo: have the phone or computer save it as JPEG"
    return "is no image that can be read: JPEG, PNG, WebP, AVIF, GIF, BMP and TIFF can"
