"""Exceptions that a job's author did not foresee: a sentence for the operator, the details for the administrator."""

import traceback

MAX_KEPT = 5
MAX_DETAIL = 20_000


OWN_CODE = "The job's own code made an error and stopped. Tell an administrator: the details are kept for them."


MEMORY = "The job ran out of the memory that it may take. Ask the job's developer for more, or hand in a smaller file."


def own_code(error: BaseException) -> str:
    """What the operator reads about a job that this exception stopped."""
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
