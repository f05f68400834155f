"""Where a function stands, for the messages about it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from webapp.authoring.errors import AuthoringError


@dataclass(frozen=True, slots=True)
class Place:
    """A function's name, file and line."""

    function: str
    file: str
    line: int

    def mistake(self, what: str, parameter: str | None = None) -> AuthoringError:
        """The error about the function, or about one of its parameters."""
        where = f"{self.function} ({Path(self.file).name}:{self.line})"
        return AuthoringError(f"parameter '{parameter}' of {where} {what}" if parameter else f"{where} {what}")


def place_of(function: Callable[..., object]) -> Place:
    """Where the function was defined."""
    code = inspect.unwrap(function).__code__
    return Place(function.__name__, code.co_filename, code.co_firstlineno)
