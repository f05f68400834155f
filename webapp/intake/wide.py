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
    """UTF-16 or UTF-32 without a mark: each delimiter, digit and line break of a table has its NUL byte there.

    Empty for anything else: a stray NUL, or cells filled up with NULs, make no UTF-16.
    """
    if b"\0" not in head:
        return ""
    for encoding in ("utf-32-le", "utf-32-be"):
        if _plain_share(head[: len(head) // 4 * 4], encoding) > 0:
            return encoding
    shares = {encoding: _plain_share(head[: len(head) // 2 * 2], encoding) for encoding in ("utf-16-le", "utf-16-be")}
    likelier = max(shares, key=lambda encoding: shares[encoding])
    return likelier if shares[likelier] > 0 else ""


def is_mainframe_text(head: bytes) -> bool:
    """Whether it is EBCDIC: its letters, digits and signs, and neither a blank nor a line break of ASCII."""
    if len(head) < _FEW or head.isascii() or b"\n" in head or b" " in head:
        return False
    strange = head.translate(None, bytes(_MAINFRAME))
    return len(strange) < len(head) // 20 and head.count(b"\x40") + head.count(b"\x6b") > len(head) // 50


def _plain_share(data: bytes, encoding: str) -> float:
    """How much of this text is ASCII; 0 if it is none in this encoding."""
    text = data.decode(encoding, "replace")[:_SAMPLE_CHARACTERS]
    plain = sum(character < "\x80" for character in text)
    if not plain or (5 * plain < 2 * len(text) and "\n" not in text and "\r" not in text):
        return 0.0
    strange = sum(map(_is_strange, text))
    pairs = sum(map(_is_pair_of_ascii, text))
    return plain / len(text) if 20 * strange <= len(text) and 5 * pairs <= 3 * (len(text) - plain) else 0.0


def _is_strange(character: str) -> bool:
    return character == "\ufffd" or (unicodedata.category(character)[0] == "C" and character not in "\t\r\n\ufeff")


def _is_pair_of_ascii(character: str) -> bool:
    """Whether it looks like two characters of ASCII taken for one; of Chinese text a fifth does."""
    return " " <= chr(ord(character) >> 8) <= "~" and " " <= chr(ord(character) & 0xFF) <= "~"
