"""Names of the source made into words for the operator."""

import re
from typing import Final

_SHORT = 2
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""What jobs and queues may be called."""


def title_of(name: str) -> str:
    """A title for a name: `list_name` becomes `List name`; a short code in capitals stays as it is."""
    if name.isupper() and len(name) <= _SHORT:
        return name
    return name.strip("_").replace("_", " ").lower().capitalize()
