"""What a row job can show before its start: what a row will come to, and a try with one row for the operator alone."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sight:
    """What one row will come to.

    Attributes:
        facts: Pairs of a name and a text, such as To and an address.
        text: What it will be, as text.
        html: The same as HTML; it is shown where nothing of it can run or be fetched.
    """

    facts: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str | None = None


Preview = Callable[..., Sight]
"""Called with `row`, `given` (the parameters by name) and `settings`; may raise `Rejected` or `Skipped`."""

Trial = Callable[..., str]
"""Called with `to` (where the operator wants it) besides; does it, and returns a sentence that says what was done."""
