"""Pictures for tests, made by Pillow: good ones of each kind, and some that nobody should decode."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (40, 60, 200)


def picture(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Red above, blue below, with a green corner at the left top."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    image.paste(GREEN, (0, 0, size[0] // 4, size[1] // 4))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """An image as a file."""
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    """An image of a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """An archive of these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unzipped(data: bytes) -> dict[str, bytes]:
    """The files of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def with_notes() -> bytes:
    """A photo that lies on its side, and says when and where it was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera & Sons"
    exif.get_ifd(0x8825)[1] = "N"
    return encoded(picture(), exif=exif.tobytes(), comment=b"secret", quality=95)


def animated(kind: str) -> bytes:
    """Two frames, the second one all green."""
    second = Image.new("RGB", (60, 40), GREEN)
    return encoded(picture(), kind, save_all=True, append_images=[second], duration=100)


def wide_gamut() -> bytes:
    """A profile of which the desk's own does not do: the curves of sRGB are replaced by a gamma of 1."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        at = struct.unpack_from(">I", profile, profile.index(tag) + 4)[0]
        profile[at : at + 16] = b"para" + bytes(6) + bytes(2) + struct.pack(">I", 0x10000)
    return bytes(profile)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *more: bytes) -> bytes:
    """A PNG that says it is so large, with hardly anything in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = _chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + b"".join(more) + pixels + _chunk(b"IEND", b"")


def png_with_profile_bomb() -> bytes:
    """A PNG whose colour profile unpacks to 200 MB."""
    return png(10, 10, _chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200_000_000), 9)))


def tiff_in_circles() -> bytes:
    """A TIFF whose list of frames ends where it begins."""
    data = bytearray(encoded(picture(), "TIFF"))
    at = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, at)[0]
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    return bytes(data)
