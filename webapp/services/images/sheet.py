"""A contact sheet: small pictures with their names, page by page; no more than a page is kept in memory."""

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from webapp.services.images.colours import on_white
from webapp.services.images.store import Store

ACROSS, DOWN = 6, 8
SIDE, GAP, TEXT = 200, 16, 22
_LONGEST: Final = 26  # letters of a name that fit below a picture
_CELL = (SIDE + GAP, SIDE + TEXT + GAP)
_QUALITY: Final = 85
_INK: Final = (60, 60, 60)


class ContactSheet:
    """Takes images as they come; each full page goes to the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._font = ImageFont.load_default(13)
        self._page = _blank(DOWN)
        self._count = 0
        self._pages = 0

    def add(self, image: Image.Image, name: str) -> None:
        """Put an image on the sheet."""
        if self._count == ACROSS * DOWN:
            self.end()
        down, across = divmod(self._count, ACROSS)
        left, top = GAP + across * _CELL[0], GAP + down * _CELL[1]
        small = image.copy() if max(image.size) <= SIDE else _made_small(image)
        at = left + (SIDE - small.width) // 2, top + (SIDE - small.height) // 2
        self._page.paste(on_white(small), at)
        shown = name if len(name) <= _LONGEST else f"…{name[-_LONGEST + 1 :]}"
        where = left + SIDE / 2, top + SIDE + TEXT / 2
        ImageDraw.Draw(self._page).text(where, shown, fill=_INK, font=self._font, anchor="mm")
        self._count += 1

    def end(self) -> None:
        """Hand in the last page, as long as need be."""
        if not self._count:
            return
        self._pages += 1
        rows = -(-self._count // ACROSS)
        across = ACROSS if rows > 1 else self._count
        used = self._page.crop((0, 0, GAP + across * _CELL[0], GAP + rows * _CELL[1]))
        out = io.BytesIO()
        used.save(out, "JPEG", quality=_QUALITY)
        self._store.put(f"contact-sheet-{self._pages}", ".jpg", out.getvalue())
        self._page, self._count = _blank(DOWN), 0


def _made_small(image: Image.Image) -> Image.Image:
    scale = SIDE / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _blank(rows: int) -> Image.Image:
    return Image.new("RGB", (GAP + ACROSS * _CELL[0], GAP + rows * _CELL[1]), "white")
