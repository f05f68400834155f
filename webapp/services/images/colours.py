"""What the numbers of an image mean: every kind of pixel becomes grey or RGB, and its colours those of the web."""

import io
from typing import Final

from PIL import Image, ImageCms

from webapp.services.images.words import Colours

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_ALPHA: Final = frozenset({"La", "PA", "RGBa"})


def plain(image: Image.Image, colours: Colours) -> tuple[Image.Image, bytes | None]:
    """The image as L, LA, RGB or RGBA with 8 bits, and the profile to keep with it.

    Without a profile its colours are those of sRGB.
    """
    profile = _profile(image)
    if profile and image.mode == "CMYK" and _space(profile) == "CMYK":
        return _converted(image, profile, "RGB"), None
    image = _eight_bits(image)
    if profile is None or image.mode not in {"RGB", "RGBA"} or _space(profile) != "RGB ":
        return image, None
    if colours == "keep":
        return image, image.info["icc_profile"]
    return _converted(image, profile, image.mode), None


def has_alpha(image: Image.Image) -> bool:
    """Whether some of it may be seen through."""
    return image.mode in {"LA", "RGBA"}


def on_white(image: Image.Image) -> Image.Image:
    """The image on white, where it can be seen through."""
    if not has_alpha(image):
        return image
    ground = Image.new(image.mode[:-1], image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):  # Pillow would cut off what is above 255
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in {"L", "LA", "RGB", "RGBA"} and "transparency" not in image.info:
        return image
    if image.mode in _ALPHA or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The image's own profile; one that is damaged says nothing."""
    data = image.info.get("icc_profile")
    if not data:
        return None
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(data))
    except OSError:
        return None


def _space(profile: ImageCms.ImageCmsProfile) -> str:
    return str(profile.profile.xcolor_space)


def _converted(image: Image.Image, profile: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(image, profile, _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, ValueError):
        return image.convert(mode)  # the profile can't be used: the numbers are taken as they are
    return converted or image
