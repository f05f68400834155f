"""Changes of what an image looks like. What may be seen through it stays."""

from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image, ImageFilter, ImageOps

from webapp.services.images.words import Filter

Change = Callable[[Image.Image], Image.Image]
BLUR_SHARE: Final = 400  # of the longer side
CHANGES: Final[dict[Filter, Change]] = {
    "autocontrast": ImageOps.autocontrast,
    "grey": ImageOps.grayscale,
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(max(image.size) / BLUR_SHARE + 1)),
    "sharpen": lambda image: image.filter(ImageFilter.UnsharpMask(radius=1.5, percent=120, threshold=2)),
}
"""In the order in which they are made."""


def filtered(image: Image.Image, filters: Sequence[Filter]) -> Image.Image:
    """The image after all of these."""
    for name, change in CHANGES.items():
        if name in filters:
            image = _on_colours(image, change)
    return image


def _on_colours(image: Image.Image, change: Change) -> Image.Image:
    if image.mode not in {"LA", "RGBA"}:
        return change(image)
    alpha = image.getchannel("A")
    changed = change(image.convert(image.mode[:-1]))
    changed.putalpha(alpha)
    return changed
