"""Names of the source made into words for the operator."""

import re
from typing import Final

_SHORT = 2
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""What jobs and queues may be called."""

_TITLES: Final[dict[str, str]] = {}


def title_of(name: str) -> str:
    """A title for a name: `list_name` becomes `List name`; a short code in capitals stays as it is."""
    if name.isupper() and len(name) <= _SHORT:
        return name
    return name.strip("_").replace("_", " ").lower().capitalize()


def call_job(name: str, title: str) -> None:
    """Have this process know what people call a kind of job."""
    _TITLES[name] = title


def job_title(name: str) -> str:
    """What people call a kind of job, also where there is no registry at hand; of one that was not loaded, its name."""
    return _TITLES.get(name) or title_of(name)
