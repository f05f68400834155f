"""One image, from the bytes that came to those that go."""

from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

from webapp.services.images.colours import plain
from webapp.services.images.filters import filtered
from webapp.services.images.geometry import Plan, plan
from webapp.services.images.reading import Opened, opened_image
from webapp.services.images.saving import ENDINGS, format_for, saved
from webapp.services.images.words import Wanted

_FINER = 2  # how much larger than wanted a JPEG is decoded, so that it is made smaller with care


@dataclass(frozen=True, slots=True)
class Made:
    """An image as it goes; `image` is what the contact sheet shows, `frames` whether there were more than this one."""

    data: bytes
    ending: str
    image: Image.Image
    frames: bool


def make(file: BinaryIO, wanted: Wanted) -> Made:
    """Do with one image what is wanted.

    Raises:
        Rejected: it is none, is damaged, or may not be decoded.
    """
    with opened_image(file) as found:
        kind = format_for(wanted.format, found.format)
        size = (found.width, found.height) if wanted.upright else found.image.size
        todo = plan(size, wanted)
        image, exif, profile = _decoded(found, todo, wanted)
    box = todo.box(image.size)
    if todo.size != image.size or box != (0, 0, *image.size):
        image = image.resize(todo.size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    image = filtered(image, wanted.filters)
    data = saved(image, kind, wanted.quality, exif=exif, profile=profile)
    return Made(data, ENDINGS[kind], image, found.frames)


def _decoded(found: Opened, todo: Plan, wanted: Wanted) -> tuple[Image.Image, bytes, bytes | None]:
    """The pixels, what the camera noted if that is kept, and the profile if that is."""
    image = found.image
    if image.format in {"JPEG", "MPO"}:
        share = max(todo.size[0] / found.width, todo.size[1] / found.height) * _FINER
        image.draft(None, (int(image.width * share) + 1, int(image.height * share) + 1))
    image.load()
    if wanted.upright:
        ImageOps.exif_transpose(image, in_place=True)
    exif = image.getexif()
    made, profile = plain(image, wanted.colours)
    return made, exif.tobytes() if wanted.metadata == "keep" and len(exif) else b"", profile
