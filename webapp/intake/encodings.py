"""The encodings that files come in, by the names that people know them by."""

import codecs

# The name of the codec, and what an operator reads; those of one region stand together, the likeliest first.
CHOOSABLE: tuple[tuple[str, str], ...] = (
    ("utf-8", "UTF-8"),
    ("utf-16-le", "UTF-16 (little-endian)"),
    ("utf-16-be", "UTF-16 (big-endian)"),
    ("utf-32-le", "UTF-32 (little-endian)"),
    ("utf-32-be", "UTF-32 (big-endian)"),
    ("cp1252", "Windows-1252 (Western)"),
    ("latin-1", "ISO-8859-1 (Western, Latin-1)"),
    ("iso8859-15", "ISO-8859-15 (Western with €)"),
    ("mac-roman", "Mac Roman (Western)"),
    ("cp850", "DOS 850 (Western)"),
    ("cp437", "DOS 437 (United States)"),
    ("cp1250", "Windows-1250 (Central European)"),
    ("iso8859-2", "ISO-8859-2 (Central European)"),
    ("cp852", "DOS 852 (Central European)"),
    ("cp1251", "Windows-1251 (Cyrillic)"),
    ("koi8-r", "KOI8-R (Russian)"),
    ("koi8-u", "KOI8-U (Ukrainian)"),
    ("cp866", "DOS 866 (Cyrillic)"),
    ("cp1253", "Windows-1253 (Greek)"),
    ("cp1254", "Windows-1254 (Turkish)"),
    ("cp1255", "Windows-1255 (Hebrew)"),
    ("cp1256", "Windows-1256 (Arabic)"),
    ("cp1257", "Windows-1257 (Baltic)"),
    ("cp874", "Windows-874 (Thai)"),
    ("cp932", "Shift-JIS (Japanese)"),
    ("euc_jp", "EUC-JP (Japanese)"),
    ("iso2022_jp_ext", "ISO-2022-JP (Japanese)"),
    ("gb18030", "GB18030 (Chinese, simplified)"),
    ("cp950", "Big5 (Chinese, traditional)"),
    ("cp949", "Windows-949 (Korean)"),
)
# Found, though too seldom to be offered.
_SELDOM = {
    "iso8859-5": "ISO-8859-5 (Cyrillic)",
    "iso8859-6": "ISO-8859-6 (Arabic)",
    "iso8859-7": "ISO-8859-7 (Greek)",
    "iso8859-8": "ISO-8859-8 (Hebrew)",
    "iso8859-9": "ISO-8859-9 (Turkish)",
    "iso8859-13": "ISO-8859-13 (Baltic)",
    "mac-cyrillic": "Mac Cyrillic",
    "mac-greek": "Mac Greek",
    "mac-latin2": "Mac Central European",
    "cp737": "DOS 737 (Greek)",
    "cp775": "DOS 775 (Baltic)",
    "cp857": "DOS 857 (Turkish)",
    "cp858": "DOS 858 (Western with €)",
    "cp862": "DOS 862 (Hebrew)",
    "cp1125": "DOS 1125 (Ukrainian)",
    "big5hkscs": "Big5-HKSCS (Chinese, Hong Kong)",
}
_LABELS = {codecs.lookup(codec).name: label for codec, label in (*CHOOSABLE, *_SELDOM.items())}


def label(encoding: str) -> str:
    """What to call an encoding on a page: `Windows-1252 (Western)`; the codec's own name where it has no other."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return encoding
    return _LABELS.get(name, name.upper())
