"""Encodings that are told by where their bytes stand: UTF-16 and UTF-32 without a mark, and EBCDIC."""

import unicodedata

_FEW = 16
_SAMPLE_CHARACTERS = 4096
# What EBCDIC text is made of: letters, digits, blanks and line ends, `. ( + & ! $ * ) ; - / , % _ > ? : # @ ' = "`.
_MAINFRAME = frozenset(
    b"\x05\x15\x25\x0d\x40\x4b\x4d\x4e\x50\x5a\x5b\x5c\x5d\x5e\x60\x61\x6b\x6c\x6d\x6e\x6f\x7a\x7b\x7c\x7d\x7e\x7f"
    + bytes([*range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA)])
    + bytes([*range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA), *range(0xF0, 0xFA)])
)


def guess_wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: the NUL bytes of its delimiters and line breaks stand at one side.

    Empty for anything else: a stray NUL, or cells filled up with NULs, make no UTF-16.
    """
    if b"\0" not in head:
        return ""
    for encoding in ("utf-32-le", "utf-32-be"):
        if len(head) >= 4 and _is_text(head[: len(head) // 4 * 4], encoding):  # noqa: PLR2004 - one character
            return encoding
    first, second = head[0::2].count(0), head[1::2].count(0)
    encoding = "utf-16-le" if second > first else "utf-16-be"
    one_sided = max(first, second) > 3 * min(first, second)
    return encoding if one_sided and _is_text(head[: len(head) // 2 * 2], encoding) else ""


def is_mainframe_text(head: bytes) -> bool:
    """Whether it is EBCDIC: its letters, digits and signs, and neither a blank nor a line break of ASCII."""
    if len(head) < _FEW or b"\n" in head or b" " in head:
        return False
    strange = head.translate(None, bytes(_MAINFRAME))
    return len(strange) < len(head) // 20 and head.count(b"\x40") + head.count(b"\x6b") > len(head) // 50


def _is_text(data: bytes, encoding: str) -> bool:
    """Whether these bytes are lines of assigned characters, or ASCII in the main."""
    text = data.decode(encoding, "replace")
    few = sum(character < "\x80" for character in text) * 5 < len(text) * 2
    if few and not ("\n" in text or "\r" in text):
        return False
    sample = text[:_SAMPLE_CHARACTERS]
    return 20 * sum(map(_is_strange, sample)) <= len(sample)


def _is_strange(character: str) -> bool:
    return character == "\ufffd" or (unicodedata.category(character)[0] == "C" and character not in "\t\r\n\ufeff")
