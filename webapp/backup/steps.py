"""How whoever waits is told what goes on."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from webapp.store.database import database_said

Tick = Callable[[int], object]
"""Called with the bytes that have gone by since the last time."""

Step = Callable[[str, int], AbstractContextManager[Tick]]
"""Begins a step: its words, and the bytes that it is about."""


def unreadable(error: Exception) -> str:
    """The sentence for a database that does not work."""
    return f"The desk's database can't be used: {database_said(error)}"
