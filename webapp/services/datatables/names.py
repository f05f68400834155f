"""Names of tables and columns: whatever a file's header says becomes a name that is safe to write anywhere."""

import re
import unicodedata
from collections.abc import Iterable

from webapp.authoring import JobError

PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
"""What every name of ours looks like: lower case, within the 63 bytes PostgreSQL keeps of a name."""

LONGEST = 63
RESERVED = ("sqlite_", "batchdesk_", "pg_")


def safe_name(text: str) -> str:
    """The name made of `text`: "Unit Price (€)" becomes unit_price, "Größe" becomes grosse.

    Returns:
        A name that matches PATTERN, or "" if nothing of the text can stand in a name.
    """
    decomposed = unicodedata.normalize("NFKD", text[:1_000].casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    name = re.sub(r"[^a-z0-9]+", "_", bare).strip("_")
    if name[:1].isdigit():
        name = f"x_{name}"
    return name[:LONGEST].rstrip("_")


def safe_names(texts: Iterable[str]) -> tuple[str, ...]:
    """One name for each text; a name that comes again gets a number, one that is empty becomes column_3."""
    names: dict[str, None] = {}
    for position, text in enumerate(texts, 1):
        name = wanted = safe_name(text) or f"column_{position}"
        number = 2
        while name in names:
            ending = f"_{number}"
            name = wanted[: LONGEST - len(ending)] + ending
            number += 1
        names[name] = None
    return tuple(names)


def table_name(text: str) -> str:
    """The safe name of a table.

    Raises:
        JobError: nothing of the text can stand in a name, or the name is reserved.
    """
    name = safe_name(text)
    if not name:
        raise JobError(f"“{text[:80]}” cannot be the name of a table: use letters from a to z, for example contacts.")
    if name.startswith(RESERVED):
        raise JobError(f"The name {name} is reserved: choose one that does not begin with {' or '.join(RESERVED)}.")
    return name
