"""How whoever waits is told what goes on."""

from collections.abc import Callable
from contextlib import AbstractContextManager

Tick = Callable[[int], object]
"""Called with the bytes that have gone by since the last time."""

Step = Callable[[str, int], AbstractContextManager[Tick]]
"""Begins a step: its words, and the bytes that it is about."""
