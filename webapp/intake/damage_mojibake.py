"""Text that was written as UTF-8 and read as Windows-1252: `MÃ¼ller` for `Müller`."""

import re
from typing import Final

_LEVELS: Final = 3
_UNDEFINED = "\x81\x8d\x8f\x90\x9d"
_WINDOWS = {bytes([byte]).decode("cp1252", "ignore"): byte for byte in range(0x80, 0xA0)}
_TO_LATIN = str.maketrans({sign: chr(byte) for sign, byte in _WINDOWS.items() if sign})
_SIGNS = "".join(sign for sign in _WINDOWS if sign) + _UNDEFINED + "".join(map(chr, range(0xA0, 0xC0)))
SUSPECT: Final = re.compile(rf"[\xc2-\xc5\xce-\xd1\xe2\xf0][{re.escape(_SIGNS)}]")
"""What every garbled text has somewhere, and hardly any other."""
# Rightly written: a word in capitals that ends in one with an accent, and a sign behind it, as in “IRMÔ or NESTLÄ™.
_AFTER_CAPITALS = re.compile(r"[A-Z\xc0-\xde][\xc2-\xc5\xce-\xd1][‘’“”–—…™®»](?!\w)")  # noqa: RUF001 - signs
_ONE_IS_ENOUGH = re.compile(r"[\xa0-\u017f\u2010-\u2122\U0001f000-\U0001ffff]")
_OTHER_SCRIPTS = re.compile(r"[\u0370-\u052f]")


def repair_mojibake(text: str) -> str | None:
    """The text as it was written, also where it was garbled twice; None if it is not garbled, or not surely."""
    repaired = None
    for _ in range(_LEVELS):
        once = _read_again(text)
        if once is None:
            break
        text = once
        repaired = once if _is_likely(once) else repaired
    return repaired


def _read_again(text: str) -> str | None:
    """Strict: every letter beyond ASCII must be part of a garbled one."""
    if text.isascii() or not SUSPECT.search(text) or _AFTER_CAPITALS.search(text):
        return None
    try:
        return text.translate(_TO_LATIN).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def _is_likely(read: str) -> bool:
    """Whether letters of western scripts came out, or several of others."""
    strange = [letter for letter in read if not letter.isascii()]
    if all(map(_ONE_IS_ENOUGH.match, strange)):
        return True
    return len(strange) > 1 and all(_ONE_IS_ENOUGH.match(each) or _OTHER_SCRIPTS.match(each) for each in strange)
