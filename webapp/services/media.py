"""The parts for images and videos, which a desk need not have."""

from collections.abc import Mapping
from importlib.util import find_spec

from webapp.authoring import JobError

MISSING = (
    "This desk lacks the part for images and videos ({name}). Ask your administrator to install batchdesk[media], "
    "and to start the desk again."
)


def lacks(module: str, name: str, beside: str) -> Mapping[str, str]:
    """What to say beside a field of the form if a library is not installed; nothing if it is."""
    return {} if find_spec(module) else {beside: MISSING.format(name=name)}


def require(module: str, name: str) -> None:
    """The same for a worker on another machine than the one that took the job.

    Raises:
        JobError: it is not installed there.
    """
    if not find_spec(module):
        raise JobError(MISSING.format(name=name))


def sized(count: int) -> str:
    """Bytes, as file managers show them."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"  # noqa: PLR2004
