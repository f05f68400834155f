"""Which encoding a file is in, and its beginning as text."""

import codecs

from webapp.intake.reading import READ_IN_PLACE

# The longer mark first: UTF-32's begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def guess_encoding(head: bytes, *, whole: bool) -> str:
    """The encoding of a file that begins with `head`; `whole` says that this is all of it."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _guess_wide(head[:65_536]):
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError as error:
        return _guess_after_bad_byte(head, error)
    return "utf-8"


def decode_head(head: bytes, encoding: str) -> str:
    """The text of a file's beginning; bytes that are not text become surrogates."""
    for mark, _ in _MARKS:
        if head.startswith(mark) and encoding != "cp1252":
            head = head[len(mark) :]
            break
    errors = "surrogateescape" if encoding in READ_IN_PLACE else MARK_BAD
    return codecs.getincrementaldecoder(encoding)(errors).decode(head)


def _guess_wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: NUL bytes stand at the same place of nearly every character."""
    if len(head) < 4 or b"\0" not in head:  # noqa: PLR2004 - one UTF-32 character
        return ""
    usable = head[: len(head) // 4 * 4]
    quarter = len(usable) // 4
    nuls = [usable[place::4].count(0) / quarter for place in range(4)]
    often, seldom = 0.7, 0.3
    shape = "".join("0" if share >= often else "x" if share <= seldom else "?" for share in nuls)
    return {"x000": "utf-32-le", "000x": "utf-32-be", "x0x0": "utf-16-le", "0x0x": "utf-16-be"}.get(shape, "")


def _guess_after_bad_byte(head: bytes, error: UnicodeDecodeError) -> str:
    """UTF-8 with a few damaged places stays UTF-8; otherwise it is Windows text, or Latin-1 where that fails."""
    text = head.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= character <= "\udcff" for character in text)
    good = sum(character > "\x7f" for character in text) - bad
    if good > 4 * bad or (bad == 1 and error.start > 0 and good > bad):
        return "utf-8"
    return "cp1252" if _is_cp1252(head) else "latin-1"


def _is_cp1252(head: bytes) -> bool:
    return not head.translate(None, bytes(set(range(256)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}))


def _mark_bad(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udc80", error.end


MARK_BAD = "batchdesk.mark_bad"
codecs.register_error(MARK_BAD, _mark_bad)
