"""Exceptions that a job's author did not foresee: a sentence for the operator, the details for the administrator."""

import re
import traceback

from webapp.authoring import InWords

MAX_KEPT = 5
MAX_DETAIL = 20_000


OWN_CODE = "The job's own code made an error and stopped. Tell an administrator: the details are kept for them."


MEMORY = "The job ran out of the memory that it may take. Ask the job's developer for more, or hand in a smaller file."


TRIED = "It was tried {tries} times, and was given up: {what}. Tell an administrator: the details are kept for them."
"""Of what a job type has tried again, once it is not any more."""

_KINDS = (
    ("Timeout", "what it called did not answer in time"),
    ("Connect", "what it called could not be reached"),
    ("PermissionError", "it was not allowed to do something"),
    ("FileNotFoundError", "something that it needs was not there"),
)


def kind_of(error: BaseException) -> str:
    """What kind of error an exception is, for people who read no code: by its name, or that of what it is based on."""
    names = [each.__name__ for each in type(error).__mro__]
    for part, words in _KINDS:
        if any(part in name for name in names):
            return words
    words = " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", names[0])).lower()
    return f"it came to “{words or names[0]}”"


def own_code(error: BaseException) -> str:
    """What the operator reads about a job that this exception stopped."""
    if isinstance(error, InWords):
        return str(error)
    return MEMORY if isinstance(error, MemoryError) else OWN_CODE


class Failures:
    """Gathers the first unforeseen exceptions of an attempt."""

    def __init__(self) -> None:
        self._details: list[str] = []
        self._count = 0

    def sentence(self, error: BaseException, where: str) -> str:
        """Keep an exception's details; what the operator is told instead."""
        self._count += 1
        if len(self._details) < MAX_KEPT:
            self._details.append(f"{where}:\n" + "".join(traceback.format_exception(error))[-MAX_DETAIL:])
        if isinstance(error, MemoryError):
            return "The job ran out of the memory that it may take here. Ask the job's developer for more memory."
        return "The job's own code made an error here; your row may well be right. Tell an administrator."

    @property
    def detail(self) -> str | None:
        """What the administrator reads; None if there were none."""
        if not self._details:
            return None
        more = self._count - len(self._details)
        return "\n".join(self._details) + (f"\nand {more} more" if more else "")
