"""Names for results: safe to unpack anywhere, and no two alike."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

_FORBIDDEN: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f\ufffd]')
_RESERVED: Final = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_LONGEST: Final = 100


class Names:
    """Gives out names; what was given once is not given again, whatever its case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, name: str, ending: str) -> str:
        """A name like this one, folders included, with another ending."""
        path = PurePosixPath(*_parts(name))
        stem = path.with_name(path.stem[: _LONGEST - len(ending)].rstrip(" .") or "image")
        given, number = f"{stem}{ending}", 1
        while given.casefold() in self._taken:
            number += 1
            given = f"{stem}-{number}{ending}"
        self._taken.add(given.casefold())
        return given


def _parts(name: str) -> list[str]:
    whole = unicodedata.normalize("NFC", name).replace("\\", "/")
    parts = (_FORBIDDEN.sub("_", part).strip().rstrip(". ")[:_LONGEST] for part in whole.split("/"))
    return [f"_{part}" if _RESERVED.fullmatch(part) else part for part in parts if part] or ["image"]
