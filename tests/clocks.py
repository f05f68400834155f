"""A machine's clock that a test sets, while what measures time goes on as it does in reality."""

from collections.abc import Mapping
from pathlib import Path

import pytest

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)

needs_faketime = pytest.mark.skipif(LIBRARY is None, reason="faketime is not installed: scripts/apt faketime")


class MovedClock:
    """The clock of the processes that are started with its `environment`, and of all that they start."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.move(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to go by it."""
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def move(self, seconds: int) -> None:
        """Set it so much before or after the true time; it is seen within a second."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{seconds:+d}")
        part.rename(self._file)
