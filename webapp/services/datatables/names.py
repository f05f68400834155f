"""Names of tables and columns: whatever a file's header says becomes a name that is safe to write anywhere.

A column is named by its text and never by its place: a file with its columns in another order fills the same ones.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from webapp.authoring import JobError

PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
"""What every name of ours looks like: lower case, within the 63 bytes PostgreSQL keeps of a name."""

LONGEST = 63
RESERVED = ("sqlite_", "batchdesk_", "pg_")
UNFOLDED = str.maketrans(
    {
        "æ": "ae",
        "ð": "d",
        "ø": "o",
        "þ": "th",
        "đ": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ł": "l",
        "œ": "oe",
    }
)
"""Latin letters that Unicode does not take apart into one of a to z and an accent."""


def safe_name(text: str) -> str:
    """The name made of `text`: "Unit Price (€)" becomes unit_price, "Größe" becomes grosse.

    Where a letter cannot be written from a to z, or the text is too long, the name has a digest of the text in it.

    Returns:
        A name that matches PATTERN, or "" if the text is blank.
    """
    name, whole = _folded(text)
    if whole and name:
        return name if len(name) <= LONGEST else _ending(name, _digest(text))
    return f"c_{_digest(text)}" if text.strip() else ""


def safe_names(texts: Iterable[str]) -> tuple[str, ...]:
    """One name for each text. Of texts that fold alike, only one that is a name already stays as it is.

    An empty text becomes column_3, for its place is all that is known; the same text again gets a number.
    """
    given = list(texts)
    names = [safe_name(text) or f"column_{position}" for position, text in enumerate(given, 1)]
    names = _told_apart(given, names, _digest)
    return _numbered(_told_apart(given, names, _exact_digest))


def table_name(text: str) -> str:
    """The safe name of a table.

    Raises:
        JobError: a letter of the text cannot stand in a name, or nothing of it can, or the name is reserved.
    """
    name, whole = _folded(text)
    if not name or not whole:
        raise JobError(f"“{text[:80]}” cannot be the name of a table: use letters from a to z, for example contacts.")
    if name.startswith(RESERVED):
        raise JobError(f"The name {name} is reserved: choose one that does not begin with {' or '.join(RESERVED)}.")
    return safe_name(text)


def _folded(text: str) -> tuple[str, bool]:
    """The text in a to z, 0 to 9 and _, as long as it comes; and whether all its letters and digits are in it."""
    decomposed = unicodedata.normalize("NFKD", text[:1_000].casefold().translate(UNFOLDED))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    name = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
    return f"x_{name}" if name[:1].isdigit() else name, not any(c.isalnum() and not c.isascii() for c in bare)


def _told_apart(texts: Sequence[str], names: Sequence[str], digest: Callable[[str], str]) -> list[str]:
    """The names, with a digest where several are alike: all of them get one, for the first has no better right."""
    alike = Counter(names)
    return [
        name if alike[name] == 1 or text == name or not text.strip() else _ending(name, digest(text))
        for text, name in zip(texts, names, strict=True)
    ]


def _numbered(names: Iterable[str]) -> tuple[str, ...]:
    numbered: dict[str, None] = {}
    last: dict[str, int] = {}
    for wanted in names:
        name = wanted
        while name in numbered:
            last[wanted] = last.get(wanted, 1) + 1
            name = _ending(wanted, str(last[wanted]))
        numbered[name] = None
    return tuple(numbered)


def _ending(name: str, ending: str) -> str:
    return f"{name[: LONGEST - len(ending) - 1].rstrip('_')}_{ending}"


def _digest(text: str) -> str:
    """Of the text as one reads it: large and small letters, and ways of encoding them, make no difference."""
    words = " ".join(text.split())
    return _exact_digest(unicodedata.normalize("NFKC", words[:1_000].casefold()) + words[1_000:])


def _exact_digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
